"""
The session as a page of GitHub-flavoured Markdown, fit for a job summary.

GitHub shows at most 1 MiB of a summary, and nobody reads that much: long lists are cut short, and
the page says so.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from llm_latency_lens.atomic_file import write_whole
from llm_latency_lens.budgets import Ruling
from llm_latency_lens.reports.figures import (
    JudgedTest,
    count_words,
    judged_tests,
    named_values,
    notices,
    read_cost,
    read_failed,
    read_moment,
    read_rate,
    read_time,
    say_count,
)
from llm_latency_lens.reports.shown_comparison import COLUMNS, read_comparison

__all__ = ["write_markdown"]

_MOST_TESTS = 50
_MOST_MODELS = 50
_SYMBOLS = {
    Ruling.KEPT: "\N{WHITE HEAVY CHECK MARK}",
    Ruling.BROKEN: "\N{CROSS MARK}",
    Ruling.ERROR: "\N{WARNING SIGN}",
    Ruling.NOT_SETTLED: "\N{WARNING SIGN}",
    Ruling.NOT_JUDGED: "\N{WHITE QUESTION MARK ORNAMENT}",
}
_HEADS = (
    *("Model", "Calls", "Failed", "p50", "p95", "p99", "TTFT p50", "TTFT p95", "Tokens/s", "Cost"),
)
# What Markdown heeds in the middle of a line; nothing here begins one with a text of others.
_ACTIVE = re.compile(r"([\\`*_\[\]<#|~&@$])")
_VERSIONS = ("llm-latency-lens", "python")
_BACKTICKS = re.compile(r"`+")


def write_markdown(document: dict[str, Any], path: Path) -> None:
    """
    Write the document to *path* as Markdown, whole or not at all.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
    """
    write_whole("\n".join(_page(document)) + "\n", path)


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {_title(document['budgets'])}"
    for notice in notices(document):
        yield from ("", f"{_SYMBOLS[Ruling.ERROR]} {_plain(notice)}")
    yield from ("", _totals(document["total"]))
    yield from _models(document["models"])
    tests = judged_tests(document)
    yield from _tests("Budgets that did not hold", [one for one in tests if not one.held])
    yield from _folded("Budgets that held", [one for one in tests if one.held])
    yield from _comparison(document)
    yield from ("", f"<sub>{_origin(document)}</sub>")


def _title(budgets: Mapping[str, int]) -> str:
    counts = count_words(budgets)
    if not counts:
        return "LLM latency"
    ruling = Ruling.NOT_SETTLED if budgets.get("not_settled") else Ruling.KEPT
    if budgets.get("broken") or budgets.get("error"):
        ruling = Ruling.BROKEN
    return f"{_SYMBOLS[ruling]} LLM latency budgets: {counts}"


def _totals(total: Mapping[str, Any]) -> str:
    tokens, failed = total["tokens"], read_failed(total)
    parts = [
        f"**{say_count(total['calls'], 'call')}**" + (f", **{failed} failed**" if failed else ""),
        f"{tokens['input']} tokens in, {tokens['output']} out",
        f"cost {_plain(read_cost(total['cost']))}",
    ]
    if total.get("retries"):
        parts.insert(1, f"{total['retries']} retries")
    return " · ".join(parts)


def _models(models: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not models:
        return
    yield from ("", _row(_HEADS), _row(["---", *["--:"] * (len(_HEADS) - 1)]))
    for group in models[:_MOST_MODELS]:
        latency, ttft = group.get("latency_ms"), group.get("ttft_ms")
        yield _row(
            [
                _plain(f"{group['provider']} {group['model']}"),
                str(group["calls"]),
                str(read_failed(group)),
                *(read_time(latency, name) for name in ("p50", "p95", "p99")),
                *(read_time(ttft, name) for name in ("p50", "p95")),
                read_rate(group.get("tokens_per_second")),
                _plain(read_cost(group["cost"])),
            ]
        )
    yield from _more(len(models) - _MOST_MODELS, "models")


def _tests(title: str, tests: Sequence[JudgedTest]) -> Iterator[str]:
    if not tests:
        return
    yield from ("", f"### {title}", "")
    yield from _list(tests)


def _comparison(document: Mapping[str, Any]) -> Iterator[str]:
    compared = read_comparison(document)
    if compared is None:
        return
    slower = f": {say_count(compared.failed, 'percentile')} too slow" if compared.failed else ""
    yield from ("", f"### {_plain(compared.title)}{slower}")
    if compared.rows:
        yield from ("", _row(COLUMNS), _row(["---", "---", *["--:"] * 5, "---"]))
        yield from (_row(map(_plain, cells)) for cells in compared.rows)
    yield from _more(compared.more, "percentiles")
    for warning in compared.warnings:
        yield from ("", f"{_SYMBOLS[Ruling.ERROR]} {_plain(warning)}")


def _folded(title: str, tests: Sequence[JudgedTest]) -> Iterator[str]:
    if not tests:
        return
    count = say_count(len(tests), "test")
    yield from ("", "<details>", f"<summary>{title} ({count})</summary>", "")
    yield from _list(tests)
    yield from ("", "</details>")


def _list(tests: Sequence[JudgedTest]) -> Iterator[str]:
    for test in tests[:_MOST_TESTS]:
        yield f"- {_code(test.node_id) if test.node_id else 'The whole session'}"
        for verdict in test.verdicts:
            yield f"  - {_SYMBOLS[verdict.ruling]} {_plain(verdict.sentence)}"
    yield from _more(len(tests) - _MOST_TESTS, "tests")


def _more(count: int, what: str) -> Iterator[str]:
    if count > 0:
        yield from ("", f"... and {count} more {what}.")


def _origin(document: Mapping[str, Any]) -> str:
    versions = document.get("environment", {})
    parts = [
        read_moment(document["started"]),
        *(f"{name} {versions[name]}" for name in _VERSIONS if name in versions),
        *(f"{name} {value}" for name, value in named_values(document.get("extra", {}))),
    ]
    return " · ".join(map(_plain, parts))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Return *text* such that Markdown shows it as it is, on one line."""
    # "@" has no escape of its own that GitHub heeds.
    return _ACTIVE.sub(
        lambda found: "&#64;" if found[1] == "@" else rf"\{found[1]}", " ".join(text.split())
    )


def _code(text: str) -> str:
    """Return *text* as a code span; its fence is longer than any row of backticks in it."""
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    fence, space = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{space}{text}{space}{fence}"
