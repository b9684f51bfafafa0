"""
The report document: a session as plain JSON values.

Times end in ``_ms``, money in ``_usd``; what does not exist or is infinite is null. The JSON
Schema beside this module (``report.schema.json``) describes every field.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from llm_latency_lens.budgets import Ruling, Verdict
from llm_latency_lens.metrics import Aggregate, Distribution, histogram, outliers
from llm_latency_lens.reports.comparison_document import describe_comparison
from llm_latency_lens.reports.time_values import milliseconds, time_values
from llm_latency_lens.results import Group, RunResult, Saving, Spending, TestResult
from llm_latency_lens.samples import RateLimit, Sample, ServerTime, Status

__all__ = ["SCHEMA_VERSION", "make_document"]

SCHEMA_VERSION = "1.0"

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
_TIMES = ("latency", "ttft", "ttfo", "wire_ttft", "itl", "tpot")


def make_document(result: RunResult) -> dict[str, Any]:
    """Return the report of a session."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": "llm-latency-lens",
        "started": _moment(result.wall_ns),
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
        "calls": [_call(sample) for sample in result.samples],
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


def _call(sample: Sample) -> dict[str, Any]:
    line, usage, outcome = sample.timeline, sample.usage, sample.outcome
    return {
        "id": sample.id,
        "node_id": sample.node_id,
        "run": sample.run,
        "phase": sample.phase.value,
        "label": sample.label,
        "started": _moment(sample.wall_ns),
        "provider": sample.provider,
        "protocol": sample.protocol,
        "model": sample.model,
        "requested_model": sample.requested_model,
        "streamed": sample.streamed,
        "status": outcome.status.value,
        "http_status": outcome.http_status,
        "error_type": outcome.error_type,
        "error_code": outcome.error_code,
        "latency_ms": milliseconds(sample.latency_ns),
        "ttft_ms": milliseconds(sample.ttft_ns),
        "ttfo_ms": milliseconds(sample.ttfo_ns),
        "last_token_ms": milliseconds(_span(line.started_ns, line.last_token_ns)),
        "wire_ttft_ms": milliseconds(sample.wire_ttft_ns),
        "tpot_ms": milliseconds(sample.tpot_ns),
        "connect_ms": milliseconds(_span(line.connect_started_ns, line.connected_ns)),
        "sent_ms": milliseconds(_span(line.started_ns, line.sent_ns)),
        "headers_ms": milliseconds(_span(line.started_ns, line.headers_ns)),
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "token_events": sample.token_events,
        "reasoning_events": sample.reasoning_events,
        "cost_usd": None if sample.cost is None else float(sample.cost.total_usd),
        "input_cost_usd": None if sample.cost is None else float(sample.cost.input_usd),
        "price_source": None if sample.cost is None else sample.cost.source,
        "finish_reason": sample.finish_reason,
        "request_id": sample.request_id,
        "response_id": sample.response_id,
        "attempts": len(sample.attempts),
        "retry_ms": milliseconds(sample.retry_ns),
        "retry_after_ms": milliseconds(sample.retry_after_ns),
        "rate_limits": [_rate_limit(one) for one in sample.rate_limits],
        "server_times": [_server_time(one) for one in sample.server_times],
        "taints": [taint.value for taint in sample.taints],
        "note": sample.note,
    }


def _rate_limit(limit: RateLimit) -> dict[str, Any]:
    return {
        "resource": limit.resource,
        "limit": limit.limit,
        "remaining": limit.remaining,
        "reset_ms": milliseconds(limit.reset_ns),
    }


def _server_time(time: ServerTime) -> dict[str, Any]:
    return {"name": time.name, "ms": milliseconds(time.nanoseconds), "covers": time.covers}


def _moment(wall_ns: int) -> str:
    return datetime.fromtimestamp(wall_ns / _NS_PER_S, tz=UTC).isoformat(timespec="milliseconds")


def _span(start_ns: int | None, end_ns: int | None) -> int | None:
    return None if start_ns is None or end_ns is None else end_ns - start_ns


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
