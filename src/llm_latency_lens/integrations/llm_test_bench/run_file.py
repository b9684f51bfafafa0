"""
The output of LLM-Test-Bench's benchmark runner (``BenchmarkRunnerOutput``).

The one format there with a time to first token. Moments end in ``Z``, optional fields are left
out and never null, and ``response_content`` is left out always. Statistics of a model are over
its successful calls, percentiles by nearest rank and the standard deviation over n, as that
runner takes them; the failed calls are counted beside them.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from llm_latency_lens.atomic_file import write_whole
from llm_latency_lens.integrations.llm_test_bench.executions import (
    Execution,
    Session,
    moment,
    read_session,
)
from llm_latency_lens.metrics.quantiles import rank

__all__ = ["write_benchmark_run"]

_MOST_CONCURRENCY = 100
_MOST_DIGITS = 12


def write_benchmark_run(document: dict[str, Any], path: Path) -> None:
    """
    Write the report *document* to *path* as a ``BenchmarkRunnerOutput`` file.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
    """
    text = json.dumps(_run(document), indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(text + "\n", path)


def _run(document: Mapping[str, Any]) -> dict[str, Any]:
    session = read_session(document)
    executions = session.executions
    succeeded = sum(one.is_success for one in executions)
    models = dict.fromkeys((one.provider, one.model) for one in executions)
    return {
        "execution_id": _execution_id(session),
        "suite_id": session.dataset,
        "suite_name": session.dataset,
        "started_at": moment(session.started),
        "completed_at": moment(session.ended),
        "total_duration_ms": session.duration_ms,
        "total_tests": len({one.test_id for one in executions}),
        "total_executions": len(executions),
        "successful_executions": succeeded,
        "failed_executions": len(executions) - succeeded,
        "results": [_result(one) for one in executions],
        "aggregated_stats": [
            _stats([one for one in executions if (one.provider, one.model) == model])
            for model in models
        ],
        "execution_config": _config(document),
        "providers_tested": [
            {"provider_name": provider, "model_id": model} for provider, model in models
        ],
    }


def _execution_id(session: Session) -> str:
    """Return an id that is the same whenever the same session is written."""
    calls = (str(one.facts["id"]) for one in session.executions)
    return str(uuid5(NAMESPACE_URL, "\n".join((moment(session.started), *calls))))


def _config(document: Mapping[str, Any]) -> dict[str, Any]:
    warmups = {
        (call.get("node_id"), call.get("run"))
        for call in document.get("calls", ())
        if call.get("phase") == "warmup"
    }
    warmups_of = Counter(node_id for node_id, _ in warmups)
    return {
        "concurrency": min(max(document.get("workers", 1), 1), _MOST_CONCURRENCY),
        "warm_up_runs": max(warmups_of.values(), default=0),
        "iterations_per_test": max(
            (test.get("runs", 1) for test in document.get("tests", ())), default=0
        )
        or 1,
        "save_responses": False,
        "fail_fast": False,
    }


def _result(one: Execution) -> dict[str, Any]:
    optional = {
        "error_message": one.error,
        "finish_reason": one.facts.get("finish_reason"),
        "token_usage": _usage(one),
        "cost": _cost(one),
    }
    return {
        "test_id": one.test_id,
        "iteration": one.iteration,
        "provider_name": one.provider,
        "model_id": one.model,
        "success": one.is_success,
        "latency": _known(
            total_ms=one.duration_ms,
            time_to_first_token_ms=one.facts.get("ttft_ms"),
            tokens_per_second=one.tokens_per_second,
        ),
        **_known(**optional),
        "started_at": moment(one.started),
        "completed_at": moment(one.ended),
    }


def _usage(one: Execution) -> dict[str, int] | None:
    if one.total_tokens is None:
        return None
    return {
        "prompt_tokens": one.facts["input_tokens"],
        "completion_tokens": one.facts["output_tokens"],
        "total_tokens": one.total_tokens,
    }


def _cost(one: Execution) -> dict[str, float] | None:
    total, read = one.facts.get("cost_usd"), one.facts.get("input_cost_usd")
    if total is None or read is None:
        return None
    written = round(max(total - read, 0.0), _MOST_DIGITS)
    return {"input_cost_usd": read, "output_cost_usd": written, "total_cost_usd": total}


def _stats(executions: Sequence[Execution]) -> dict[str, Any]:
    count = len(executions)
    times = sorted(one.duration_ms for one in executions if one.is_success)
    tokens = sum(one.total_tokens or 0 for one in executions)
    cost = sum(one.facts.get("cost_usd") or 0.0 for one in executions)
    rates = [one.tokens_per_second for one in executions if one.is_success]
    known_rates = [rate for rate in rates if rate is not None]
    return {
        "provider_name": executions[0].provider,
        "model_id": executions[0].model,
        "total_executions": count,
        "successful_executions": len(times),
        "failed_executions": count - len(times),
        "success_rate": len(times) / count,
        "latency_p50_ms": _percentile(times, "0.5"),
        "latency_p95_ms": _percentile(times, "0.95"),
        "latency_p99_ms": _percentile(times, "0.99"),
        "latency_mean_ms": fmean(times) if times else 0.0,
        "latency_min_ms": min(times, default=0.0),
        "latency_max_ms": max(times, default=0.0),
        "latency_stddev_ms": pstdev(times) if times else 0.0,
        "total_tokens": tokens,
        "avg_tokens_per_request": tokens / count,
        "total_cost_usd": cost,
        "avg_cost_per_request_usd": cost / count,
        **_known(avg_tokens_per_second=fmean(known_rates) if known_rates else None),
    }


def _percentile(times: Sequence[float], q: str) -> float:
    return times[rank(q, len(times)) - 1] if times else 0.0


def _known(**fields: Any) -> dict[str, Any]:
    """Return the fields that have a value: null is no value in that format."""
    return {name: value for name, value in fields.items() if value is not None}
