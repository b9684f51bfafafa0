"""
Call rows: the calls of a report without what most of them share.

Ten thousand calls to two models repeat the same thirty values. What many of the calls have in
a field stands once, under ``call_defaults``; a row holds what differs. So a call is
``{**call_defaults, **row}``, whichever fields were folded.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Any

from llm_latency_lens.reports.calls import Calls

__all__ = ["fold_calls", "unfold_calls"]

_Key = tuple[type, Any]
# Calls that are asked what is shared. A value that is missed costs its bytes in each row, no more.
_MOST_READ = 512
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
    """
    Return the values that at least half of some calls have.

    Not of all, as each reading of a call may make it anew; and not of every third or so, as
    models are often called in turns.
    """
    places = Random(0).sample(range(len(calls)), min(len(calls), _MOST_READ))  # noqa: S311 - no secret
    some = [calls[place] for place in places]
    if not some:
        return {}
    shared = {}
    for name in _fields(calls, some):
        (((kind, value), count),) = Counter(_key(one[name]) for one in some).most_common(1)
        if 2 * count >= len(some) and count > 1:
            shared[name] = value if kind in _PLAIN else json.loads(value)
    return shared


def _fields(calls: Sequence[dict[str, Any]], some: list[dict[str, Any]]) -> Iterable[str]:
    """Return the fields that every call has: a row cannot say that it has none."""
    if isinstance(calls, Calls):
        return some[0]
    return [name for name in some[0] if all(name in call for call in calls)]


def _key(value: Any) -> _Key:
    # With its type, which tells 1 from true; as JSON where it is a list or an object.
    kind = type(value)
    return (kind, value) if kind in _PLAIN else (kind, json.dumps(value))
