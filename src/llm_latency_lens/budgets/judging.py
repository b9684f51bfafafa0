"""
Judging: one budget on the evidence of one test.

Nothing turns green for want of evidence: no call, a failed call, an unknown price and an answer
that was not streamed each break the budget that needed them.
"""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from llm_latency_lens.budgets.bare_verdict import bare_verdict
from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.certainty import PLAIN, Certainty
from llm_latency_lens.budgets.counting import bound
from llm_latency_lens.budgets.evidence import Evidence
from llm_latency_lens.budgets.plain_judging import (
    burst_chance,
    judge_cost,
    judge_count,
    judge_share,
    judge_times,
)
from llm_latency_lens.budgets.settling import compiled_rule, judge_mean, settle
from llm_latency_lens.budgets.verdict import Ruling, Verdict
from llm_latency_lens.budgets.words import Metric
from llm_latency_lens.metrics import Distribution, Tally
from llm_latency_lens.samples import Sample, Status, Taint
from llm_latency_lens.verdicts import Rule, at_least

__all__ = ["judge", "judge_all"]


def judge_all(
    budgets: Iterable[Budget], evidence: Evidence, certainty: Certainty = PLAIN
) -> tuple[Verdict, ...]:
    """Return the verdict on each budget, in the order given."""
    return tuple(judge(budget, evidence, certainty) for budget in budgets)


def judge(budget: Budget, evidence: Evidence, certainty: Certainty = PLAIN) -> Verdict:
    """
    Return the verdict on *budget*, given all that its test did.

    With a confidence a budget that counts is settled run by run; others are compared as ever.
    """
    if budget.word.metric is Metric.RUN:
        return _beyond_chance(_judge_runs(budget, evidence, certainty), budget, certainty)
    covered = evidence.only(budget.covers)
    if (missing := _judge_missing(budget, evidence, covered)) is not None:
        return missing
    # What was spent was spent, whatever is odd about the call.
    is_total = budget.word.name == "cost"
    seen = covered if is_total else covered.only(lambda one: not budget.excludes(one))
    excluded = len(covered.body) - len(seen.body)
    if not is_total and not seen.body:
        reason = f"every call is excluded, {excluded} in all ({', '.join(budget.exclude)})"
        return bare_verdict(budget, Ruling.BROKEN, excluded=excluded, reason=reason)
    verdict = _beyond_chance(_judge_calls(budget, seen, certainty), budget, certainty)
    verdict = replace(verdict, excluded=excluded)
    return verdict if budget.allow_mocked else _without_doubles(verdict, seen.body)


def _beyond_chance(verdict: Verdict, budget: Budget, certainty: Certainty) -> Verdict:
    """Return the verdict on a percentile that chance alone must not break."""
    q = budget.word.quantile
    if budget.chance_below is None or q is None or verdict.ruling is not Ruling.BROKEN:
        return verdict
    if not verdict.k:
        return verdict
    is_sure = at_least(verdict.k, verdict.n, float(1 - q)) <= float(budget.chance_below)
    return replace(
        verdict,
        ruling=Ruling.BROKEN if is_sure else Ruling.NOT_SETTLED,
        confidence=float(1 - budget.chance_below),
        fails_unsettled=certainty.fails_unsettled,
    )


def _judge_runs(budget: Budget, evidence: Evidence, certainty: Certainty) -> Verdict:
    if not evidence.run_ns:
        return bare_verdict(budget, _ruling_of_nothing(budget), reason="nothing was run")
    rule = compiled_rule(budget, certainty, evidence.n_max)
    if rule is not None:
        return settle(bare_verdict(budget, Ruling.NOT_SETTLED), budget, evidence, certainty, rule)
    times = Distribution.of(evidence.run_ns, limits=_bounds(budget))
    return judge_mean(judge_times(budget, times, "run"), times, Fraction(budget.limit), certainty)


