"""
Judging: one budget on the evidence of one test.

Plain mode: every call is made, then the sample percentile (nearest rank) is compared with the
limit. Nothing turns green for want of evidence: no call, a failed call, an unknown price and an
answer that was not streamed each break the budget that needed them.
"""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from llm_latency_lens import verdicts
from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.evidence import Evidence
from llm_latency_lens.budgets.units import Limit, Unit
from llm_latency_lens.budgets.verdict import Ruling, Verdict
from llm_latency_lens.budgets.words import Metric
from llm_latency_lens.metrics import Aggregate, Distribution
from llm_latency_lens.pricing import why_unpriced
from llm_latency_lens.samples import Sample, Status, Taint

__all__ = ["judge", "judge_all"]

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000


def judge_all(budgets: Iterable[Budget], evidence: Evidence) -> tuple[Verdict, ...]:
    """Return the verdict on each budget, in the order given."""
    return tuple(judge(budget, evidence) for budget in budgets)


def judge(budget: Budget, evidence: Evidence) -> Verdict:
    """Return the verdict on *budget*, given all that its test did."""
    if budget.word.metric is Metric.RUN:
        return _judge_runs(budget, evidence.run_ns)
    covered = evidence.only(budget.covers)
    if (missing := _judge_missing(budget, evidence, covered)) is not None:
        return missing
    # What was spent was spent, whatever is odd about the call.
    is_total = budget.word.name == "cost"
    seen = covered if is_total else covered.only(lambda one: not budget.excludes(one))
    excluded = len(covered.body) - len(seen.body)
    if not is_total and not seen.body:
        reason = f"every call is excluded, {excluded} in all ({', '.join(budget.exclude)})"
        return _verdict(budget, Ruling.BROKEN, excluded=excluded, reason=reason)
    verdict = replace(_judge_calls(budget, seen), excluded=excluded)
    return verdict if budget.allow_mocked else _without_doubles(verdict, seen.body)


def _judge_runs(budget: Budget, run_ns: tuple[int, ...]) -> Verdict:
    if not run_ns:
        return _verdict(budget, _ruling_of_nothing(budget), reason="nothing was run")
    return _judge_times(budget, Distribution.of(run_ns, limits=_limits_ns(budget)), "run")


def _judge_calls(budget: Budget, seen: Evidence) -> Verdict:
    if budget.word.metric is Metric.COST:
        return _judge_cost(budget, seen)
    if budget.word.metric is Metric.RELIABILITY:
        return _judge_share(budget, seen.body)
    if budget.word.metric is Metric.CALLS:
        return _judge_count(budget, seen)
    return _judge_metric(budget, seen.body)


def _without_doubles(verdict: Verdict, body: tuple[Sample, ...]) -> Verdict:
    """A budget that a double kept says nothing about the provider."""
    mocked = sum(Taint.MOCKED in one.taints for one in body)
    if not mocked or verdict.ruling is not Ruling.KEPT:
        return verdict
    return replace(
        verdict,
        ruling=Ruling.ERROR,
        reason=f"{mocked} of {len(body)} calls were answered by a double or a recording, not by "
        "a provider; say allow_mocked=True where that is meant",
    )


def _judge_missing(budget: Budget, evidence: Evidence, seen: Evidence) -> Verdict | None:
    is_total = budget.word.name == "cost"
    calls = seen.samples if is_total else seen.body
    if not calls:
        return _verdict(budget, _ruling_of_nothing(budget), reason=_no_call(budget, evidence))
    # A total is what it is, whichever run it was spent in.
    if (empty := evidence.runs_without_call) and not is_total:
        runs = len(evidence.run_ns)
        return _verdict(
            budget,
            Ruling.BROKEN,
            n=len(calls),
            reason=f"{empty} of {runs} runs made no provider call: an answer that comes from a "
            "cache says nothing about the provider; switch the cache off in this test",
        )
    return None


def _no_call(budget: Budget, evidence: Evidence) -> str:
    if evidence.body and (budget.provider or budget.model):
        wanted = " ".join(filter(None, (budget.provider, budget.model)))
        others = sorted({f"{one.provider} {one.model}" for one in evidence.body})
        return f"no call to {wanted} was seen; seen were {', '.join(others)}"
    return (
        "no provider call was seen: either none was made, or it went to a server that is not "
        "recognised; name that one with the ini option lens_hosts"
    )


def _judge_metric(budget: Budget, body: tuple[Sample, ...]) -> Verdict:
    metric = budget.word.metric.value
    aggregate = Aggregate.of(body, {metric: _limits_ns(budget)})
    distribution: Distribution = getattr(aggregate, metric)
    if not distribution.n:
        return _verdict(budget, Ruling.BROKEN, reason=_nothing_measured(budget, aggregate))
    if budget.word.unit is Unit.RATE:
        return _judge_rate(budget, distribution)
    return _judge_times(budget, distribution, "call")


def _limits_ns(budget: Budget) -> tuple[int, ...]:
    """Return what is to be counted while values are recorded, so that no size makes it a guess."""
    if budget.word.unit is Unit.RATE:
        return (_slowest_ns(budget),)
    return () if budget.word.quantile is None else (int(budget.limit),)


def _slowest_ns(budget: Budget) -> int:
    """A rate of at least r tokens a second is a time per token of at most 1/r."""
    return int(_NS_PER_S / Fraction(budget.limit))


