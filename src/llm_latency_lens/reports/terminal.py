"""The summary at the end of a session, for a terminal of 80 columns and a tired reader."""

import textwrap
from collections import Counter
from collections.abc import Iterator

from tabulate import tabulate

from llm_latency_lens.budgets import Ruling, Verdict, amount, describe, describe_interval
from llm_latency_lens.metrics import Aggregate, Distribution
from llm_latency_lens.reports.comparison_text import list_comparison
from llm_latency_lens.results import Group, RunResult
from llm_latency_lens.samples import Status

__all__ = ["summarise"]

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
# Above it, three digits would be an exponent.
_WHOLE_FROM = 100
_WIDTH = 80
_NAME_WIDTH = 17


def summarise(result: RunResult, *, is_wide: bool = False) -> Iterator[tuple[str, str]]:
    """
    Yield the lines of the summary, each with its colour (``red``, ``yellow`` or empty).

    Lines are at most 80 columns unless *is_wide*; nothing is yielded when nothing was recorded.
    """
    is_judged = result.verdicts or any(test.verdicts for test in result.tests)
    if not (result.samples or is_judged or result.partial):
        return
    for line in _table(result.groups, is_wide=is_wide):
        yield line, ""
    totals = _totals(result)
    if saved := _saved(result):
        totals = f"{totals} | {saved}"
    for line in [totals] if is_wide else textwrap.wrap(totals, _WIDTH, subsequent_indent="  "):
        yield line, ""
    for line in _undecoded(result):
        yield from _wrapped(line, is_wide=is_wide, colour="yellow")
    if result.spending is not None:
        spent, cap = (
            amount(float(one), "usd")
            for one in (result.spending.spent_usd, result.spending.cap_usd)
        )
        yield f"cost cap: {spent} of {cap}, {result.spending.refused_calls} calls refused", ""
    for reason in result.partial:
        yield from _wrapped(f"partial: {reason}", is_wide=is_wide, colour="yellow")
    yield from _verdicts(result, is_wide=is_wide)
    if result.comparison is not None:
        yield from list_comparison(result.comparison, is_wide=is_wide)


def _table(groups: tuple[Group, ...], *, is_wide: bool) -> list[str]:
    if not groups:
        return []
    headers = ["model", "calls", "failed", "p50", "p95", "TTFT p95", "tok/s", "cost"]
    rows = [_row(group, is_wide=is_wide) for group in groups]
    if is_wide:
        headers = [
            *headers[:5],
            "p99",
            "max",
            "TTFT p50",
            *headers[5:],
            "TPOT p50",
            "tokens in",
            "tokens out",
            "retries",
        ]
    # As a row, since tabulate pads what it knows to be headers.
    lines = _align([headers, *rows])
    # Large numbers take their room from the names.
    if not is_wide and (excess := max(map(len, lines)) - _WIDTH) > 0:
        longest = max(len(row[0]) for row in rows)
        rows = [[_short(row[0], longest - excess), *row[1:]] for row in rows]
        lines = _align([headers, *rows])
    return lines


def _align(rows: list[list[str]]) -> list[str]:
    table = tabulate(
        rows,
        tablefmt="plain",
        disable_numparse=True,
        colalign=("left", *["right"] * (len(rows[0]) - 1)),
    )
    return [line.rstrip() for line in table.splitlines()]


def _row(group: Group, *, is_wide: bool) -> list[str]:
    seen = group.aggregate
    name = (
        f"{group.provider} {group.model}"
        if is_wide
        else _short(group.model or group.provider, _NAME_WIDTH)
    )
    row = [
        name,
        str(seen.calls),
        str(seen.failed),
        _quantile(seen.latency, "0.5"),
        _quantile(seen.latency, "0.95"),
        _quantile(seen.ttft, "0.95"),
        _rate(seen.tpot),
        _cost(seen),
    ]
    if not is_wide:
        return row
    return [
        *row[:5],
        _quantile(seen.latency, "0.99"),
        _quantile(seen.latency, "1"),
        _quantile(seen.ttft, "0.5"),
        *row[5:],
        _quantile(seen.tpot, "0.5"),
        str(seen.tokens.input),
        str(seen.tokens.output),
        str(seen.retries),
    ]


def _short(name: str, width: int) -> str:
    return name if len(name) <= width else f"{name[: max(width, 1) - 1]}~"


