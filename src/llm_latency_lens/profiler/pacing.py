"""
Pacing: holds a call back until its schedule, its concurrency and the rate limits let it start.

Every pace stands between the runner and its calls: ``start`` before a call, ``again`` before a
retry, ``attempt_ended`` and ``call_ended`` after them.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from llm_latency_lens.clock import Clock
from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler.adaptive_limit import AdaptiveLimit
from llm_latency_lens.profiler.allowance import Allowance
from llm_latency_lens.profiler.failures import Failure, FailureKind
from llm_latency_lens.profiler.schedules import Adaptive, AtConcurrency, Schedule
from llm_latency_lens.profiler.seen_limits import tokens_of
from llm_latency_lens.results import Level
from llm_latency_lens.samples import Sample

if TYPE_CHECKING:
    from anyio import CapacityLimiter

__all__ = ["Pace", "pace_of"]

_NS_PER_S = 1_000_000_000
_CONGESTION = frozenset({FailureKind.RATE_LIMIT, FailureKind.OVERLOAD})


class Pace(Protocol):
    """Decides when calls start. Calls are known by their number."""

    async def start(self, number: int) -> int | None:
        """Wait until the call may start; return when it was to start, if a schedule fixed that."""
        ...

    async def again(self, number: int) -> None:
        """Wait until a retry of the call may start."""
        ...

    def attempt_ended(self, number: int, answer: Sample | Failure | None) -> None:
        """
        Take the end of an attempt.

        That is the answer as a sample, what it failed of, or None if nothing can be learned.
        """
        ...

    def call_ended(self, number: int) -> None:
        """Take the end of a call."""
        ...


def pace_of(
    schedule: Schedule, clock: Clock, per_second: float | None, by_turn: Sequence[Allowance] = ()
) -> "Pace":
    """
    Return the pace of a run that starts now, with at most *per_second* starts if given.

    Calls take turns between what *by_turn* says of their models' own limits.
    """
    allowance = Allowance(per_second)
    if isinstance(schedule, AtConcurrency):
        return _ClosedPace(schedule.concurrency, clock, allowance)
    if isinstance(schedule, Adaptive):
        return _AdaptivePace(schedule, clock, allowance, by_turn or (Allowance(),))
    return _OpenPace(schedule(), clock)


class _OpenPace:
    """Starts each call when it was to start, late ones at once; none is left out."""

    def __init__(self, starts: Iterator[int], clock: Clock) -> None:
        self._starts = starts
        self._clock = clock
        self._begun_ns = clock.now_ns()

    async def start(self, number: int) -> int:
        start_ns = next(self._starts, None)
        if start_ns is None:
            raise UsageError(
                f"schedule= ended after {number} starts, and more are needed; it has to yield "
                "starts without end"
            )
        intended_ns = self._begun_ns + round(start_ns)
        await _sleep_until(intended_ns, self._clock)
        return intended_ns

    async def again(self, number: int) -> None:
        """Retries are not scheduled."""

    def attempt_ended(self, number: int, answer: Sample | Failure | None) -> None:
        """Whatever becomes of a call, the next one starts on time."""

    def call_ended(self, number: int) -> None:
        """As above."""


class _ClosedPace:
    """Keeps a number of calls in progress; a call that waits for its retry is in progress."""

    def __init__(self, concurrency: int, clock: Clock, allowance: Allowance) -> None:
        self._limiter = _limiter(concurrency)
        self._clock = clock
        self._allowance = allowance

    async def start(self, number: int) -> None:
        await self._limiter.acquire_on_behalf_of(number)
        await _admit(self._clock, self._allowance)

    async def again(self, number: int) -> None:  # noqa: ARG002 - the Protocol's
        await _admit(self._clock, self._allowance)

    def attempt_ended(self, number: int, answer: Sample | Failure | None) -> None:
        """A fixed concurrency learns nothing: what it meets is what is measured."""

    def call_ended(self, number: int) -> None:
        self._limiter.release_on_behalf_of(number)


class _AdaptivePace:
    """
    Keeps as many attempts in progress as the limit says, and heeds what the provider tells.

    Attributes:
        levels: The limit over time, one entry a change.
    """

    def __init__(
        self,
        schedule: Adaptive,
        clock: Clock,
        allowance: Allowance,
        by_turn: Sequence[Allowance],
    ) -> None:
        self._limit = AdaptiveLimit(schedule.start, schedule.lowest, schedule.highest)
        self._limiter = _limiter(schedule.start)
        self._clock = clock
        self._begun_ns = clock.now_ns()
        self._own = allowance
        self._by_turn = by_turn
        # The number that the limit gave each attempt in progress.
        self._begun: dict[int, int] = {}
        self.levels: list[Level] = [Level(0, schedule.start, 0)]

    async def start(self, number: int) -> None:
        await self.again(number)

    async def again(self, number: int) -> None:
        await self._limiter.acquire_on_behalf_of(number)
        # Several that waited are let in at once; when the first is refused the limit has fallen.
        while self._limiter.borrowed_tokens > self._limiter.total_tokens:
            self._limiter.release_on_behalf_of(number)
            await self._limiter.acquire_on_behalf_of(number)
        try:
            await _admit(self._clock, self._own, self._of(number))
        except BaseException:
            self._limiter.release_on_behalf_of(number)
            raise
        self._begun[number] = self._limit.begin(self._limiter.borrowed_tokens)

    def attempt_ended(self, number: int, answer: Sample | Failure | None) -> None:
        begun = self._begun.pop(number)
        in_progress = self._limiter.borrowed_tokens
        self._limiter.release_on_behalf_of(number)
        now_ns = self._clock.now_ns()
        allowance = self._of(number)
        if isinstance(answer, Sample):
            last = answer.attempts[-1]
            self._limit.succeeded(begun, last.ended_ns - last.started_ns)
            allowance.spent(tokens_of(answer))
            allowance.learn(answer.rate_limits, self._under_way(allowance), now_ns)
        elif answer is not None:
            if answer.kind in _CONGESTION:
                self._limit.dropped(begun, in_progress)
                if answer.retry_after_ns:
                    allowance.close(now_ns + answer.retry_after_ns)
            allowance.learn(answer.rate_limits, self._under_way(allowance), now_ns)
        if self._limit.limit != self.levels[-1].limit:
            self._limiter.total_tokens = self._limit.limit
            self.levels.append(Level(now_ns - self._begun_ns, self._limit.limit, in_progress))

    def call_ended(self, number: int) -> None:
        if self._begun.pop(number, None) is not None:
            self._limiter.release_on_behalf_of(number)

    def _of(self, number: int) -> Allowance:
        """Return what limits the model that a call goes to."""
        return self._by_turn[number % len(self._by_turn)]

    def _under_way(self, allowance: Allowance) -> int:
        return sum(self._of(number) is allowance for number in self._begun)


async def _admit(clock: Clock, *allowances: Allowance) -> None:
    while wait_ns := max(allowance.wait_ns(clock.now_ns()) for allowance in allowances):
        await _sleep_until(clock.now_ns() + wait_ns, clock)
    for allowance in allowances:
        allowance.take(clock.now_ns())


async def _sleep_until(moment_ns: int, clock: Clock) -> None:
    from anyio import sleep  # noqa: PLC0415 - see runner

    wait_ns = moment_ns - clock.now_ns()
    # Also when late: a run that cannot keep up must not starve the calls in progress.
    await sleep(max(wait_ns, 0) / _NS_PER_S)


def _limiter(tokens: int) -> "CapacityLimiter":
    from anyio import CapacityLimiter  # noqa: PLC0415 - see runner

    return CapacityLimiter(tokens)
