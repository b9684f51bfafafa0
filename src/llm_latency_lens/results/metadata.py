"""Metadata: which run a result comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Ending", "Level", "Response", "RunMetadata"]


class Ending(StrEnum):
    """
    How a run ended.

    ``complete``: all calls were made. ``enough``: its stop condition wanted no further call, as
    when its budgets were settled. ``stopped``: it was told to stop. ``interrupted``: it was
    cancelled, as by Ctrl-C.
    """

    COMPLETE = "complete"
    ENOUGH = "enough"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Level:
    """The adapted concurrency at one moment, from the start of the run."""

    at_ns: int
    limit: int
    in_progress: int


@dataclass(frozen=True, slots=True)
class RunMetadata:
    """
    Where a result comes from.

    Attributes:
        loop: How calls were started, such as ``closed loop, concurrency 5``. A closed loop does
            not see what an open stream of users would have waited.
        ending: Whether all calls were made.
        planned: Calls that were to be made.
        wall_ns: Start of the run in nanoseconds since the Unix epoch.
        duration_ns: Wall time of the run, warm-up included.
        levels: The adapted concurrency, one entry a change; empty where it was fixed.
        words: The caller's own words about the request.
    """

    loop: str
    ending: Ending
    planned: int
    wall_ns: int
    duration_ns: int
    levels: tuple[Level, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """
    What a call brought; kept on request only.

    Attributes:
        sample_id: The call.
        content: The text of the answer, as far as it came.
        tokens: Output tokens as the provider counted them.
        model_version: Model as the answer named it.
        finish_reason: Why it ended, in the provider's word.
    """

    sample_id: str
    content: str = field(repr=False)
    tokens: int | None
    model_version: str
    finish_reason: str | None