def _nothing_measured(budget: Budget, aggregate: Aggregate) -> str:
    if budget.word.metric is Metric.LATENCY:
        return "no call ran to its end: each was cancelled by the code that made it"
    if not aggregate.streamed:
        return "not streamed: the answers came whole, so tokens have no times; ask for a stream"
    if budget.word.metric is Metric.TTFO:
        return "no answer held an output token"
    if budget.word.metric is Metric.ITL:
        return (
            "no gaps between single tokens: events carried several tokens each, or the answers "
            "told no usage; budget tpot_* instead, or ask the provider for usage in streams"
        )
    if budget.word.metric is Metric.TPOT:
        return (
            "no answer with two events or more and a known number of tokens; "
            "ask the provider for usage in streams"
        )
    return "no token arrived"


def _judge_times(budget: Budget, times: Distribution, unit_name: str) -> Verdict:
    if budget.word.quantile is not None:
        return _judge_quantile(budget, times, budget.word.quantile, int(budget.limit))
    # The mean of what succeeded would look better with every call that fails.
    if times.infinite:
        reason = f"{times.infinite} of {times.n} {unit_name}s failed, so the mean has no end"
        return _verdict(budget, Ruling.BROKEN, n=times.n, reason=reason)
    mean = Fraction(times.total, times.n)
    return _verdict(
        budget,
        _ruling(mean <= budget.limit),
        observed=_outside(budget.word.unit, mean),
        n=times.n,
    )


def _judge_quantile(budget: Budget, times: Distribution, q: Fraction, limit: int) -> Verdict:
    found = verdicts.plain(q, times.n, times.over(limit))
    seen = times.quantile(q)
    return _with_counts(
        _verdict(
            budget,
            _ruling(found.holds),
            observed=None if seen is None else _outside(Unit.TIME, seen),
        ),
        found,
    )


def _judge_rate(budget: Budget, tpot: Distribution) -> Verdict:
    q = budget.word.quantile or Fraction(1)
    found = verdicts.plain(q, tpot.n, tpot.over(_slowest_ns(budget)))
    seen = tpot.quantile(q)
    observed = 0.0 if seen is None else _NS_PER_S / max(seen, 1)
    return _with_counts(_verdict(budget, _ruling(found.holds), observed=observed), found)


def _judge_cost(budget: Budget, seen: Evidence) -> Verdict:
    calls = seen.samples if budget.word.name == "cost" else seen.body
    unpriced = [sample for sample in calls if sample.cost is None]
    spent = Evidence(tuple(calls)).spent_usd
    observed = spent if budget.word.name == "cost" else spent / len(calls)
    verdict = _verdict(
        budget, _ruling(observed <= budget.limit), observed=float(observed), n=len(calls)
    )
    if unpriced and verdict.ruling is Ruling.KEPT:
        return replace(
            verdict,
            ruling=Ruling.ERROR,
            observed=None,
            reason=f"the cost of {len(unpriced)} of {len(calls)} calls is unknown: "
            f"{why_unpriced(unpriced[0])}",
        )
    return verdict


def _judge_share(budget: Budget, body: tuple[Sample, ...]) -> Verdict:
    timeouts_only = budget.word.name == "timeout_rate"
    judged = [one.outcome for one in body if one.outcome.status is not Status.CANCELLED]
    if not judged:
        return _verdict(budget, Ruling.BROKEN, reason="each call was cancelled by its caller")
    hits = sum(
        outcome.status is Status.TIMEOUT if timeouts_only else outcome.failed for outcome in judged
    )
    n, limit = len(judged), Fraction(budget.limit)
    low, high = verdicts.clopper_pearson(hits, n)
    allowed = int(limit * n)
    return _verdict(
        budget,
        _ruling(hits <= allowed),
        observed=hits / n,
        n=n,
        k=hits,
        allowed=allowed,
        share_low=low,
        share_high=high,
    )


def _judge_count(budget: Budget, seen: Evidence) -> Verdict:
    most = seen.most_calls_in_a_run
    return _verdict(budget, _ruling(most <= budget.limit), observed=float(most), n=seen.runs)


def _with_counts(verdict: Verdict, found: verdicts.PlainVerdict) -> Verdict:
    low, high = found.interval
    return replace(
        verdict,
        n=found.n,
        k=found.k,
        allowed=found.allowed,
        share_low=low,
        share_high=high,
        one_call_decides=found.one_call_decides,
    )


def _ruling_of_nothing(budget: Budget) -> Ruling:
    return Ruling.NOT_JUDGED if budget.inherited else Ruling.BROKEN


def _ruling(holds: bool) -> Ruling:
    return Ruling.KEPT if holds else Ruling.BROKEN


def _outside(unit: Unit, value: Limit) -> float:
    return float(value) / _NS_PER_MS if unit is Unit.TIME else float(value)


def _verdict(budget: Budget, ruling: Ruling, **evidence: object) -> Verdict:
    return Verdict(
        word=budget.word.name,
        ruling=ruling,
        written=budget.written,
        unit=budget.word.unit.value,
        limit=_outside(budget.word.unit, budget.limit),
        provider=budget.provider,
        model=budget.model,
        **evidence,  # type: ignore[arg-type]
    )
