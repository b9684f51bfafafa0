"""Figures: numbers of the report document as a reader sees them, for the formats made of text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.budgets import Ruling, amount

__all__ = [
    "JudgedTest",
    "ShownVerdict",
    "count_words",
    "judged_tests",
    "named_values",
    "notices",
    "read_cost",
    "read_failed",
    "read_moment",
    "read_rate",
    "read_time",
    "read_verdict",
    "say_count",
]

Json = Mapping[str, Any]

# Above it, three digits would be an exponent.
_WHOLE_FROM = 100
_ORDER = {
    Ruling.BROKEN: 0,
    Ruling.ERROR: 1,
    Ruling.NOT_SETTLED: 2,
    Ruling.NOT_JUDGED: 3,
    Ruling.KEPT: 4,
}
_GOOD = frozenset({Ruling.KEPT, Ruling.NOT_JUDGED})
_SPOKEN = {
    "kept": "kept",
    "broken": "broken",
    "not_settled": "not settled",
    "error": "in error",
    "not_judged": "not judged",
}


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """
    A verdict of the document, as far as it is shown.

    Attributes:
        ruling: How the budget was judged.
        sentence: What terminal and failure message say of it.
        limit: The limit.
        observed: What was seen; None when it is infinite or does not exist.
        reason: Why, where the numbers alone do not say it.
    """

    ruling: Ruling
    sentence: str
    limit: float
    observed: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class JudgedTest:
    """
    What carries budgets, and what became of them, the worst first.

    Attributes:
        node_id: Id of the test; empty for the session as a whole.
        runs: How often the body was run; 0 for the session.
        verdicts: At least one.
    """

    node_id: str
    runs: int
    verdicts: tuple[ShownVerdict, ...]

    @property
    def ruling(self) -> Ruling:
        """The worst of its rulings."""
        return self.verdicts[0].ruling

    @property
    def held(self) -> bool:
        """Whether nothing of it is broken, in error or not settled."""
        return self.ruling in _GOOD


def judged_tests(document: Json) -> tuple[JudgedTest, ...]:
    """Return what carries budgets, the worst first, else the session and then tests by name."""
    session = {"node_id": "", "verdicts": document.get("session_verdicts")}
    judged = [
        JudgedTest(
            str(test["node_id"]),
            int(test.get("runs", 0)),
            tuple(sorted(map(read_verdict, test["verdicts"]), key=lambda one: _ORDER[one.ruling])),
        )
        for test in (session, *document.get("tests", ()))
        if test.get("verdicts")
    ]
    return tuple(sorted(judged, key=lambda test: (_ORDER[test.ruling], test.node_id)))


def read_verdict(verdict: Json) -> ShownVerdict:
    """Return what is shown of a verdict of the document."""
    observed, limit = verdict.get("observed"), verdict["limit"]
    sentence = verdict.get("in_words")
    if not sentence:  # the budget of a plugin, by a word of its own
        unit = verdict["unit"]
        sentence = f"{verdict['budget']} {amount(observed, unit)}, limit {amount(limit, unit)}"
    return ShownVerdict(
        Ruling(verdict["ruling"]), sentence, limit, observed, verdict.get("reason") or ""
    )


def count_words(budgets: Json) -> str:
    """Return the counts of rulings in words: ``12 kept, 3 broken``; empty without a budget."""
    counts = ((budgets.get(key, 0), spoken) for key, spoken in _SPOKEN.items())
    return ", ".join(f"{count} {spoken}" for count, spoken in counts if count)


def notices(document: Json) -> Iterator[str]:
    """Yield, in sentences, why calls are missing: a session cut short, a cap on its cost."""
    for reason in (document.get("partial") or {}).get("reasons", ()):
        yield f"Partial: {reason}"
    spending = document.get("spending") or {}
    if spending.get("refused_calls"):
        spent, cap = (amount(spending[name], "usd") for name in ("spent_usd", "cap_usd"))
        refused = say_count(spending["refused_calls"], "call")
        yield f"{refused} not sent: {spent} of the cap of {cap} were spent"


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
