"""
Samples as plain JSON values and back, for the way between processes.

pytest-xdist carries only plain types, and one bad value ends its session; so samples travel
as one JSON string. This form is internal: reports have their own, documented one.
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from sys import intern
from typing import Any

from llm_latency_lens.samples import (
    Attempt,
    Cost,
    Outcome,
    Phase,
    RateLimit,
    Sample,
    ServerTime,
    Status,
    Taint,
    Timeline,
    Usage,
)

__all__ = ["decode_samples", "encode_samples"]

_TIMELINE = tuple(Timeline.__dataclass_fields__)
_USAGE = tuple(Usage.__dataclass_fields__)
_RATE_LIMIT = tuple(RateLimit.__dataclass_fields__)
_SERVER_TIME = tuple(ServerTime.__dataclass_fields__)
_PLAIN = (
    "id",
    "provider",
    "protocol",
    "requested_model",
    "model",
    "streamed",
    "wall_ns",
    "finish_reason",
    "request_id",
    "response_id",
    "token_events",
    "reasoning_events",
    "node_id",
    "run",
    "label",
    "note",
    "retry_after_ns",
)

# What the calls of a session share is held once: it is most of what a long one would hold.
_KEPT = 4096


def encode_samples(samples: Iterable[Sample]) -> str:
    """Return *samples* as one JSON array in a string."""
    return json.dumps([_encode(sample) for sample in samples], separators=(",", ":"))


def decode_samples(text: str) -> tuple[Sample, ...]:
    """Return the samples that :func:`encode_samples` wrote."""
    return tuple(_decode(value) for value in json.loads(text))


def _encode(sample: Sample) -> dict[str, Any]:
    value: dict[str, Any] = {name: getattr(sample, name) for name in _PLAIN}
    value["outcome"] = _encode_outcome(sample.outcome)
    value["timeline"] = [getattr(sample.timeline, name) for name in _TIMELINE]
    value["usage"] = [getattr(sample.usage, name) for name in _USAGE]
    value["gaps_ns"] = sample.gaps_ns
    value["attempts"] = [
        [one.started_ns, one.ended_ns, _encode_outcome(one.outcome)] for one in sample.attempts
    ]
    value["phase"] = sample.phase.value
    value["taints"] = sample.taints
    value["rate_limits"] = [
        [getattr(one, name) for name in _RATE_LIMIT] for one in sample.rate_limits
    ]
    value["server_times"] = [
        [getattr(one, name) for name in _SERVER_TIME] for one in sample.server_times
    ]
    cost = sample.cost
    value["cost"] = cost and [
        str(cost.input_usd),
        str(cost.output_usd),
        str(cost.total_usd),
        cost.source,
    ]
    return value


def _decode(value: dict[str, Any]) -> Sample:
    cost = value["cost"]
    return Sample(
        **{name: _shared(value[name]) for name in _PLAIN},
        outcome=_decode_outcome(value["outcome"]),
        timeline=Timeline(*value["timeline"]),
        usage=_usage(*value["usage"]),
        gaps_ns=tuple(value["gaps_ns"]),
        attempts=tuple(
            Attempt(started, ended, _decode_outcome(outcome))
            for started, ended, outcome in value["attempts"]
        ),
        phase=Phase(value["phase"]),
        taints=tuple(map(Taint, value["taints"])),
        rate_limits=tuple(RateLimit(*one) for one in value["rate_limits"]),
        server_times=tuple(ServerTime(*one) for one in value["server_times"]),
        cost=cost and _cost(*cost),
    )


def _shared(value: Any) -> Any:
    return intern(value) if isinstance(value, str) else value


@lru_cache(_KEPT)
def _usage(*counts: int | None) -> Usage:
    return Usage(*counts)


@lru_cache(_KEPT)
def _cost(input_usd: str, output_usd: str, total_usd: str, source: str) -> Cost:
    return Cost(Decimal(input_usd), Decimal(output_usd), Decimal(total_usd), source)


def _encode_outcome(outcome: Outcome) -> list[Any]:
    return [outcome.status.value, outcome.error_type, outcome.error_code, outcome.http_status]


def _decode_outcome(value: list[Any]) -> Outcome:
    return _outcome(*value)


@lru_cache(_KEPT)
def _outcome(status: str, *rest: Any) -> Outcome:
    return Outcome(Status(status), *rest)
