"""
Settling: one budget with a confidence, on runs counted in the order of their start.

A count may settle a budget after any run; what came after that run is not looked at. So the
verdict does not depend on how many calls happened to be in flight.
"""

import math
from dataclasses import replace
from fractions import Fraction

from llm_latency_lens import verdicts
from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.certainty import Certainty
from llm_latency_lens.budgets.counting import bound, counted_quantile, run_sizes
from llm_latency_lens.budgets.evidence import Evidence
from llm_latency_lens.budgets.units import Unit
from llm_latency_lens.budgets.verdict import Ruling, Verdict
from llm_latency_lens.budgets.words import Metric
from llm_latency_lens.metrics import Distribution, rank

__all__ = ["compiled_rule", "judge_mean", "settle", "why_no_pass"]

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
_RULINGS = {verdicts.Side.PASS: Ruling.KEPT, verdicts.Side.FAIL: Ruling.BROKEN}


def compiled_rule(budget: Budget, certainty: Certainty, n_max: int) -> verdicts.Rule | None:
    """Return the rule that settles the budget; None where no count of runs does."""
    q = counted_quantile(budget)
    if q is None or certainty.confidence is None:
        return None
    return verdicts.sequential(q, certainty.confidence, n_max, certainty.tolerance)


def why_no_pass(budget: Budget, certainty: Certainty, n_max: int) -> str:
    """Return why no count of so many runs can prove the budget kept; empty where one can."""
    rule = compiled_rule(budget, certainty, n_max)
    q, confidence = counted_quantile(budget), certainty.confidence
    if rule is None or rule.first_pass() is not None or q is None or confidence is None:
        return ""
    needed = verdicts.runs_to_pass(q, confidence, 0, certainty.tolerance)
    return (
        f"{budget.word.name} cannot be proven kept at confidence={float(confidence):g} with "
        f"iterations={n_max}: it will break or stay not settled; a pass takes "
        f"iterations={needed} with none over"
    )


def settle(
    verdict: Verdict, budget: Budget, seen: Evidence, certainty: Certainty, rule: verdicts.Rule
) -> Verdict:
    """
    Return *verdict* with the ruling of a counted budget and the count behind it.

    Args:
        verdict: What is known without counting: the budget and its limit.
        budget: A budget that counts.
        seen: The calls that it looks at and all runs.
        certainty: How sure the ruling must be.
        rule: The rule that :func:`compiled_rule` gave.
    """
    limit = bound(budget)
    sizes = [size for size in run_sizes(budget, seen) if size is not None]
    flags = [size > limit for size in sizes]
    count = rule.count(flags)
    counted = flags[: count.n]
    ruling = Ruling.NOT_SETTLED if count.side is None else _RULINGS[count.side]
    found = replace(
        verdict,
        ruling=ruling,
        observed=_observed(budget, sizes[: count.n]),
        n=count.n,
        k=count.k,
        confidence=float(certainty.confidence or 0),
        tolerance=float(certainty.tolerance),
        is_per_run=budget.word.metric is Metric.RUN or _calls_of(seen) > len(seen.run_ns),
        planned=rule.n_max,
        unmade=rule.n_max - len(seen.run_ns),
        fails_at=rule.fail_at[rule.n_max],
        fails_unsettled=certainty.fails_unsettled,
        burst_chance=verdicts.burst_chance(counted),
    )
    return found if count.side else _with_needs(found, budget, certainty)


def judge_mean(verdict: Verdict, times: Distribution, limit: Fraction, sure: Certainty) -> Verdict:
    """
    Return the verdict on a mean that is above its *limit*, when asked to be sure.

    Student's one-sided t test on the fail side: a mean that may be above by chance is not
    settled. One at or below its limit keeps its plain verdict.
    """
    if verdict.ruling is not Ruling.BROKEN or sure.confidence is None or times.infinite:
        return verdict
    stddev = times.stddev
    is_sure = stddev is not None and verdicts.mean_chance(
        float(Fraction(times.total, times.n) - limit), stddev, times.n
    ) <= float(1 - sure.confidence)
    return replace(
        verdict,
        ruling=Ruling.BROKEN if is_sure else Ruling.NOT_SETTLED,
        confidence=float(sure.confidence),
        fails_unsettled=sure.fails_unsettled,
    )


def _with_needs(verdict: Verdict, budget: Budget, certainty: Certainty) -> Verdict:
    """Add how many runs a pass would take, where more runs would have been of use."""
    q, confidence = counted_quantile(budget), certainty.confidence
    if verdict.unmade or q is None or confidence is None:
        return verdict

    def needed(over: int) -> int:
        return verdicts.runs_to_pass(q, confidence, over, certainty.tolerance)

    over = max((verdict.k or 0) - 1, 0)
    while needed(over) <= (verdict.planned or 0):
        over += 1
    return replace(verdict, pass_over=over, pass_runs=needed(over), pass_runs_next=needed(over + 1))


def _observed(budget: Budget, sizes: list[float]) -> float | None:
    if not sizes:
        return None
    if budget.word.metric is Metric.RELIABILITY:
        return sum(sizes) / len(sizes)
    size = sorted(sizes)[rank(budget.word.quantile or 1, len(sizes)) - 1]
    if budget.word.unit is Unit.RATE:
        return _NS_PER_S / max(size, 1)
    return None if math.isinf(size) else size / _NS_PER_MS


def _calls_of(seen: Evidence) -> int:
    return len(seen.body)
