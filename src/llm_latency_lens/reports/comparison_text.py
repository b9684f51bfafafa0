"""A comparison with a baseline as lines of a terminal."""

import textwrap
from collections.abc import Iterator

from tabulate import tabulate

from llm_latency_lens.baselines import Comparison, Row
from llm_latency_lens.budgets import amount
from llm_latency_lens.results import PairResult

__all__ = ["explain_pair", "list_comparison", "wrap_warning"]

_WIDTH = 80
# Before an exception's text pytest puts a margin.
_MARGIN = 8
_FEW_ROWS = 12


def list_comparison(comparison: Comparison, *, is_wide: bool = False) -> Iterator[tuple[str, str]]:
    """
    Yield the lines of a comparison, each with its colour (``red``, ``yellow`` or empty).

    Lines are at most 80 columns unless *is_wide*. Of many rows only those that are slower than
    their margin are shown, and the number of the others.
    """
    day = comparison.saved[:10]
    yield f"compared with baseline {comparison.name}{f' of {day}' if day else ''}", ""
    yield from _body(comparison, is_wide=is_wide)


def explain_pair(result: PairResult) -> str:
    """Return the message of a pair of which the second is slower than allowed."""
    a, b = result.names
    low, high = ("?" if end is None else f"{end:.2f}" for end in result.run_ratio_interval)
    ratio = f"{result.run_ratio:.2f} times that of {a} beside it ({low} to {high}, 95 %)"
    lines = [
        f"{b} is slower than {a}: {len(result.b.run_ns)} runs of each, in turns",
        *(line for line, _ in _body(result.comparison, is_wide=False, width=_WIDTH - _MARGIN)),
        f"  a run of {b} took {ratio}",
    ]
    return "\n".join(lines)


def _body(
    comparison: Comparison, *, is_wide: bool, width: int = _WIDTH
) -> Iterator[tuple[str, str]]:
    rows = comparison.rows
    if not is_wide and len(rows) > _FEW_ROWS:
        rows = comparison.slower
    yield from _table(rows, is_wide=is_wide, width=width)
    if hidden := len(comparison.rows) - len(rows):
        yield f"  {hidden} {'more ' if rows else ''}within their margin", ""
    if comparison.failed:
        count = len(comparison.failed)
        text = f"{count} {'percentile is' if count == 1 else 'percentiles are'} SLOWER than allowed"
        yield f"  {text}: the comparison fails", "red"
    for text in _asides(comparison):
        for line in [text] if is_wide else textwrap.wrap(text, width - 2):
            yield f"  {line}", ""
    for warning in comparison.warnings:
        for line, colour in wrap_warning(warning, is_wide=is_wide, width=width):
            yield f"  {line}", colour


def wrap_warning(
    warning: str, *, is_wide: bool = False, width: int = _WIDTH
) -> Iterator[tuple[str, str]]:
    """Yield the lines of a warning, with their colour."""
    text = f"warning: {warning}"
    for line in [text] if is_wide else textwrap.wrap(text, width - 2, subsequent_indent="  "):
        yield line, "yellow"


def _table(rows: tuple[Row, ...], *, is_wide: bool, width: int) -> Iterator[tuple[str, str]]:
    """The rows, each test and model with a line of its own above its percentiles."""
    if not rows:
        return
    order = sorted(rows, key=_name)
    table = tabulate(
        [["", "was", "now", "change", "over limit", "allowed", ""], *map(_cells, order)],
        tablefmt="plain",
        disable_numparse=True,
        colalign=("left", *["right"] * 5, "left"),
    )
    head, *lines = table.splitlines()
    yield f"    {head}", ""
    last = ""
    for row, line in zip(order, lines, strict=True):
        if (name := _name(row)) != last:
            yield f"  {name if is_wide else _tail(name, width - 2)}", ""
            last = name
        yield f"    {line.rstrip()}", _colour(row)


def _cells(row: Row) -> list[str]:
    return [
        row.word,
        _time(row.before_ms),
        _time(row.now_ms),
        "-" if row.change is None else f"{row.change * 100:+.0f} %",
        f"{row.over} of {row.n}",
        str(row.allowed),
        "SLOWER" if row.is_gated and row.is_slower else "slower" if row.is_slower else "",
    ]


def _time(milliseconds: float | None) -> str:
    return "failed" if milliseconds is None else amount(milliseconds, "ms")


def _name(row: Row) -> str:
    whom = " ".join(filter(None, (row.provider, row.model)))
    return f"{row.test}: {whom or 'runs'}" if row.test else whom or "runs"


def _tail(text: str, width: int) -> str:
    return text if len(text) <= width else f"...{text[3 - width :]}"


def _colour(row: Row) -> str:
    if not row.is_slower:
        return ""
    return "red" if row.is_gated else "yellow"


def _asides(comparison: Comparison) -> Iterator[str]:
    margins = {f"{row.margin * 100:g} %" for row in comparison.rows}
    if comparison.rows:
        yield (
            f"limit: that of {comparison.name} plus {', '.join(sorted(margins))}; SLOWER and "
            "slower are above it beyond chance (5 %, adjusted for the number of comparisons)"
        )
    else:
        yield "no test of this session has calls in the baseline"
    if comparison.ratio is not None:
        done = ", by which limits were multiplied" if comparison.is_relative else ""
        yield f"the session as a whole: {comparison.ratio:.2f} times the baseline{done}"
    if comparison.new:
        names = ", ".join(comparison.new[:3]) + (", ..." if len(comparison.new) > 3 else "")  # noqa: PLR2004 - enough to recognise them
        yield f"{len(comparison.new)} not in the baseline: {names}"
