"""
The only reader of time.

Durations come from a monotonic clock in integer nanoseconds. The wall clock is read once
a call, to date its price and its sample; it is never subtracted.
"""

import time
from typing import Protocol

__all__ = ["Clock", "ManualClock", "SystemClock"]


class Clock(Protocol):
    """A source of monotonic and of wall time, both in integer nanoseconds."""

    def now_ns(self) -> int:
        """Return monotonic nanoseconds; only differences have a meaning."""
        ...

    def wall_ns(self) -> int:
        """Return nanoseconds since the Unix epoch."""
        ...


class SystemClock:
    """The machine's own clocks."""

    __slots__ = ()

    # The functions themselves, so that a stamp costs one call and no Python frame.
    now_ns = staticmethod(time.perf_counter_ns)
    wall_ns = staticmethod(time.time_ns)


class ManualClock:
    """
    A clock that moves only when told to, for tests of everything that measures.

    Both times start at the given values and advance together.
    """

    __slots__ = ("_now_ns", "_wall_ns")

    def __init__(self, now_ns: int = 0, wall_ns: int = 1_700_000_000_000_000_000) -> None:
        self._now_ns = now_ns
        self._wall_ns = wall_ns

    def now_ns(self) -> int:
        """Return the monotonic time as last set."""
        return self._now_ns

    def wall_ns(self) -> int:
        """Return the wall time as last set."""
        return self._wall_ns

    def advance_ms(self, milliseconds: float) -> None:
        """Move both clocks forward."""
        step = round(milliseconds * 1_000_000)
        self._now_ns += step
        self._wall_ns += step
