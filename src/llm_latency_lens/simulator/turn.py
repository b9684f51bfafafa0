"""
One turn of a script: the draws that a single request gets.

Draws are seeded by the script and the number of the request, so neither other requests nor
their order change them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from random import Random

from llm_latency_lens.simulator.delays import Delay
from llm_latency_lens.simulator.fault import Fault
from llm_latency_lens.simulator.script import Script

__all__ = ["Turn"]

_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Turn:
    """The *number*-th request of a script, counted from 0, one of *in_progress*."""

    script: Script
    number: int
    in_progress: int = 1

    @property
    def status(self) -> int:
        """The HTTP status of this request."""
        if self.script.at_most is not None and self.in_progress > self.script.at_most:
            return _TOO_MANY
        return self.script.status[self.number % len(self.script.status)]

    @property
    def fault(self) -> Fault | None:
        """What goes wrong in this request; None when all goes well."""
        return self.script.fault[self.number % len(self.script.fault)]

    @property
    def ttft_ns(self) -> int:
        """The wait for the first token."""
        return self._stretched(self.script.ttft.draw_ns(self.number, self._random("ttft")))

    @property
    def latency_ns(self) -> int | None:
        """The wait for an answer in one piece; None where the script names none."""
        if self.script.latency is None:
            return None
        return self._stretched(self.script.latency.draw_ns(self.number, self._random("latency")))

    def gaps_ns(self) -> Iterator[int]:
        """Yield the waits between the events, without end."""
        return self._waits_ns(self.script.itl, "itl")

    def replay_gaps_ns(self) -> Iterator[int]:
        """Yield the waits before the pieces of a replay, without end; without one, nothing."""
        if self.script.replay is None:
            return iter(())
        return self._waits_ns(self.script.replay.delays, "replay")

    def whole_ns(self, steps: int) -> int:
        """Return the wait for an answer of *steps* events that is sent in one piece."""
        latency_ns = self.latency_ns
        if latency_ns is not None:
            return latency_ns
        return self.ttft_ns + sum(islice(self.gaps_ns(), max(0, steps - 1)))

    def _waits_ns(self, delay: Delay, purpose: str) -> Iterator[int]:
        random = self._random(purpose)
        for position in count():
            yield self._stretched(delay.draw_ns(position, random))

    def _stretched(self, delay_ns: int) -> int:
        """Return a delay beside as many requests as there are."""
        knee = self.script.knee
        if knee is None or self.in_progress <= knee:
            return delay_ns
        return delay_ns * self.in_progress // knee

    def _random(self, purpose: str) -> Random:
        # Seeded by text, which gives the same stream in every process.
        return Random(f"{self.script.seed}/{self.number}/{purpose}")  # noqa: S311 - delays only
