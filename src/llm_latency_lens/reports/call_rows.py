"""
Call rows: the calls of a report without what most of them share.

Ten thousand calls to two models repeat the same thirty values. What at least half of the calls
have in a field stands once, under ``call_defaults``; a row holds what differs. So a call is
``{**call_defaults, **row}``, whichever fields were folded.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

__all__ = ["fold_calls", "unfold_calls"]

_Key = tuple[type, Any]
_PLAIN = frozenset((str, int, float, bool, type(None)))


def fold_calls(
    calls: Sequence[dict[str, Any]],
) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    """Return what the calls share, and their short rows, made one by one: there may be many."""
    defaults = _shared(calls)
    return defaults, (
        {
            name: value
            for name, value in call.items()
            if name not in defaults or not _is_same(defaults[name], value)
        }
        for call in calls
    )


def unfold_calls(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with complete calls; one that has complete calls stays as it is."""
    defaults = document.get("call_defaults", {})
    calls = [{**defaults, **row} for row in document["calls"]]
    return {**document, "call_defaults": {}, "calls": calls}


def _is_same(one: object, other: object) -> bool:
    # 1 and true, or 0 and 0.0, are equal in Python and not in JSON.
    return one == other and type(one) is type(other)


def _shared(calls: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if len(calls) < 2:  # noqa: PLR2004 - one call shares nothing
        return {}
    candidates = _frequent(calls)
    present: Counter[str] = Counter()
    counts: dict[str, Counter[_Key]] = {name: Counter() for name in candidates}
    for call in calls:
        present.update(call.keys())
        for name, keys in candidates.items():
            if name in call and (key := _key(call[name])) in keys:
                counts[name][key] += 1
    shared = {}
    # A field is folded only where every call has it: a row cannot say that it has none.
    for name, spelled in counts.items():
        for (kind, value), count in spelled.most_common(1):
            if present[name] == len(calls) and 2 * count >= len(calls) and count > 1:
                shared[name] = value if kind in _PLAIN else json.loads(value)
    return shared


def _frequent(calls: Iterable[dict[str, Any]]) -> dict[str, dict[_Key, int]]:
    """
    Return two values at most of each field, among them each that half of the calls have.

    Misra and Gries, "Finding repeated elements" (1982), with two counters: most fields differ in
    every call, and to count them all would hold all calls at once.
    """
    found: dict[str, dict[_Key, int]] = {}
    for call in calls:
        for name, value in call.items():
            key, few = _key(value), found.setdefault(name, {})
            if key in few:
                few[key] += 1
            elif len(few) < 2:  # noqa: PLR2004 - the number of counters
                few[key] = 1
            else:
                found[name] = {one: count - 1 for one, count in few.items() if count > 1}
    return found


def _key(value: Any) -> _Key:
    # With its type, which tells 1 from true; as JSON where it is a list or an object.
    kind = type(value)
    return (kind, value) if kind in _PLAIN else (kind, json.dumps(value))
