"""The text of a broken budget: what was seen, what was allowed, where time went, the way out."""

import math
import textwrap
from collections.abc import Sequence
from decimal import Decimal

from tabulate import tabulate

from llm_latency_lens.budgets import Ruling, Verdict, amount, describe, describe_interval, is_burst
from llm_latency_lens.samples import Phase, Sample

__all__ = ["explain_failure", "list_verdicts"]

_NS_PER_MS = 1_000_000
_SLOWEST = 3
# What is left of 80 columns beside the margin that pytest puts before an exception's text.
_WIDTH = 72


def explain_failure(
    verdicts: Sequence[Verdict], samples: Sequence[Sample], *, place: str = "latency"
) -> str:
    """
    Return the message about budgets that did not hold; its first line stands alone.

    The way out is spelled for *place*, where the budgets are written: the mark, or a call that
    takes them. It is left out where *place* is empty.
    """
    failed = [one for one in verdicts if one.failed]
    lines = _wrapped(describe(failed[0]))
    if len(failed) > 1:
        is_open = any(one.ruling is Ruling.NOT_SETTLED for one in failed)
        what = "broken or not settled" if is_open else "broken"
        # All of it stands below.
        first = lines[0].rstrip(";")
        lines = [f"{len(failed)} of {len(verdicts)} budgets {what}; first: {first}"]
    if len(verdicts) > 1:
        lines.append("")
        for one in verdicts:
            lines += _wrapped(describe(one), f"  {_mark(one)} ", " " * 10)
    calls = [one for one in samples if one.phase is Phase.CALL]
    if calls:
        lines += ["", *_slowest(calls)]
    if intervals := [text for text in map(describe_interval, failed) if text]:
        lines += ["", *(line for text in intervals for line in _wrapped(text))]
    if place and (ways := _ways_out(failed, place)):
        lines += ["", *(line for text in ways for line in _wrapped(text))]
    return "\n".join(lines)


def _wrapped(text: str, first: str = "", rest: str = "  ") -> list[str]:
    """Return *text* in lines of at most 72 columns, broken after clauses where that is enough."""
    head, *clauses = text.replace("; ", ";\n").splitlines()
    lines = textwrap.wrap(head, _WIDTH, initial_indent=first, subsequent_indent=rest)
    for clause in clauses:
        if len(lines[-1]) + 1 + len(clause) <= _WIDTH:
            lines[-1] += f" {clause}"
        else:
            lines += textwrap.wrap(clause, _WIDTH, initial_indent=rest, subsequent_indent=rest)
    return lines


def list_verdicts(verdicts: Sequence[Verdict]) -> list[str]:
    """Return one line a verdict: its ruling, what was seen and what is allowed."""
    return [f"{_mark(one)} {describe(one)}" for one in verdicts]


def _mark(verdict: Verdict) -> str:
    return {
        Ruling.BROKEN: "BROKEN ",
        Ruling.NOT_SETTLED: "OPEN   ",
        Ruling.ERROR: "ERROR  ",
        Ruling.KEPT: "kept   ",
        Ruling.NOT_JUDGED: "unknown",
    }[verdict.ruling]


def _slowest(calls: Sequence[Sample]) -> list[str]:
    def slowness(one: Sample) -> float:
        return math.inf if one.outcome.failed else one.latency_ns

    worst = sorted(calls, key=slowness, reverse=True)[:_SLOWEST]
    # As a row, since headers are given more room than 80 columns have.
    headers = ["model", "run", "total", "connect", "first token", "streaming", "ended"]
    table = tabulate(
        [headers, *(_row(one) for one in worst)],
        tablefmt="plain",
        disable_numparse=True,
        colalign=("left", "right", "right", "right", "right", "right", "left"),
    )
    title = (
        f"Slowest of {len(calls)} calls and where their time went:"
        if len(calls) > 1
        else "Where the time of the call went:"
    )
    return [title, *(f"  {line.rstrip()}" for line in table.splitlines())]


def _row(one: Sample) -> list[str]:
    line = one.timeline
    waited_from = line.sent_ns or line.started_ns
    first = line.first_token_ns or (None if one.streamed else line.ended_ns)
    last = line.last_token_ns
    streaming = None if first is None or last is None else last - first
    return [
        one.model,
        str(one.run),
        _span(one.latency_ns),
        "reused"
        if line.connected_ns is None
        else _between(line.connect_started_ns, line.connected_ns),
        _between(waited_from, first),
        _span(streaming),
        _ending(one),
    ]


def _ending(one: Sample) -> str:
    outcome = one.outcome
    words = [outcome.status.value]
    if outcome.failed:
        words += [str(outcome.http_status or ""), outcome.error_type or ""]
    if len(one.attempts) > 1:
        words.append(f"after {len(one.attempts)} attempts")
    return " ".join(filter(None, words))


def _between(start_ns: int | None, end_ns: int | None) -> str:
    return _span(None if start_ns is None or end_ns is None else end_ns - start_ns)


def _span(nanoseconds: int | None) -> str:
    return "-" if nanoseconds is None else amount(nanoseconds / _NS_PER_MS, "ms")


def _ways_out(failed: Sequence[Verdict], place: str) -> list[str]:
    lines = []
    raised = [text for text in map(_raised, failed) if text]
    if raised:
        lines.append(f"To allow what was seen: {place}({', '.join(raised)})")
    lines += [
        f"To take what was seen as the new baseline: pytest --lens-save {name}"
        for name in sorted({one.baseline for one in failed if one.baseline})
    ]
    if any(one.one_call_decides and not one.baseline for one in failed):
        lines.append(
            f"One call more or less turns this: be sure with {place}(confidence=0.95), or take "
            f"more with {place}(iterations=...)"
        )
    if any(is_burst(one) for one in failed):
        lines.append(
            "The calls over the limit stand together, so one cause may have hit them all: spread "
            "the runs over more time"
        )
    return lines


def _is_left_alone(verdict: Verdict) -> bool:
    """Whether raising the limit to what was seen would be no way out."""
    return verdict.ruling is not Ruling.BROKEN or bool(verdict.reason or verdict.baseline)


def _raised(verdict: Verdict) -> str:
    """The keyword that would just have held, rounded up to two digits."""
    seen = verdict.observed
    if seen is None or seen <= 0 or not math.isfinite(seen) or _is_left_alone(verdict):
        return ""
    if verdict.unit == "calls":
        return f"{verdict.word}={seen:.0f}"
    digits = 1 - math.floor(math.log10(seen))
    is_floor = verdict.unit == "tokens/s"
    rounded = (math.floor if is_floor else math.ceil)(round(seen * 10**digits, 9)) / 10**digits
    if is_floor:
        return f"{verdict.word}={rounded:g}"
    if verdict.unit == "usd":
        return f'{verdict.word}="{amount(rounded, "usd")}"'
    if verdict.unit == "share":
        return f'{verdict.word}="{Decimal(f"{rounded * 100:g}"):f}%"'
    # Decimal's "f" never falls into exponents, which no budget understands.
    return f'{verdict.word}="{Decimal(f"{rounded:g}"):f}ms"'
