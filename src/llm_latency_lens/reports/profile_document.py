"""
The result of a profile as plain JSON values.

The fields are those of :class:`~llm_latency_lens.ProfileResult`; what has no value is null. The
schema is ``profile.schema.json``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from llm_latency_lens.budgets import Verdict
from llm_latency_lens.errors import EmptyAggregate, PriceUnknown
from llm_latency_lens.reports.document import make_document
from llm_latency_lens.results import ProfileResult, RunResult, TestResult
from llm_latency_lens.samples import Sample

__all__ = ["PROFILE_SCHEMA_VERSION", "Part", "as_session", "make_profile_document", "value_of"]

PROFILE_SCHEMA_VERSION = "1.0"
"""Version of ``profile.schema.json``, which every such document fulfils."""

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
_TIMES = ("latency", "ttft", "ttfo", "wire_ttft", "itl", "tpot", "run", "send_delay", "retry_time")
_STATISTICS = ("mean", "median", "stddev", "p50", "p75", "p90", "p95", "p99", "min", "max")
_RATES = (
    "tokens_per_second",
    "requests_per_second",
    "input_tokens_per_second",
    "output_tokens_per_second",
    "total_tokens_per_second",
)
_SUMS = ("total", "per_call", "per_token", "input", "output", "projected_monthly")

Part = tuple[Mapping[str, Any], str, ProfileResult]
"""One request of a batch: its metadata, its label and its result."""


def make_profile_document(
    result: ProfileResult,
    samples: Sequence[Sample],
    verdicts: Sequence[Verdict],
    parts: Sequence[Part] = (),
    *,
    keeps_raw: bool = False,
) -> dict[str, Any]:
    """
    Return the result as JSON values.

    *samples* are all calls, warm-up included; they are listed when *keeps_raw*.
    """
    whole = make_document(as_session(samples if keeps_raw else (), result, verdicts))
    return {
        "schema_version": PROFILE_SCHEMA_VERSION,
        "tool": "llm-latency-lens profile",
        "metadata": _metadata(result),
        "config": result.config,
        "metrics": _metrics(result),
        "models": [
            {"provider": provider, "model": model, "metrics": _metrics(one)}
            for (provider, model), one in result.by_model.items()
        ],
        "requests": [
            {"metadata": dict(metadata), "metrics": _metrics(one)} for metadata, _, one in parts
        ],
        "outliers": list(result.outliers),
        "verdicts": whole["tests"][0]["verdicts"],
        "raw": {
            "calls": whole["calls"],
            "responses": [
                {
                    "call": one.sample_id,
                    "content": one.content,
                    "tokens": one.tokens,
                    "metadata": {
                        "model_version": one.model_version,
                        "finish_reason": one.finish_reason,
                    },
                }
                for one in result.raw
            ],
        }
        if keeps_raw
        else None,
    }


def as_session(
    samples: Sequence[Sample], result: ProfileResult, verdicts: Sequence[Verdict]
) -> RunResult:
    """Return *samples* and *verdicts* as a session of one test."""
    test = TestResult("profile", "passed", len(result.run_ns), tuple(verdicts))
    return RunResult(tuple(samples), (test,))


def _metadata(result: ProfileResult) -> dict[str, Any] | None:
    told = result.metadata
    if told is None:
        return None
    started = datetime.fromtimestamp(told.wall_ns / _NS_PER_S, tz=UTC)
    return {
        "started": started.isoformat(timespec="milliseconds"),
        "duration_ms": told.duration_ns / _NS_PER_MS,
        "loop": told.loop,
        "ending": told.ending.value,
        "is_partial": result.is_partial,
        "planned_calls": told.planned,
        "calls": result.calls,
        "levels": [
            {
                "at_ms": level.at_ns / _NS_PER_MS,
                "limit": level.limit,
                "in_progress": level.in_progress,
            }
            for level in told.levels
        ],
        "request": dict(told.words),
    }


def _metrics(result: ProfileResult) -> dict[str, Any]:
    reliability = result.reliability
    return {
        **{f"{name}_ms": _times(getattr(result, name)) for name in _TIMES},
        "connect_ms": _times(result.connect),
        "server_ms": _times(result.server_time),
        "throughput": _values(result.throughput, _RATES),
        "tokens": _tokens(result),
        "cost_usd": {
            **_values(result.cost, _SUMS),
            "known": float(result.cost.known),
            "unpriced_calls": result.cost.unpriced,
        },
        "reliability": {
            **_values(reliability, ("success_rate", "error_rate", "timeout_rate")),
            "attempt_error_rate": value_of(lambda: reliability.attempt_error_rate),
            "errors_by_type": reliability.errors_by_type,
            "retries": reliability.retries,
        },
    }


def _tokens(result: ProfileResult) -> dict[str, int]:
    told = result.tokens
    return {
        "input": told.input,
        "output": told.output,
        "cached_input": told.cached,
        "reasoning": told.reasoning,
        "unknown_calls": told.unknown,
    }


def _times(view: Any) -> dict[str, Any] | None:
    if not view.n:
        return None
    return {
        "n": view.n,
        "failed": view.failed,
        **_values(view, _STATISTICS),
        "histogram": [
            {"from_ms": lower, "to_ms": upper, "calls": count}
            for lower, upper, count in view.histogram
        ],
    }


def _values(view: object, names: Iterable[str]) -> dict[str, float | None]:
    return {name: _finite(value_of(partial(getattr, view, name))) for name in names}


def value_of(read: Callable[[], float | None]) -> float | None:
    """Return what *read* gives; None where there is no such value."""
    try:
        return read()
    except (EmptyAggregate, PriceUnknown):
        return None


def _finite(value: float | None) -> float | None:
    return None if value is None or value == float("inf") else round(float(value), 12)
