"""Budgets on the HTML page: what became of those of each test, and how close it was."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llm_latency_lens.budgets import Ruling
from llm_latency_lens.reports.figures import JudgedTest, ShownVerdict, judged_tests, say_count
from llm_latency_lens.reports.markup import Element, element

__all__ = ["list_verdicts"]

_KINDS = {
    Ruling.KEPT: ("good", "\N{CHECK MARK} kept"),
    Ruling.BROKEN: ("bad", "\N{MULTIPLICATION X} broken"),
    Ruling.ERROR: ("warn", "! error"),
    Ruling.NOT_SETTLED: ("warn", "~ not settled"),
    Ruling.NOT_JUDGED: ("quiet", "? not judged"),
}
_SIGNS = {"<=": "\N{LESS-THAN OR EQUAL TO}", ">=": "\N{GREATER-THAN OR EQUAL TO}"}
_WIDTH, _HEIGHT, _LIMIT = 176, 16, 112


def list_verdicts(document: Mapping[str, Any]) -> Element | None:
    """Return the section of budgets, what did not hold first; None without a budget."""
    tests = judged_tests(document)
    if not tests:
        return None
    open_ones = [test for test in tests if not test.held]
    others = [test for test in tests if test.held]
    return element(
        "section",
        element("h2", "Budgets", id="budgets"),
        element(
            "p",
            "The bar is what was seen, the stroke is the limit.",
            class_="quiet",
        ),
        *map(_test, open_ones),
        *_rest(others, is_open=not open_ones),
        aria_labelledby="budgets",
    )


def _rest(tests: Sequence[JudgedTest], *, is_open: bool) -> Iterator[Element]:
    if not tests:
        return
    summary = element("summary", f"{say_count(len(tests), 'test')} whose budgets held")
    folded = element("details", summary, *map(_test, tests))
    if is_open:
        folded.set("open", "")
    yield folded


def _test(test: JudgedTest) -> Element:
    return element(
        "article",
        element(
            "header",
            _pill(test.ruling),
            element("h3", test.node_id or "the whole session"),
            element("span", say_count(test.runs, "run"), class_="quiet") if test.node_id else None,
        ),
        element("ul", *map(_verdict, test.verdicts), class_="verdicts"),
    )


def _verdict(verdict: ShownVerdict) -> Element:
    head, _, evidence = verdict.sentence.partition(": ")
    for ascii_sign, sign in _SIGNS.items():
        head = head.replace(ascii_sign, sign)
    return element(
        "li",
        element("span", _pill(verdict.ruling)),
        element("div", element("b", head), element("small", evidence) if evidence else None),
        _gauge(verdict),
    )


def _pill(ruling: Ruling) -> Element:
    kind, words = _KINDS[ruling]
    return element("span", words, class_=f"pill {kind}")


def _gauge(verdict: ShownVerdict) -> Element:
    """Return a bar from zero to what was seen beside a mark at the limit."""
    kind = {"good": "good", "warn": "warn"}.get(_KINDS[verdict.ruling][0], "bad")
    bar = {"y": 4, "height": 8, "rx": 4}
    filled = _filled(verdict)
    return element(
        "svg",
        element("rect", x=0, width=_WIDTH, **bar, class_="track"),
        element("rect", x=0, width=filled, **bar, class_=kind) if filled else None,
        element("line", x1=_LIMIT, x2=_LIMIT, y1=0, y2=_HEIGHT, class_="limit"),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        class_="gauge",
        aria_hidden="true",
    )


def _filled(verdict: ShownVerdict) -> float:
    seen, limit = verdict.observed, verdict.limit
    if seen is None:
        # Infinite, unless the reason says that nothing was there to see.
        is_endless = verdict.ruling is Ruling.BROKEN and not verdict.reason
        return _WIDTH if is_endless else 0
    share = seen / limit if limit else 2.0 * bool(seen)
    return round(min(share * _LIMIT, _WIDTH), 1)
