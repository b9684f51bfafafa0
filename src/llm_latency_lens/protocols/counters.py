"""Counters of usage objects: reading single numbers and merging what comes in several events."""

from collections.abc import Mapping
from typing import Any

__all__ = ["count", "merge_counters", "total"]


def count(usage: Mapping[str, Any], *path: str) -> int | None:
    """Return the whole number at *path* in nested objects; None when there is none."""
    value: Any = usage
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and value >= 0 else None


def merge_counters(known: dict[str, Any], reported: object) -> None:
    """
    Update *known* by a later report: the last value that is not null wins, key by key.

    Nested objects are merged the same way, one level deep. What is no object is ignored.
    """
    if not isinstance(reported, dict):
        return
    for key, value in reported.items():
        if value is None:
            continue
        if isinstance(value, dict) and isinstance(known.get(key), dict):
            known[key] = known[key] | {k: v for k, v in value.items() if v is not None}
        else:
            known[key] = value


def total(*parts: int | None) -> int | None:
    """Return the sum of the parts that are known; None when none is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None
