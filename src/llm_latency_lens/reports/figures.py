"""Figures: numbers of the report document as a reader sees them, for the formats made of text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.budgets import WORDS, Ruling, Verdict, amount, describe

__all__ = [
    "JudgedTest",
    "count_words",
    "judged_tests",
    "named_values",
    "read_cost",
    "read_failed",
    "read_moment",
    "read_rate",
    "read_time",
    "read_verdict",
    "say_count",
    "say_verdict",
]

Json = Mapping[str, Any]

# Above it, three digits would be an exponent.
_WHOLE_FROM = 100
_ORDER = {Ruling.BROKEN: 0, Ruling.ERROR: 1, Ruling.NOT_JUDGED: 2, Ruling.KEPT: 3}
_SPOKEN = {
    "kept": "kept",
    "broken": "broken",
    "error": "in error",
    "not_judged": "not judged",
}


@dataclass(frozen=True, slots=True)
class JudgedTest:
    """A test that carries budgets, and what became of them, the worst first."""

    node_id: str
    outcome: str
    runs: int
    verdicts: tuple[Verdict, ...]

    @property
    def ruling(self) -> Ruling:
        """The worst of its rulings."""
        return self.verdicts[0].ruling


def judged_tests(document: Json) -> tuple[JudgedTest, ...]:
    """Return the tests that carry budgets, the worst first, else by name."""
    tests = [
        JudgedTest(
            str(test["node_id"]),
            str(test.get("outcome", "")),
            int(test.get("runs", 0)),
            tuple(sorted(map(read_verdict, test["verdicts"]), key=lambda one: _ORDER[one.ruling])),
        )
        for test in document.get("tests", ())
        if test.get("verdicts")
    ]
    return tuple(sorted(tests, key=lambda test: (_ORDER[test.ruling], test.node_id)))


def read_verdict(verdict: Json) -> Verdict:
    """Return a verdict of the document as the value that it was made from."""
    low, high = verdict.get("true_share_95") or (None, None)
    return Verdict(
        word=verdict["budget"],
        ruling=Ruling(verdict["ruling"]),
        written="",
        unit=verdict["unit"],
        limit=verdict["limit"],
        observed=verdict.get("observed"),
        n=verdict.get("n") or 0,
        k=verdict.get("over"),
        allowed=verdict.get("allowed"),
        share_low=low,
        share_high=high,
        one_call_decides=bool(verdict.get("one_call_decides")),
        excluded=verdict.get("excluded") or 0,
        reason=verdict.get("reason") or "",
        provider=verdict.get("provider") or "",
        model=verdict.get("model") or "",
    )


def say_verdict(verdict: Verdict) -> str:
    """Return the verdict in one sentence, the one of terminal and failure message."""
    if verdict.word in WORDS:
        return describe(verdict)
    limit = amount(verdict.limit, verdict.unit)  # a budget of a plugin, by a word of its own
    return f"{verdict.word} {amount(verdict.observed, verdict.unit)}, limit {limit}"


def count_words(budgets: Json) -> str:
    """Return the counts of rulings in words: ``12 kept, 3 broken``; empty without a budget."""
    counts = ((budgets.get(key, 0), spoken) for key, spoken in _SPOKEN.items())
    return ", ".join(f"{count} {spoken}" for count, spoken in counts if count)


def say_count(count: int, noun: str) -> str:
    """Return the number of things: ``1 call``, ``2,000 calls``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def read_time(times: Json | None, name: str) -> str:
    """
    Return one statistic of a time metric with its unit.

    ``-`` where there was nothing to measure, ``failed`` where it falls on a failed call.
    """
    if not times:
        return "-"
    value = times.get(name)
    return "failed" if value is None else amount(value, "ms")


def read_rate(rate: float | None) -> str:
    """Return tokens per second in about three digits; ``-`` where they are unknown."""
    return "-" if not rate else f"{rate:.0f}" if rate >= _WHOLE_FROM else f"{rate:.3g}"


def read_cost(cost: Json) -> str:
    """Return a sum of money, with ``>`` before it where some calls have no known price."""
    total, unpriced = cost.get("total_usd") or 0, cost.get("unpriced_calls") or 0
    if unpriced and not total:
        return "unknown"
    return f"{'>' if unpriced else ''}{amount(total, 'usd')}"


def read_failed(group: Json) -> int:
    """Return how many calls failed: errors, timeouts, and those that were cut off."""
    return sum(group.get(name) or 0 for name in ("errors", "timeouts", "cut"))


def read_moment(moment: str) -> str:
    """Return a moment of the document to the second, as a person writes it."""
    return f"{moment[:10]} {moment[11:19]} UTC"


def named_values(values: Json) -> Iterator[tuple[str, str]]:
    """Yield the entries of a mapping that are single values, as text."""
    for name, value in values.items():
        if isinstance(value, str | int | float):
            yield str(name), str(value)
