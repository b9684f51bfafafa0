"""
Plain judging: all calls are made, then a number is compared with the limit.

A percentile is compared by counting the calls over the limit; the count is what is shown.
"""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from llm_latency_lens import verdicts
from llm_latency_lens.budgets.bare_verdict import bare_verdict, outside, ruling_on
from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.counting import bound, call_size
from llm_latency_lens.budgets.evidence import Evidence
from llm_latency_lens.budgets.units import Unit
from llm_latency_lens.budgets.verdict import Ruling, Verdict
from llm_latency_lens.budgets.words import Metric
from llm_latency_lens.metrics import Distribution
from llm_latency_lens.pricing import why_unpriced
from llm_latency_lens.samples import Sample, Status

__all__ = ["burst_chance", "judge_cost", "judge_count", "judge_share", "judge_times"]

_NS_PER_S = 1_000_000_000


def judge_times(budget: Budget, times: Distribution, unit_name: str) -> Verdict:
    """Return the verdict on a percentile, a mean, a maximum or a rate of *times*."""
    if budget.word.quantile is not None:
        return _judge_quantile(budget, times, budget.word.quantile)
    # The mean of what succeeded would look better with every call that fails.
    if times.infinite:
        reason = f"{times.infinite} of {times.n} {unit_name}s failed, so the mean has no end"
        return bare_verdict(budget, Ruling.BROKEN, n=times.n, reason=reason)
    mean = Fraction(times.total, times.n)
    return bare_verdict(
        budget,
        ruling_on(mean <= budget.limit),
        observed=outside(budget.word.unit, mean),
        n=times.n,
    )


def judge_cost(budget: Budget, seen: Evidence) -> Verdict:
    """Return the verdict on the total or mean cost; an unknown price is no cost of zero."""
    is_total = budget.word.name == "cost"
    calls = seen.samples if is_total else seen.body
    unpriced = [sample for sample in calls if sample.cost is None]
    spent = Evidence(tuple(calls)).spent_usd
    observed = spent if is_total else spent / len(calls)
    verdict = bare_verdict(
        budget, ruling_on(observed <= budget.limit), observed=float(observed), n=len(calls)
    )
    if verdict.ruling is not Ruling.KEPT:
        return verdict
    if unpriced:
        return replace(
            verdict,
            ruling=Ruling.ERROR,
            observed=None,
            reason=f"the cost of {len(unpriced)} of {len(calls)} calls is unknown: "
            f"{why_unpriced(unpriced[0])}",
        )
    if is_total and seen.is_capped:
        made, wanted = len(seen.run_ns), seen.n_max
        return replace(
            verdict,
            ruling=Ruling.BROKEN,
            reason=f"{made} of {wanted} runs were made, as another could have crossed it; allow "
            "more or lower iterations",
        )
    return verdict


def judge_share(budget: Budget, body: tuple[Sample, ...]) -> Verdict:
    """Return the verdict on an error or timeout rate."""
    timeouts_only = budget.word.name == "timeout_rate"
    judged = [one.outcome for one in body if one.outcome.status is not Status.CANCELLED]
    hits = sum(
        outcome.status is Status.TIMEOUT if timeouts_only else outcome.failed for outcome in judged
    )
    n, limit = len(judged), Fraction(budget.limit)
    low, high = verdicts.clopper_pearson(hits, n)
    allowed = int(limit * n)
    return bare_verdict(
        budget,
        ruling_on(hits <= allowed),
        observed=hits / n,
        n=n,
        k=hits,
        allowed=allowed,
        share_low=low,
        share_high=high,
    )


def judge_count(budget: Budget, seen: Evidence) -> Verdict:
    """Return the verdict on the number of calls of a run."""
    most = seen.most_calls_in_a_run
    return bare_verdict(
        budget, ruling_on(most <= budget.limit), observed=float(most), n=len(seen.run_ns)
    )


def burst_chance(budget: Budget, body: Iterable[Sample]) -> float | None:
    """Return how likely the calls over the limit stand together so much; None for gaps."""
    if budget.word.metric is Metric.ITL:
        return None
    limit = bound(budget)
    in_order = sorted(body, key=lambda one: one.timeline.started_ns)
    sizes = (call_size(budget, one) for one in in_order)
    return verdicts.burst_chance(size > limit for size in sizes if size is not None)


def _judge_quantile(budget: Budget, times: Distribution, q: Fraction) -> Verdict:
    found = verdicts.plain(q, times.n, times.over(bound(budget)))
    low, high = found.interval
    verdict = bare_verdict(
        budget,
        ruling_on(found.holds),
        observed=_shown(budget, times.quantile(q)),
        n=found.n,
        k=found.k,
        allowed=found.allowed,
        share_low=low,
        share_high=high,
        one_call_decides=found.one_call_decides,
    )
    if q == 1:
        return verdict
    ends = verdicts.interval_ranks(q, times.n)
    least, most = (None if one is None else _shown(budget, times.at(one)) for one in ends)
    if budget.word.unit is Unit.RATE:
        # The slowest call is the lowest rate.
        least, most = most, least
    return replace(
        verdict,
        percentile_low=least,
        percentile_high=most,
        calls_to_bound=verdicts.calls_to_bound(q),
    )


def _shown(budget: Budget, size: int | None) -> float | None:
    """Return a time as a number of the budget's unit; a rate of nothing is zero."""
    if budget.word.unit is Unit.RATE:
        return 0.0 if size is None else _NS_PER_S / max(size, 1)
    return None if size is None else outside(Unit.TIME, size)
