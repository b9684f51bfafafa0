"""
Aggregates as one JSON string and back, for the way between processes and machines.

Equal aggregates have the same string, so a merged one is the same bytes in whatever order its
parts came. This form is internal, as that of samples is: reports have their own.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import accumulate, chain, pairwise
from typing import Any

from llm_latency_lens.metrics.aggregate import COUNTS, TIMES, Aggregate
from llm_latency_lens.metrics.distribution import Distribution
from llm_latency_lens.metrics.sums import CostSum, TokenSum
from llm_latency_lens.metrics.table import Table

__all__ = ["decode_aggregate", "decode_times", "encode_aggregate", "encode_times"]

_TOKENS = tuple(TokenSum.__dataclass_fields__)
_SUMS = ("n", "total", "squares", "minimum", "maximum")


def encode_aggregate(aggregate: Aggregate) -> str:
    """
    Return *aggregate* as one JSON object in a string.

    Each metric of it takes 100 kB at most where its values are exact, and some kB beyond.
    """
    cost = aggregate.cost
    value = {
        **{name: encode_times(getattr(aggregate, name)) for name in TIMES},
        **{name: getattr(aggregate, name) for name in COUNTS},
        "errors_by_type": dict(aggregate.errors_by_type),
        "tokens": [getattr(aggregate.tokens, name) for name in _TOKENS],
        "cost": [
            *map(str, (cost.total_usd, cost.input_usd, cost.output_usd)),
            cost.priced,
            cost.unpriced,
        ],
    }
    return json.dumps(value, separators=(",", ":"))


def decode_aggregate(text: str) -> Aggregate:
    """Return the aggregate that :func:`encode_aggregate` wrote."""
    value: dict[str, Any] = json.loads(text)
    total, of_input, of_output, priced, unpriced = value["cost"]
    times: dict[str, Any] = {name: decode_times(value[name]) for name in TIMES}
    return Aggregate(
        **times,
        **{name: value[name] for name in COUNTS},
        errors_by_type=tuple(value["errors_by_type"].items()),
        tokens=TokenSum(*value["tokens"]),
        cost=CostSum(Decimal(total), Decimal(of_input), Decimal(of_output), priced, unpriced),
    )


def encode_times(times: Distribution) -> dict[str, Any]:
    """Return *times* as plain JSON values."""
    value: dict[str, Any] = {"infinite": times.infinite, "counted": times.counted}
    if times.table is None:
        return {**value, "steps": _steps(times.values)}
    cells = times.table.cells
    return {
        **value,
        "sums": [getattr(times.table, name) for name in _SUMS],
        "cells": _steps(index for index, _ in cells),
        "counts": [count for _, count in cells],
    }


def decode_times(value: Mapping[str, Any]) -> Distribution:
    """Return the times that :func:`encode_times` wrote."""
    infinite = value["infinite"]
    counted = tuple((limit, above) for limit, above in value["counted"])
    if "steps" in value:
        return Distribution(tuple(accumulate(value["steps"])), infinite, counted=counted)
    sums: dict[str, Any] = dict(zip(_SUMS, value["sums"], strict=True))
    cells = tuple(zip(accumulate(value["cells"]), value["counts"], strict=True))
    return Distribution((), infinite, Table(**sums, cells=cells), counted)


def _steps(ascending: Iterable[int]) -> list[int]:
    """Return the first and then the distance of each to the one before it: short numbers."""
    return [after - before for before, after in pairwise(chain((0,), ascending))]