def _judge_calls(budget: Budget, seen: Evidence, certainty: Certainty) -> Verdict:
    if budget.word.metric is Metric.COST:
        return _judge_cost(budget, seen, certainty)
    if budget.word.metric is Metric.CALLS:
        return judge_count(budget, seen)
    if (reason := _nothing_to_judge(budget, seen.body)) is not None:
        return bare_verdict(budget, Ruling.BROKEN, reason=reason)
    rule = compiled_rule(budget, certainty, seen.n_max)
    if rule is not None:
        return _settle_calls(budget, seen, certainty, rule)
    if budget.word.metric is Metric.RELIABILITY:
        verdict = judge_share(budget, seen.body)
    else:
        times = _times_of(budget, seen.body)
        verdict = judge_times(budget, times, "call")
        if budget.word.quantile is None:
            return judge_mean(verdict, times, Fraction(budget.limit), certainty)
    return replace(verdict, burst_chance=burst_chance(budget, seen.body))


def _judge_cost(budget: Budget, seen: Evidence, certainty: Certainty) -> Verdict:
    verdict = judge_cost(budget, seen)
    if budget.word.name == "cost":
        return verdict
    # In whole units of 1e-15 USD, so that the sums stay exact.
    costs = Distribution.of(
        round(one.cost.total_usd * _UNITS_PER_USD) for one in seen.body if one.cost
    )
    limit = Fraction(budget.limit) * _UNITS_PER_USD
    return judge_mean(verdict, costs, limit, certainty) if costs.n else verdict


def _settle_calls(budget: Budget, seen: Evidence, certainty: Certainty, rule: Rule) -> Verdict:
    verdict = bare_verdict(budget, Ruling.NOT_SETTLED, confidence=float(certainty.confidence or 0))
    strays = sum(one.run < 0 for one in seen.body)
    if strays:
        reason = (
            f"{strays} of {len(seen.body)} calls cannot be told to belong to one of several runs "
            "in progress; use concurrency=1, or call in the task or thread of the run"
        )
        return replace(verdict, ruling=Ruling.ERROR, n=len(seen.body), reason=reason)
    return settle(verdict, budget, seen, certainty, rule)


_UNITS_PER_USD = 10**15


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
        return bare_verdict(budget, _ruling_of_nothing(budget), reason=_no_call(budget, evidence))
    # A total is what it is, whichever run it was spent in.
    if (empty := evidence.runs_without_call) and not is_total:
        runs = len(evidence.run_ns)
        return bare_verdict(
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


def _times_of(budget: Budget, body: tuple[Sample, ...]) -> Distribution:
    metric = budget.word.metric.value
    return Tally(body, {metric: _bounds(budget)}).times(metric)


def _nothing_to_judge(budget: Budget, body: tuple[Sample, ...]) -> str | None:
    """Return why no call can be judged; None where one can."""
    if budget.word.metric is Metric.RELIABILITY:
        if all(one.outcome.status is Status.CANCELLED for one in body):
            return "each call was cancelled by its caller"
        return None
    if _times_of(budget, body).n:
        return None
    return _nothing_measured(budget, body)


def _bounds(budget: Budget) -> tuple[int, ...]:
    """Return what is to be counted while values are recorded, so that no size makes it a guess."""
    return () if budget.word.quantile is None else (bound(budget),)


def _nothing_measured(budget: Budget, body: tuple[Sample, ...]) -> str:
    if budget.word.metric is Metric.LATENCY:
        return "no call ran to its end: each was cancelled by the code that made it"
    if all(one.is_embedding for one in body):
        return (
            "each call asked for embeddings, which hold no tokens and come whole; budget their "
            "latency instead (p95), or narrow this budget with model= to the calls that stream"
        )
    if not any(one.streamed for one in body):
        return "not streamed: the answers came whole, so tokens have no times; ask for a stream"
    return _nothing_streamed(budget)


def _nothing_streamed(budget: Budget) -> str:
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


def _ruling_of_nothing(budget: Budget) -> Ruling:
    return Ruling.NOT_JUDGED if budget.inherited else Ruling.BROKEN
