"""Turns: who runs next, in one order for all threads and tasks of a loop."""

import threading
from typing import Protocol

__all__ = ["Stop", "Turns"]


class Stop(Protocol):
    """
    Decides whether another run is wanted; asked by one thread at a time.

    A run is one call of a :class:`~llm_latency_lens.LatencyProfiler`, or one execution of a
    callable. Runs are numbered from zero in the order of their start; warm-up has no number.
    """

    def warmed_up(self) -> None:
        """Take notice that the warm-up is over."""
        ...

    def may_begin(self, number: int) -> bool:
        """Return whether run *number* is wanted; it begins at once if so."""
        ...

    def ended(self, number: int, run_ns: int) -> None:
        """Take notice that a run has ended."""
        ...


class Turns:
    """
    Hands out the numbers of runs, each once and in their order, until no more are wanted.

    Number and start go together, so the order of numbers is the order of starts.
    """

    def __init__(self, iterations: int, stop: Stop | None) -> None:
        self._left = iter(range(iterations))
        self._stop = stop
        self._lock = threading.Lock()
        self._is_closed = False
        self._run_ns: dict[int, int] = {}

    def take(self) -> int | None:
        """Return the number of the next run; None when there is none."""
        with self._lock:
            number = None if self._is_closed else next(self._left, None)
            if number is not None and self._stop and not self._stop.may_begin(number):
                self._is_closed = True
                return None
            return number

    def ended(self, number: int, run_ns: int) -> None:
        """Take the wall time of a run."""
        with self._lock:
            self._run_ns[number] = run_ns
            if self._stop:
                self._stop.ended(number, run_ns)

    def close(self) -> None:
        """Let no more runs begin."""
        self._is_closed = True

    def times_ns(self) -> tuple[int, ...]:
        """Return the wall times of the runs that ended, in the order of their start."""
        return tuple(self._run_ns[number] for number in sorted(self._run_ns))
