"""Calls: each call of a session as plain JSON values, made when it is read."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, overload

from llm_latency_lens.reports.time_values import milliseconds
from llm_latency_lens.samples import RateLimit, Sample, ServerTime

__all__ = ["Calls", "moment"]

_NS_PER_S = 1_000_000_000


class Calls(Sequence[dict[str, Any]]):
    """The calls of a report document, of which none is held: each reading makes it anew."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, place: slice) -> "Calls": ...

    def __getitem__(self, place: int | slice) -> "dict[str, Any] | Calls":
        if isinstance(place, slice):
            return Calls(self._samples[place])
        return _call(self._samples[place])


def moment(wall_ns: int) -> str:
    """Return a time since the Unix epoch as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(wall_ns / _NS_PER_S, tz=UTC).isoformat(timespec="milliseconds")


def _call(sample: Sample) -> dict[str, Any]:
    line, usage, outcome = sample.timeline, sample.usage, sample.outcome
    return {
        "id": sample.id,
        "node_id": sample.node_id,
        "run": sample.run,
        "phase": sample.phase.value,
        "label": sample.label,
        "started": moment(sample.wall_ns),
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


def _span(start_ns: int | None, end_ns: int | None) -> int | None:
    return None if start_ns is None or end_ns is None else end_ns - start_ns
