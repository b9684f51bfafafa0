"""A comparison of the report document as the formats made of text show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.budgets import amount

__all__ = ["COLUMNS", "ShownComparison", "read_comparison"]

COLUMNS = ("Test and model", "", "Was", "Now", "Change", "Over limit", "Allowed", "")
"""Heads of the cells of a row."""

_MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """
    What a session is compared with, and how it came out.

    Attributes:
        title: The baseline and its day.
        rows: A row of cells for each percentile, see :data:`COLUMNS`; what is slower comes first.
        more: How many rows were left out.
        failed: How many percentiles fail the session.
        warnings: What makes the comparison doubtful, in sentences.
    """

    title: str
    rows: tuple[tuple[str, ...], ...]
    more: int
    failed: int
    warnings: tuple[str, ...]


def read_comparison(document: Mapping[str, Any]) -> ShownComparison | None:
    """Return the comparison of a document; None without one."""
    compared = document.get("comparison")
    if not compared:
        return None
    day = str(compared.get("saved") or "")[:10]
    rows = sorted(compared["rows"], key=_rank)
    return ShownComparison(
        f"Compared with baseline {compared['baseline']}{f' of {day}' if day else ''}",
        tuple(map(_cells, rows[:_MOST_ROWS])),
        max(len(rows) - _MOST_ROWS, 0),
        sum(bool(row["gated"] and row["slower"]) for row in rows),
        tuple(compared.get("warnings") or ()),
    )


def _rank(row: Mapping[str, Any]) -> tuple[bool, bool, str, str]:
    return (
        not (row["gated"] and row["slower"]),
        not row["slower"],
        str(row.get("test") or ""),
        str(row.get("model") or ""),
    )


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    before, now = row.get("baseline_ms"), row.get("now_ms")
    whom = " ".join(filter(None, (row.get("provider"), row.get("model")))) or "runs"
    return (
        f"{row['test']}: {whom}" if row.get("test") else whom,
        str(row["budget"]),
        _time(before),
        _time(now),
        f"{(now / before - 1) * 100:+.0f} %" if before and now is not None else "-",
        f"{row['over']} of {row['n']}",
        str(row["allowed"]),
        ("SLOWER" if row["gated"] else "slower") if row["slower"] else "",
    )


def _time(milliseconds: float | None) -> str:
    return "failed" if milliseconds is None else amount(milliseconds, "ms")
