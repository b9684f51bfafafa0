"""Events: what a profiler tells while it runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.results import ProfileResult
from llm_latency_lens.samples import Sample

__all__ = ["EVENTS", "CallEnded", "CallFailed", "Completed", "Event", "Progress", "Started"]


@dataclass(frozen=True, slots=True)
class Started:
    """
    The run begins; event ``start``.

    Attributes:
        total_iterations: Calls that will be made, warm-up left out.
        warmup: Calls before them that do not count.
        loop: How calls are started, such as ``closed loop, concurrency 5``.
    """

    total_iterations: int
    warmup: int
    loop: str


@dataclass(frozen=True, slots=True)
class Progress:
    """
    A call that counts has ended; event ``progress``.

    Attributes:
        completed: Calls that have ended.
        total: Calls that will be made.
        sample: The call.
        result: The result, with the last progress of a stream; else None.
    """

    completed: int
    total: int
    sample: Sample
    result: ProfileResult | None = None

    @property
    def percentage(self) -> float:
        """How much of the run is done, from 0 to 100."""
        return 100 * self.completed / self.total


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A call ended, well or not; event ``result``. Warm-up is told as well, by its phase."""

    result: Sample


@dataclass(frozen=True, slots=True)
class CallFailed:
    """
    A call failed; event ``error``, before its ``result``.

    Attributes:
        error: The exception of the SDK or its HTTP library; None where a time limit ended the call.
        result: The call as a sample.
    """

    error: BaseException | None
    result: Sample


@dataclass(frozen=True, slots=True)
class Completed:
    """
    The run is over, also when it was stopped; event ``complete``.

    Attributes:
        result: What was measured; ``result.is_partial`` when the run was stopped.
        duration_ms: Wall time of the run.
    """

    result: ProfileResult
    duration_ms: float


Event = Started | Progress | CallEnded | CallFailed | Completed

EVENTS: dict[str, type[Any]] = {
    "start": Started,
    "progress": Progress,
    "result": CallEnded,
    "error": CallFailed,
    "complete": Completed,
}
"""The events by the name that they are asked for with."""

Listener = Callable[[Any], None]
