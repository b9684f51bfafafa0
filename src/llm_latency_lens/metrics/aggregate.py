"""
Aggregate: all that a set of samples says, as one value that merges.

Which samples belong in it is the caller's matter: warm-up, fixtures and doubles are left out
before.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from typing import Any

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.metrics.distribution import EXACT, Distribution
from llm_latency_lens.metrics.sums import CostSum, TokenSum
from llm_latency_lens.metrics.tally import Tally
from llm_latency_lens.samples import Sample

__all__ = ["COUNTS", "TIMES", "Aggregate"]

TIMES = ("latency", "ttft", "ttfo", "itl", "tpot", "wire_ttft")
COUNTS = (
    "calls",
    "ok",
    "errors",
    "timeouts",
    "cut",
    "cancelled",
    "streamed",
    "single_event",
    "no_usage",
    "retries",
    "attempts",
    "failed_attempts",
    "cancelled_attempts",
)
_Limits = Mapping[str, tuple[Fraction | int, ...]]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """
    Distributions, counts and sums of a set of calls. All times are nanoseconds.

    A failed call (error, timeout or cut) has an infinite latency. A time that it did not reach,
    though it was to be streamed, is infinite as well; one that it reached is real. A cancelled
    call counts by the times that it reached and has no latency.

    Attributes:
        latency: What the caller waited for the whole answer.
        ttft: Time to first token, streamed calls only.
        ttfo: Time to first token that is not reasoning, streamed calls only.
        itl: Gaps between tokens of all calls, pooled; a failed call adds none of its own.
        tpot: Time per output token of each streamed answer. A streamed call that failed is
            infinite and a cancelled one is left out: the usage that either told, if any, was
            no final count.
        wire_ttft: As ``ttft``, from the last byte of the request on.
        calls: All calls; the sum of the next five.
        ok: Calls that succeeded.
        errors: Calls that the provider or the network refused.
        timeouts: Calls that took longer than their client waited.
        cut: Calls whose body broke off.
        cancelled: Calls that their consumer closed early.
        streamed: Calls that were streamed.
        single_event: Streamed answers without ``tpot``: one event or one token has no pace.
        no_usage: Streamed answers without ``tpot``: their number of tokens is not known.
        retries: Attempts after the first of each call.
        attempts: Attempts of all calls, of which each HTTP exchange is one.
        failed_attempts: Those that failed, also where a retry then made the call succeed.
        cancelled_attempts: Those that their consumer closed early.
        errors_by_type: Type and number of each kind of failure, by type. A failure without a
            type of its own goes by its status.
        tokens: Tokens of all calls.
        cost: Cost of all calls.
    """

    latency: Distribution = field(default_factory=Distribution)
    ttft: Distribution = field(default_factory=Distribution)
    ttfo: Distribution = field(default_factory=Distribution)
    itl: Distribution = field(default_factory=Distribution)
    tpot: Distribution = field(default_factory=Distribution)
    wire_ttft: Distribution = field(default_factory=Distribution)
    calls: int = 0
    ok: int = 0
    errors: int = 0
    timeouts: int = 0
    cut: int = 0
    cancelled: int = 0
    streamed: int = 0
    single_event: int = 0
    no_usage: int = 0
    retries: int = 0
    attempts: int = 0
    failed_attempts: int = 0
    cancelled_attempts: int = 0
    errors_by_type: tuple[tuple[str, int], ...] = ()
    tokens: TokenSum = field(default_factory=TokenSum)
    cost: CostSum = field(default_factory=CostSum)

    @classmethod
    def of(
        cls, samples: Iterable[Sample], limits: Mapping[str, Iterable[Fraction | int]] | None = None
    ) -> "Aggregate":
        """
        Return the aggregate of *samples*; of none, it is the neutral element of merging.

        Samples are taken as they come, never more than some thousands at a time. *limits* are
        the limits of budgets by time metric, such as ``{"latency": (2_000_000_000,)}``: what is
        over them is counted exactly at any size.

        Raises:
            ValueError: *limits* names no time metric.
        """
        if unknown := set(limits or {}) - set(TIMES):
            raise ValueError(f"limits on {sorted(unknown)}: known are {', '.join(TIMES)}")
        named = {name: tuple(some) for name, some in (limits or {}).items()}
        source = iter(samples)
        whole = _of_few(tuple(islice(source, EXACT)), named)
        while few := tuple(islice(source, EXACT)):
            whole = whole.merge(_of_few(few, named))
        return whole

    @classmethod
    def of_tally(cls, tally: Tally) -> "Aggregate":
        """Return the aggregate of the calls of *tally*."""
        times: dict[str, Any] = {name: tally.times(name) for name in TIMES}
        return cls(**times, **tally.counts)

    def merge(self, other: "Aggregate") -> "Aggregate":
        """
        Return the aggregate of the calls of both.

        Associative and commutative, and equal to the aggregate of all their samples.

        Raises:
            ValueError: The two were counted over different limits.
        """
        types = Counter(dict(self.errors_by_type))
        types.update(dict(other.errors_by_type))
        return Aggregate(
            **{name: getattr(self, name).merge(getattr(other, name)) for name in TIMES},
            **{name: getattr(self, name) + getattr(other, name) for name in COUNTS},
            errors_by_type=_ordered(types),
            tokens=self.tokens.merge(other.tokens),
            cost=self.cost.merge(other.cost),
        )

    @property
    def judged(self) -> int:
        """Calls that the rates speak of: all but the cancelled, which nobody waited for."""
        return self.calls - self.cancelled

    @property
    def failed(self) -> int:
        """Calls that count as infinitely slow: errors, timeouts and cut ones."""
        return self.errors + self.timeouts + self.cut

    @property
    def success_rate(self) -> float:
        """
        Share of the judged calls that succeeded, from 0 to 1.

        Raises:
            EmptyAggregate: There is no call, or each was cancelled.
        """
        return self._share(self.ok)

    @property
    def error_rate(self) -> float:
        """
        Share of the judged calls that failed in any way, timeouts included, from 0 to 1.

        Raises:
            EmptyAggregate: There is no call, or each was cancelled.
        """
        return self._share(self.failed)

    @property
    def timeout_rate(self) -> float:
        """
        Share of the judged calls that timed out, from 0 to 1.

        Raises:
            EmptyAggregate: There is no call, or each was cancelled.
        """
        return self._share(self.timeouts)

    @property
    def judged_attempts(self) -> int:
        """Attempts that their rate speaks of: all but the cancelled."""
        return self.attempts - self.cancelled_attempts

    @property
    def attempt_error_rate(self) -> float:
        """
        Share of the judged attempts that failed in any way, from 0 to 1.

        Retries that rescue their call hide an ailing provider from ``error_rate``; not here.

        Raises:
            EmptyAggregate: No attempt was seen, or each was cancelled.
        """
        if self.judged_attempts == 0:
            raise EmptyAggregate("no attempt, or each was cancelled: there is nothing to rate")
        return self.failed_attempts / self.judged_attempts

    def _share(self, hits: int) -> float:
        if self.judged == 0:
            raise EmptyAggregate("no call, or each was cancelled: there is nothing to rate")
        return hits / self.judged


def _of_few(calls: tuple[Sample, ...], limits: _Limits) -> Aggregate:
    return Aggregate.of_tally(Tally(calls, limits))


def _ordered(types: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(types.items()))
