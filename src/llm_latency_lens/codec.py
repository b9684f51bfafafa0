"""
Samples as plain JSON values and back, for the way between processes.

pytest-xdist carries only plain types, and one bad value ends its session; so samples travel
as one JSON string. This form is internal: reports have their own, documented one.
"""

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
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

__all__ = ["decode_samples", "encode_samples", "from_rows", "to_rows"]

# What the calls of a session share is held once: it is most of what a long one would hold.
_KEPT = 4096

_to_json = json.JSONEncoder(separators=(",", ":")).encode


def encode_samples(samples: Iterable[Sample]) -> str:
    """Return *samples* as one JSON array in a string."""
    return _to_json(to_rows(samples))


def decode_samples(text: str) -> tuple[Sample, ...]:
    """Return the samples that :func:`encode_samples` wrote."""
    return from_rows(json.loads(text))


def to_rows(samples: Iterable[Sample]) -> list[list[Any]]:
    """Return *samples* as values that JSON knows: of each its fields, in their order."""
    rows = []
    for sample in samples:
        row = list(_fields_of(sample))
        for place, plain in _TO_PLAIN:
            row[place] = plain(row[place])
        rows.append(row)
    return rows


def from_rows(rows: Iterable[list[Any]]) -> tuple[Sample, ...]:
    """Return the samples that :func:`to_rows` made the rows of; the rows are used up by it."""
    samples = []
    for row in rows:
        for place, read in _FROM_PLAIN:
            row[place] = read(row[place])
        samples.append(Sample(*row))
    return tuple(samples)


def _shared(value: str | None) -> str | None:
    return None if value is None else intern(value)


@lru_cache(_KEPT)
def _usage(*counts: int | None) -> Usage:
    return Usage(*counts)


def _plain_cost(cost: Cost | None) -> list[str] | None:
    if cost is None:
        return None
    return [str(cost.input_usd), str(cost.output_usd), str(cost.total_usd), cost.source]


@lru_cache(_KEPT)
def _cost(input_usd: str, output_usd: str, total_usd: str, source: str) -> Cost:
    return Cost(Decimal(input_usd), Decimal(output_usd), Decimal(total_usd), source)


@lru_cache(_KEPT)
def _outcome(status: str, *rest: Any) -> Outcome:
    return Outcome(Status(status), *rest)


def _plain_attempts(attempts: tuple[Attempt, ...]) -> list[list[Any]]:
    return [[one.started_ns, one.ended_ns, _fields_of_outcome(one.outcome)] for one in attempts]


def _attempts(rows: list[list[Any]]) -> tuple[Attempt, ...]:
    return tuple(Attempt(started, ended, _outcome(*outcome)) for started, ended, outcome in rows)


def _getter(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*kind.__dataclass_fields__)


def _each(plain: Callable[[Any], Any]) -> Callable[[Iterable[Any]], list[Any]]:
    return lambda values: [*map(plain, values)]


def _of_each(read: Callable[..., Any]) -> Callable[[list[list[Any]]], tuple[Any, ...]]:
    return lambda rows: tuple(read(*row) for row in rows)


_fields_of = _getter(Sample)
_fields_of_outcome = _getter(Outcome)

_SAME_IN_MANY = (
    "provider",
    "protocol",
    "requested_model",
    "model",
    "finish_reason",
    "node_id",
    "label",
    "note",
)
# What JSON has no word for on its way out; what comes back as it is needs none.
_PLAIN_FORMS: dict[str, tuple[Callable[[Any], Any] | None, Callable[[Any], Any]]] = {
    "outcome": (_fields_of_outcome, lambda row: _outcome(*row)),
    "timeline": (_getter(Timeline), lambda row: Timeline(*row)),
    "usage": (_getter(Usage), lambda row: _usage(*row)),
    "gaps_ns": (None, tuple),
    "attempts": (_plain_attempts, _attempts),
    "cost": (_plain_cost, lambda row: row and _cost(*row)),
    "phase": (None, Phase),
    "taints": (None, lambda names: tuple(map(Taint, names))),
    "rate_limits": (_each(_getter(RateLimit)), _of_each(RateLimit)),
    "server_times": (_each(_getter(ServerTime)), _of_each(ServerTime)),
    **dict.fromkeys(_SAME_IN_MANY, (None, _shared)),
}
_PLACE = {name: place for place, name in enumerate(Sample.__dataclass_fields__)}
_TO_PLAIN = [(_PLACE[name], plain) for name, (plain, _) in _PLAIN_FORMS.items() if plain]
_FROM_PLAIN = [(_PLACE[name], read) for name, (_, read) in _PLAIN_FORMS.items()]
