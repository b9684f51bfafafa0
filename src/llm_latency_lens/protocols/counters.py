"""Counters of usage objects: reading single numbers and merging what comes in several events."""

from collections.abc import Mapping
from typing import Any

__all__ = ["count", "first_count", "merge_counters", "total"]

# More than any usage object that we know of, far less than what would fill the memory.
_MAX_KEYS = 64
_LONGEST_TEXT = 256
_DEEPEST = 4
# No call has so many tokens; sums and prices of what is larger would be of no use, or overflow.
_FIRST_ABSURD = 10**12


def count(usage: Mapping[str, Any], *path: str) -> int | None:
    """Return the whole number at *path* in nested objects; None when there is none that counts."""
    value: Any = usage
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value < _FIRST_ABSURD else None


def first_count(usage: Mapping[str, Any], *paths: tuple[str, ...]) -> int | None:
    """Return the number at the first of *paths* that has one."""
    for path in paths:
        number = count(usage, *path)
        if number is not None:
            return number
    return None


def merge_counters(known: dict[str, Any], reported: object) -> None:
    """
    Update *known* by a later report: the last value that is not null wins, key by key.

    Nested objects are merged the same way, one level deep. What is no object is ignored, and
    so is what is too large to be a counter.
    """
    if not isinstance(reported, dict):
        return
    for key, value in reported.items():
        if type(value) is int and key in known:
            known[key] = value
            continue
        if value is None or not _has_room(known, key) or not _is_small(value):
            continue
        nested = known.get(key)
        if isinstance(value, dict) and isinstance(nested, dict):
            for inner, number in value.items():
                if number is not None and _has_room(nested, inner):
                    nested[inner] = number
        else:
            known[key] = value


def _has_room(known: dict[str, Any], key: str) -> bool:
    return key in known or (len(known) < _MAX_KEYS and len(key) <= _LONGEST_TEXT)


def _is_small(value: object, depth: int = 0) -> bool:
    if type(value) is int:
        return True
    if isinstance(value, dict):
        return (
            depth < _DEEPEST
            and len(value) <= _MAX_KEYS
            and max(map(len, value), default=0) <= _LONGEST_TEXT
            and all(type(each) is int or _is_small(each, depth + 1) for each in value.values())
        )
    if isinstance(value, list):
        return (
            depth < _DEEPEST
            and len(value) <= 2 * _MAX_KEYS
            and all(_is_small(each, depth + 1) for each in value)
        )
    return not isinstance(value, str) or len(value) <= _LONGEST_TEXT


def total(*parts: int | None) -> int | None:
    """Return the sum of the parts that are known; None when none is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None
