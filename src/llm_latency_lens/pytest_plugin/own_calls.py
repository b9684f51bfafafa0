"""Own calls: what the lens asks a model itself, for a test."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from llm_latency_lens.clock import SystemClock
from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler import (
    SCHEDULING,
    WORDS,
    ClosedLoop,
    Configuration,
    Job,
    LatencyProfiler,
    SendCall,
    open_calls,
)
from llm_latency_lens.pytest_plugin.recorder import Recorder

__all__ = ["OwnCalls", "split_words"]


class OwnCalls:
    """Makes calls that are priced and limited as those of the test are."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def profiler(self, job: Job, loop: ClosedLoop, how: Mapping[str, Any]) -> LatencyProfiler:
        """
        Return what asks *job* as often as *loop* says, in the way that *how* says.

        Raises:
            UsageError: A word of *how* cannot be used.
        """
        starts = {word: how[word] for word in SCHEDULING if how.get(word) is not None}
        if not starts or loop.concurrency > 1:
            starts["concurrency"] = loop.concurrency
        return LatencyProfiler(
            targets=[job.target],
            prices=self._recorder.price,
            observer=self._recorder.new_observer(),
            **{**how, **starts, "iterations": loop.iterations, "warmup": loop.warmup},
        )

    def open(self, job: Job, configuration: Configuration) -> AbstractAsyncContextManager[SendCall]:
        """Open what asks *job* once for each time that it is called."""
        return open_calls(
            job,
            configuration,
            observer=self._recorder.new_observer(),
            price=self._recorder.price,
            clock=SystemClock(),
        )


def split_words(
    words: Mapping[str, Any], job: Job | None, **always: object
) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    Return the words that say how calls are made, *always* among them, and those of budgets.

    Raises:
        UsageError: There are some of the first kind and no *job*, so that the lens makes no call.
    """
    how = {word: value for word, value in words.items() if word in WORDS}
    if how and job is None:
        raise UsageError(
            f"{min(how)}= says how the lens makes calls: it goes with provider=, model= and "
            "prompt=, not with a callable"
        )
    return {**always, **how}, {word: value for word, value in words.items() if word not in how}
