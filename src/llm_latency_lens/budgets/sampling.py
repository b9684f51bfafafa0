"""
Sampling: whether a test needs another run, told as its runs go on.

Only the runs up to the first whose outcome is not known count, in the order of their start. With
several in flight the fast ones end first: counting whatever has ended would pass nearly
everything. A run is known when it has ended, or earlier, when it has been in flight for longer
than its limit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from llm_latency_lens import verdicts
from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.certainty import Certainty
from llm_latency_lens.budgets.counting import bound, counted_quantile, run_size
from llm_latency_lens.budgets.settling import compiled_rule
from llm_latency_lens.budgets.words import Metric
from llm_latency_lens.samples import Sample

__all__ = ["Sampling"]


@dataclass(slots=True)
class _Progress:
    """The count of one budget; *flags* has None for a run that counts in neither."""

    budget: Budget
    rule: verdicts.Rule | None
    flags: dict[int, bool | None] = field(default_factory=dict)
    next_run: int = 0
    n: int = 0
    k: int = 0
    side: verdicts.Side | None = None

    def advance(self) -> None:
        """Count on, up to the first run that is not known or settles it."""
        while self.side is None and self.next_run in self.flags:
            is_over = self.flags.pop(self.next_run)
            self.next_run += 1
            if is_over is None:
                continue
            self.n, self.k = self.n + 1, self.k + is_over
            if self.rule is None:
                self.side = verdicts.Side.FAIL if is_over else None
            else:
                self.side = self.rule.side(self.n, self.k)


class Sampling:
    """
    The budgets of one test while its runs go on.

    Without a confidence every run is wanted. With one, no more are wanted when a budget is
    broken, or when all that count are settled; maxima, means and totals hold up nothing. In
    both cases a run that could cross a cap on the total cost is not wanted.

    Attributes:
        is_capped: Whether a run was refused because of its cost.
    """

    def __init__(self, budgets: Iterable[Budget], certainty: Certainty, n_max: int) -> None:
        self.is_capped = False
        budgets = tuple(budgets)
        self._caps = [one for one in budgets if one.word.name == "cost"]
        self._spent = [Decimal(0)] * len(self._caps)
        self._dearest = [Decimal(0)] * len(self._caps)
        watched = [one for one in budgets if _breaks_at_once(one) or counted_quantile(one)]
        self._progress = [
            _Progress(one, compiled_rule(one, certainty, n_max))
            for one in watched
            if certainty.confidence is not None
        ]

    @property
    def has_caps(self) -> bool:
        """Whether the total cost is limited."""
        return bool(self._caps)

    def spent(self, samples: Iterable[Sample], *, is_run: bool) -> None:
        """Take what calls cost: those of one run, or of warm-up and fixtures."""
        calls = tuple(samples)
        for index, cap in enumerate(self._caps):
            cost = sum(
                (one.cost.total_usd for one in calls if one.cost and cap.covers(one)), Decimal(0)
            )
            self._spent[index] += cost
            if is_run:
                self._dearest[index] = max(self._dearest[index], cost)

    def ended(self, number: int, run_ns: int, samples: Sequence[Sample]) -> None:
        """Take a run that counts and has ended, with its calls."""
        for progress in self._progress:
            size = run_size(progress.budget, run_ns, samples)
            # What was seen beyond its limit while in flight stays so.
            progress.flags.setdefault(
                number, None if size is None else size > bound(progress.budget)
            )

    def is_settled(
        self,
        now_ns: int = 0,
        runs: Mapping[int, int] | None = None,
        calls: Mapping[int, Sequence[int]] | None = None,
    ) -> bool:
        """
        Return whether no further run is wanted.

        Args:
            now_ns: The time.
            runs: Of each run in flight, when it began.
            calls: Of each run in flight, when its calls in flight began.
        """
        for progress in self._progress:
            for number in _over_in_flight(progress.budget, now_ns, runs or {}, calls or {}):
                if number >= progress.next_run:
                    progress.flags[number] = True
            progress.advance()
        counted = [one.side for one in self._progress if one.rule is not None]
        if any(one.side is verdicts.Side.FAIL for one in self._progress):
            return True
        return bool(counted) and None not in counted

    def may_cost(self, in_flight: int = 0) -> bool:
        """
        Return whether another run keeps every cap, if it and those in flight cost the most seen.

        A cap that was crossed already lets none begin.
        """
        is_within = all(
            spent + dearest * (in_flight + 1) <= Decimal(str(cap.limit))
            for cap, spent, dearest in zip(self._caps, self._spent, self._dearest, strict=True)
        )
        self.is_capped = self.is_capped or not is_within
        return is_within


def _breaks_at_once(budget: Budget) -> bool:
    """Whether a single call breaks it: a maximum, no failure at all, calls of a run."""
    word = budget.word
    if word.metric is Metric.RELIABILITY:
        return budget.limit == 0
    return word.metric is Metric.CALLS or (word.quantile == 1 and word.metric is not Metric.ITL)


def _over_in_flight(
    budget: Budget, now_ns: int, runs: Mapping[int, int], calls: Mapping[int, Sequence[int]]
) -> list[int]:
    """Return the runs in flight that are over the limit already, whatever becomes of them."""
    limit = bound(budget)
    if budget.word.metric is Metric.RUN:
        return [number for number, began_ns in runs.items() if now_ns - began_ns > limit]
    # Which calls a filter means is known from the answer; a token may have come unread.
    if budget.word.metric is not Metric.LATENCY or budget.is_narrowed:
        return []
    return [
        number
        for number, began in calls.items()
        if any(now_ns - began_ns > limit for began_ns in began)
    ]
