"""
Call rows: the calls of a report without what most of them share.

Ten thousand calls to two models repeat the same thirty values. What at least half of the calls
have in a field stands once, under ``call_defaults``; a row holds what differs. So a call is
``{**call_defaults, **row}``, whichever fields were folded.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

__all__ = ["fold_calls", "unfold_calls"]


def fold_calls(calls: list[dict[str, Any]]) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
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


def _shared(calls: list[dict[str, Any]]) -> dict[str, Any]:
    if len(calls) < 2:  # noqa: PLR2004 - one call shares nothing
        return {}
    shared = {}
    # A field is folded only where every call has it: a row cannot say that it has none.
    for name in calls[0]:
        # As JSON, which tells 1 from true and counts lists too.
        spelled = Counter(json.dumps(call[name]) for call in calls if name in call)
        text, count = spelled.most_common(1)[0]
        if spelled.total() == len(calls) and 2 * count >= len(calls) and count > 1:
            shared[name] = json.loads(text)
    return shared
