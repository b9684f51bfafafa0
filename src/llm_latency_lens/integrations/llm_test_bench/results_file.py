"""
The result file of LLM-Test-Bench (``BenchmarkResults``), as its command ``bench`` writes it.

Its keys mean what they mean there. Durations are whole milliseconds, rounded down; every result
has one, so failures and timeouts are in the percentiles with the time until they failed; a
percentile is the value at index ``ceil(p * (n - 1))``. ``response`` is always null, because it
would hold the answer.

Beside its keys each result carries our numbers, which its command ``analyze`` finds by name:
``analyze --metric ttft_ms``. Its own words ``tokens`` and ``cost`` read ``tokens_used`` and
``estimated_cost``.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llm_latency_lens.atomic_file import write_whole
from llm_latency_lens.integrations.llm_test_bench.executions import (
    Execution,
    Session,
    moment,
    read_session,
)

__all__ = ["write_benchmark_results"]

# Numbers of the report that go along under their own names.
_NUMBERS = (
    *("ttft_ms", "ttfo_ms", "wire_ttft_ms", "tpot_ms", "connect_ms", "headers_ms", "retry_ms"),
    *("input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens", "attempts"),
)


def write_benchmark_results(document: dict[str, Any], path: Path) -> None:
    """
    Write the report *document* to *path* as a ``BenchmarkResults`` file.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
    """
    text = json.dumps(
        _results(read_session(document)), indent=1, ensure_ascii=False, allow_nan=False
    )
    write_whole(text + "\n", path)


def _results(session: Session) -> dict[str, Any]:
    executions = session.executions
    return {
        "dataset_name": session.dataset,
        "provider_name": ", ".join(sorted({one.provider for one in executions})) or "none",
        "total_tests": len(executions),
        "results": [_result(one) for one in executions],
        "started_at": moment(session.started),
        "completed_at": moment(session.ended),
        "total_duration_ms": int(session.duration_ms),
        "summary": _summary(executions),
    }


def _result(one: Execution) -> dict[str, Any]:
    ours = {
        "provider": one.provider,
        "model": one.model,
        "iteration": one.iteration,
        # A failed call is infinitely slow, so it has no latency; the duration says when it failed.
        "latency_ms": one.duration_ms if one.is_success else None,
        "tokens_used": one.total_tokens,
        "estimated_cost": one.facts.get("cost_usd"),
        "tokens_per_second": one.tokens_per_second,
        **{name: one.facts.get(name) for name in _NUMBERS},
    }
    return {
        "test_id": one.test_id,
        "category": one.category,
        "status": one.status,
        "response": None,
        "error": one.error,
        "duration_ms": int(one.duration_ms),
        "timestamp": moment(one.ended),
        **{name: value for name, value in ours.items() if value is not None},
    }


def _summary(executions: Sequence[Execution]) -> dict[str, Any]:
    count = len(executions)
    by_status = Counter(one.status for one in executions)
    succeeded = by_status["success"]
    durations = sorted(int(one.duration_ms) for one in executions)
    tokens = sum(one.total_tokens or 0 for one in executions)
    return {
        "total": count,
        "succeeded": succeeded,
        "failed": by_status["failure"],
        "timeout": by_status["timeout"],
        "skipped": 0,
        "success_rate": succeeded / count if count else 0.0,
        "avg_duration_ms": sum(durations) / count if count else 0.0,
        "p50_duration_ms": _percentile(durations, 50),
        "p95_duration_ms": _percentile(durations, 95),
        "p99_duration_ms": _percentile(durations, 99),
        "min_duration_ms": min(durations, default=0),
        "max_duration_ms": max(durations, default=0),
        "total_tokens": tokens,
        "avg_tokens_per_request": tokens / succeeded if succeeded else 0.0,
        "total_cost": sum(one.facts.get("cost_usd") or 0.0 for one in executions),
    }


def _percentile(durations: Sequence[int], percent: int) -> float:
    """Return the percentile as LLM-Test-Bench takes it; the report has nearest rank."""
    if not durations:
        return 0.0
    # In floating point, as there: the index must be the same also where that is off by one.
    return float(durations[math.ceil(percent / 100 * (len(durations) - 1))])