def _quantile(times: Distribution, q: str) -> str:
    if not times.n:
        return "-"
    value = times.quantile(q)
    return "failed" if value is None else amount(value / _NS_PER_MS, "ms")


def _rate(tpot: Distribution) -> str:
    median = tpot.median if tpot.n else None
    rate = _NS_PER_S / median if median else 0
    return "-" if not rate else f"{rate:.0f}" if rate >= _WHOLE_FROM else f"{rate:.3g}"


def _cost(seen: Aggregate) -> str:
    if not seen.cost.priced:
        return "unknown"
    known = amount(float(seen.cost.total_usd), "usd")
    return f">{known}" if seen.cost.unpriced else known


def _totals(result: RunResult) -> str:
    total = result.total
    aside = total.calls - len(result.judged)
    parts = [f"{total.calls} calls"]
    if aside:
        parts[0] += f" ({aside} in warm-up and fixtures)"
    if total.failed:
        parts.append(f"{total.failed} failed")
    parts.append(f"tokens {total.tokens.input} in, {total.tokens.output} out")
    parts.append(_cost(total) if total.cost.priced else "cost unknown")
    return " | ".join(parts)


def _undecoded(result: RunResult) -> Iterator[str]:
    """Yield what could not be read of answers that look sound: only their times are known."""
    sound = (one for one in result.samples if one.outcome.status is Status.OK)
    notes = Counter(one.note for one in sound if one.note)
    if notes:
        number = notes.total()
        answers = "1 answer" if number == 1 else f"{number} answers"
        more = f" (and other reasons: {len(notes) - 1})" if len(notes) > 1 else ""
        yield f"{answers} {notes.most_common(1)[0][0]}{more}"


def _saved(result: RunResult) -> str:
    saved = result.saved
    if not saved.runs:
        return ""
    money = f", about {amount(float(saved.usd), 'usd')}" if saved.usd else ""
    return f"saved {saved.runs} runs{money}"


def _percent(risk: float) -> str:
    return f"at most {100 * risk:.2g} %" if risk < 1 else "not bounded"


def _verdicts(result: RunResult, *, is_wide: bool) -> Iterator[tuple[str, str]]:
    kept, broken = result.count(Ruling.KEPT), result.count(Ruling.BROKEN)
    unknown, errors = result.count(Ruling.NOT_JUDGED), result.count(Ruling.ERROR)
    counts = {
        "kept": kept,
        "broken": broken,
        "not settled": result.count(Ruling.NOT_SETTLED),
        "in error": errors,
        "not judged": unknown,
    }
    if not sum(counts.values()):
        return
    words = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    yield f"budgets: {words}", "red" if broken or errors else ""
    sure, risk = result.family_risk
    if sure > 1:
        yield f"{sure} of them with a confidence: risk that any is wrong {_percent(risk)}", ""
    for one in result.verdicts:
        text = describe(one)
        if one.ruling is Ruling.KEPT:
            yield from _wrapped(f"  session: kept: {text}", is_wide=is_wide, colour="")
        else:
            colour = "red" if one.failed else "yellow"
            yield from _wrapped(f"  session: {one.ruling}: {text}", is_wide=is_wide, colour=colour)
    for test in result.tests:
        lines = [line for one in test.verdicts for line in _verdict(one, is_wide=is_wide)]
        if lines:
            yield f"  {test.node_id if is_wide else _tail(test.node_id, _WIDTH - 2)}", ""
            yield from lines


def _verdict(verdict: Verdict, *, is_wide: bool) -> Iterator[tuple[str, str]]:
    if verdict.ruling is Ruling.KEPT:
        return
    is_open = verdict.ruling is Ruling.NOT_SETTLED
    text = describe(verdict) if is_open else f"{verdict.ruling}: {describe(verdict)}"
    yield from _wrapped(
        f"    {text}", is_wide=is_wide, colour="red" if verdict.failed else "yellow"
    )
    if interval := describe_interval(verdict):
        yield from _wrapped(f"      {interval}", is_wide=is_wide, colour="")


def _wrapped(text: str, *, is_wide: bool, colour: str) -> Iterator[tuple[str, str]]:
    """Yield a text in lines, the first in its colour and the others further to the right."""
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    first, *rest = [text] if is_wide else textwrap.wrap(text, _WIDTH, subsequent_indent=indent)
    yield first, colour
    for line in rest:
        yield line, ""


def _tail(text: str, width: int) -> str:
    return text if len(text) <= width else f"...{text[3 - width :]}"
