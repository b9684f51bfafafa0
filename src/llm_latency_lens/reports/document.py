"""
The report document: a session as plain JSON values.

Times end in ``_ms``, money in ``_usd``; what does not exist or is infinite is null. The JSON
Schema beside this module (``report.schema.json``) describes every field.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from llm_latency_lens.budgets import Ruling, Verdict, describe
from llm_latency_lens.metrics import Aggregate, Distribution, histogram, outliers
from llm_latency_lens.reports.calls import Calls, moment
from llm_latency_lens.reports.comparison_document import describe_comparison
from llm_latency_lens.reports.time_values import milliseconds, time_values
from llm_latency_lens.results import Group, RunResult, Saving, Spending, TestResult
from llm_latency_lens.samples import Sample, Status

__all__ = ["SCHEMA_VERSION", "make_document"]

SCHEMA_VERSION = "1.0"

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
_TIMES = ("latency", "ttft", "ttfo", "wire_ttft", "itl", "tpot")


def make_document(result: RunResult, *, is_final: bool = False) -> dict[str, Any]:
    """
    Return the report of a session.

    With *is_final* nobody is going to change it: its calls are a sequence that makes each as it
    is read, where a list would hold all those of a long session at once.
    """
    calls = Calls(result.samples)
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": "llm-latency-lens",
        "started": moment(result.wall_ns),
        "environment": dict(result.environment),
        "workers": result.workers,
        "partial": {"reasons": list(result.partial)} if result.partial else None,
        "spending": _spending(result.spending),
        "budgets": {ruling.name.lower(): result.count(ruling) for ruling in Ruling},
        "with_confidence": _family(result),
        "saved": _saving(result.saved),
        "total": _aggregate(result.total),
        "models": [_group(group, result.samples) for group in result.groups],
        "session_verdicts": [_verdict(verdict) for verdict in result.verdicts],
        "tests": [_test(test) for test in result.tests],
        "call_defaults": {},
        "calls": calls if is_final else list(calls),
        "comparison": None if result.comparison is None else describe_comparison(result.comparison),
    }


def _spending(spending: Spending | None) -> dict[str, Any] | None:
    if spending is None:
        return None
    return {
        "cap_usd": float(spending.cap_usd),
        "spent_usd": float(spending.spent_usd),
        "reserved_usd": float(spending.reserved_usd),
        "refused_calls": spending.refused_calls,
    }


def _family(result: RunResult) -> dict[str, Any]:
    budgets, risk = result.family_risk
    return {"budgets": budgets, "risk_of_one_wrong": round(risk, 12)}


def _saving(saved: Saving) -> dict[str, Any]:
    return {"runs": saved.runs, "usd": None if saved.usd is None else float(saved.usd)}


def _group(group: Group, samples: Sequence[Sample]) -> dict[str, Any]:
    return {
        "provider": group.provider,
        "model": group.model,
        **_aggregate(group.aggregate),
        "latency_histogram": [
            {"from_ms": lower / _NS_PER_MS, "to_ms": upper / _NS_PER_MS, "calls": count}
            for lower, upper, count in histogram(group.aggregate.latency)
        ],
        "latency_outliers": _outliers(group, samples),
    }


def _outliers(group: Group, samples: Sequence[Sample]) -> list[int]:
    """Return the places of a model's outliers among all calls of the session."""
    places = [place for place, one in enumerate(samples) if group.holds(one)]
    latencies = [
        samples[place].latency_ns if samples[place].outcome.status is Status.OK else None
        for place in places
    ]
    return [places[one] for one in outliers(latencies)]


def _aggregate(aggregate: Aggregate) -> dict[str, Any]:
    tokens, cost = aggregate.tokens, aggregate.cost
    return {
        "calls": aggregate.calls,
        "ok": aggregate.ok,
        "errors": aggregate.errors,
        "timeouts": aggregate.timeouts,
        "cut": aggregate.cut,
        "cancelled": aggregate.cancelled,
        "retries": aggregate.retries,
        "attempts": aggregate.attempts,
        "failed_attempts": aggregate.failed_attempts,
        "streamed": aggregate.streamed,
        "errors_by_type": dict(aggregate.errors_by_type),
        "tokens": {
            "input": tokens.input,
            "output": tokens.output,
            "cached_input": tokens.cached,
            "reasoning": tokens.reasoning,
            "calls_without_usage": tokens.unknown,
        },
        "cost": {
            "total_usd": float(cost.total_usd),
            "input_usd": float(cost.input_usd),
            "output_usd": float(cost.output_usd),
            "unpriced_calls": cost.unpriced,
        },
        "tokens_per_second": _rate(aggregate.tpot),
        **{f"{name}_ms": time_values(getattr(aggregate, name)) for name in _TIMES},
    }


def _rate(tpot: Distribution) -> float | None:
    median = tpot.median if tpot.n else None
    return _NS_PER_S / median if median else None


def _test(test: TestResult) -> dict[str, Any]:
    return {
        "node_id": test.node_id,
        "outcome": test.outcome,
        "runs": test.runs,
        "run_ms": [milliseconds(one) for one in test.run_ns],
        "saved": _saving(test.saved),
        "verdicts": [_verdict(verdict) for verdict in test.verdicts],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    interval: Iterable[float | None] = (verdict.share_low, verdict.share_high)
    return {
        "budget": verdict.word,
        "ruling": verdict.ruling.value,
        "in_words": describe(verdict),
        "limit": verdict.limit,
        "observed": verdict.observed if _is_finite(verdict.observed) else None,
        "unit": verdict.unit,
        "n": verdict.n,
        "over": verdict.k,
        "allowed": verdict.allowed,
        "true_share_95": None if verdict.share_low is None else list(interval),
        "percentile_95": None
        if verdict.calls_to_bound is None
        else [verdict.percentile_low, verdict.percentile_high],
        "one_call_decides": verdict.one_call_decides,
        "burst_chance": verdict.burst_chance,
        "confidence": verdict.confidence,
        "tolerance": verdict.tolerance,
        "counted": "runs" if verdict.is_per_run else "calls",
        "planned_runs": verdict.planned,
        "unmade_runs": verdict.unmade,
        "fails_at": verdict.fails_at,
        "excluded": verdict.excluded,
        "provider": verdict.provider or None,
        "model": verdict.model or None,
        "baseline": verdict.baseline or None,
        "reason": verdict.reason,
    }


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
