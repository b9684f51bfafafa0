"""The profiler for code without an event loop."""

from collections.abc import Iterable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler.closed_loop import is_loop_running
from llm_latency_lens.profiler.events import Progress
from llm_latency_lens.profiler.outcome import BatchResult
from llm_latency_lens.profiler.request import Request
from llm_latency_lens.results import ProfileResult

if TYPE_CHECKING:
    from llm_latency_lens.profiler.latency_profiler import LatencyProfiler

__all__ = ["SyncProfiler"]

_PATIENCE_S = 0.05


class SyncProfiler:
    """
    Runs a :class:`~llm_latency_lens.LatencyProfiler` in an event loop of its own.

    Ctrl-C breaks off the calls in progress and is raised; what had been measured by then is the
    profiler's ``result``.
    """

    def __init__(self, profiler: "LatencyProfiler") -> None:
        self._profiler = profiler

    def profile(self, prompt: str | Request, **words: Any) -> ProfileResult:
        """
        Do as :meth:`~llm_latency_lens.LatencyProfiler.profile` does.

        Raises:
            UsageError: Called inside a running event loop.
        """
        _refuse_loop("profile")
        import asyncio  # noqa: PLC0415 - see runner

        return asyncio.run(self._profiler.profile(prompt, **words))

    def batch(self, requests: Iterable[str | Request], **words: Any) -> BatchResult:
        """
        Do as :meth:`~llm_latency_lens.LatencyProfiler.batch` does.

        Raises:
            UsageError: Called inside a running event loop.
        """
        _refuse_loop("batch")
        import asyncio  # noqa: PLC0415 - see runner

        return asyncio.run(self._profiler.batch(requests, **words))

    def stream(self, prompt: str | Request, **words: Any) -> Iterator[Progress]:
        """
        Do as :meth:`~llm_latency_lens.LatencyProfiler.stream` does.

        The calls are made in a thread of their own.

        Raises:
            UsageError: Called inside a running event loop.
        """
        _refuse_loop("stream")
        import asyncio  # noqa: PLC0415 - see runner

        told: SimpleQueue[Progress | BaseException | None] = SimpleQueue()

        async def tell() -> None:
            async for progress in self._profiler.stream(prompt, **words):
                told.put(progress)

        def work() -> None:
            try:
                asyncio.run(tell())
            except BaseException as fault:
                told.put(fault)
            else:
                told.put(None)

        thread = Thread(target=work, name="llm-latency-lens")
        thread.start()
        try:
            while (one := told.get()) is not None:
                if isinstance(one, BaseException):
                    raise one
                yield one
        finally:
            # Again and again: a run that is still getting ready does not hear the first.
            while thread.is_alive():
                self._profiler.stop(now=True)
                thread.join(_PATIENCE_S)


def _refuse_loop(name: str) -> None:
    if is_loop_running():
        raise UsageError(
            f"sync.{name} cannot wait inside a running event loop: "
            f"use 'await profiler.{name}(...)' there, or 'async for' with stream"
        )
