"""
The adaptive limit: how many calls in progress are worth having. Plain arithmetic, no clock.

It looks for the largest number at which each further call still adds throughput, from two signs:

*The provider refuses* (rate limit, overload). What was refused was one too many. The limit falls
below it at once, climbs back to the largest number that was accepted, and stays there; only after
a long quiet time it tries one more, as each such trial costs a refused call.

*Calls slow down.* The median time of a call in a round at a full limit is held against the
shortest median so far. Throughput is calls in progress over time a call (Little's law), so where
that time grows in proportion, more calls only wait longer. If it does not recover once the limit
has been lowered, the calls were not the reason: the provider became slower for everybody, and
the limit goes back up. Where calls stay a little slower, a round at four fifths of the limit now
and then measures the shortest time anew, for providers have better and worse hours; a time at the
full limit would not do, as each would excuse a little more waiting than the one before.

It grows only after a round in which all of it was used.
(Compare Gradient2 and AIMD in Netflix' concurrency-limits.)
"""

from math import ceil
from statistics import median

__all__ = ["AdaptiveLimit"]

# A round is as many calls as are in progress; a median of fewer than this says little.
_FEWEST_IN_ROUND = 10
# In between, throughput neither grows nor is the provider congested.
_STILL_GROWS = 1.07
_CONGESTED = 1.25
_RELIEVED = 0.95
# While nothing has been in the way yet; when what was in the way is gone; and otherwise.
_FIRST_GROWTH = 1.5
_FAST_GROWTH = 1.25
_SLOW_GROWTH = 1.05
_SHRINK = 0.9
_LEAST_SHRINK = 0.6
# Refusals while settled are then one of this many calls.
_QUIET_CALLS = 200
_QUIET_ROUNDS = 10
# The shortest time is measured anew after as many rounds, at this part of the limit.
_ROUNDS_BETWEEN_PROOFS = 50
_IN_DOUBT = 1.05
_PROOF = 0.8


class AdaptiveLimit:
    """
    The number of calls in progress to aim at, between *lowest* and *highest*.

    A permit to call ends as ``succeeded``, ``dropped`` or not at all: a call that failed for a
    reason of its own says nothing about the limit.
    """

    __slots__ = (
        "_ceiling",
        "_changed_at",
        "_fell_at",
        "_growth",
        "_highest",
        "_is_used",
        "_limit",
        "_lowest",
        "_proven_limit",
        "_quiet",
        "_relief",
        "_round_ns",
        "_rounds",
        "_shortest_ns",
        "_started",
    )

    def __init__(self, start: int, lowest: int, highest: int) -> None:
        self._limit = float(start)
        self._lowest = lowest
        self._highest = highest
        # The largest number that is known to be accepted; None until a call was refused.
        self._ceiling: int | None = None
        self._growth = _FIRST_GROWTH
        self._is_used = False
        self._quiet = 0
        self._round_ns: list[int] = []
        self._shortest_ns = float("inf")
        self._rounds = 0
        # The limit to return to after a round that measures the shortest time.
        self._proven_limit: float | None = None
        # Limit and time before the limit fell for congestion, to be proved by the next round.
        self._relief: tuple[float, float] | None = None
        # Calls are numbered by start: those from before a change say nothing of what is now.
        self._started = 0
        self._fell_at = 0
        self._changed_at = 0

    @property
    def limit(self) -> int:
        """How many calls may be in progress."""
        return int(self._limit)

    def begin(self, in_progress: int) -> int:
        """Count a call that starts as one of *in_progress*; return its number."""
        self._started += 1
        self._is_used = self._is_used or in_progress >= self.limit
        return self._started

    def succeeded(self, number: int, took_ns: int) -> None:
        """The call was answered after *took_ns*."""
        self._quiet += 1
        if number <= self._changed_at:
            return  # it ran beside more or fewer calls than now
        self._round_ns.append(took_ns)
        if len(self._round_ns) >= max(self.limit, _FEWEST_IN_ROUND):
            self._end_round(median(self._round_ns))

    def dropped(self, number: int, in_progress: int) -> None:
        """The provider refused the call, one of *in_progress*, for there were too many."""
        if number <= self._fell_at:
            return
        self._growth = _SLOW_GROWTH
        self._quiet = 0
        self._relief = self._proven_limit = None
        accepted = max(min(in_progress - 1, self.limit), self._lowest)
        self._ceiling = accepted
        self._fall_to(accepted * _SHRINK)

    def _end_round(self, took_ns: float) -> None:
        was_used, self._is_used = self._is_used, False
        self._round_ns = []
        self._rounds += 1
        if self._proven_limit is not None:
            limit, self._proven_limit = self._proven_limit, None
            self._start_over(took_ns, limit)
            return
        if self._relief is not None:
            limit, before_ns = self._relief
            self._relief = None
            if took_ns > before_ns * _RELIEVED:
                # Fewer calls took as long: the provider is slower, and not for our sake.
                self._start_over(took_ns, limit)
                return
        self._shortest_ns = min(self._shortest_ns, took_ns)
        slower = took_ns / max(self._shortest_ns, 1)
        if slower > _CONGESTED:
            self._growth = _SLOW_GROWTH
            self._relief = (self._limit, took_ns)
            self._fall_to(self._limit * max(_LEAST_SHRINK, _STILL_GROWS / slower))
        elif self._rounds >= _ROUNDS_BETWEEN_PROOFS and slower > _IN_DOUBT:
            self._proven_limit = self._limit
            self._set(ceil(self._limit * _PROOF))
        elif was_used and slower <= _STILL_GROWS:
            self._grow()

    def _start_over(self, shortest_ns: float, limit: float) -> None:
        self._shortest_ns = shortest_ns
        self._rounds = 0
        self._set(limit)

    def _grow(self) -> None:
        if self._ceiling is not None and self.limit >= self._ceiling:
            if self._quiet < max(_QUIET_CALLS, _QUIET_ROUNDS * self.limit):
                return
            # One more, and if that is accepted for a round the ceiling is gone.
            if self.limit == self._ceiling:
                self._set(self._ceiling + 1)
                return
            self._ceiling = None
            self._growth = _FAST_GROWTH
        if self._growth > _SLOW_GROWTH:
            self._set(max(self._limit * self._growth, self._limit + 1))
            return
        grown = max(self._limit * _SLOW_GROWTH, self._limit + 1)
        self._set(grown if self._ceiling is None else min(grown, self._ceiling))

    def _fall_to(self, limit: float) -> None:
        self._set(limit)
        self._fell_at = self._started

    def _set(self, limit: float) -> None:
        self._limit = float(min(max(limit, self._lowest), self._highest))
        self._changed_at = self._started
        self._round_ns = []
        self._is_used = False
