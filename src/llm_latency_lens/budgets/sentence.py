"""Sentences: a verdict as a person reads it, on one line."""

from decimal import Decimal
from fractions import Fraction

from llm_latency_lens.budgets.verdict import Ruling, Verdict
from llm_latency_lens.budgets.words import WORDS, Metric

__all__ = ["amount", "describe", "describe_interval", "is_burst"]

_MS_PER_S = 1_000
_DIGITS = 3
_MORE_DIGITS = (6, 9)
_RATE = "tokens/s"
_NUMBERS = {0: "none", 1: "one", 2: "two"}
# Rarer by chance than this, calls over a limit came in bursts.
_BURST = 0.01
_NAMES = {
    Metric.LATENCY: "latency",
    Metric.TTFT: "TTFT",
    Metric.TTFO: "TTFO",
    Metric.ITL: "ITL",
    Metric.TPOT: "TPOT",
    Metric.RUN: "run time",
}


def amount(value: float | None, unit: str, digits: int = _DIGITS) -> str:
    """Return *value* with its unit, in three significant digits: ``3.41 s``, ``$0.0021``."""
    if value is None:
        return "no end" if unit == "ms" else "unknown"
    if unit == "ms":
        return _time(value, digits)
    if unit == "usd":
        is_short = value >= 1 and digits == _DIGITS
        return f"${value:.2f}" if is_short else f"${_round(value, digits)}"
    if unit == "share":
        return f"{_round(value * 100, digits)} %"
    if unit == "calls":
        return f"{value:.0f}"
    return f"{_round(value, digits)} {unit}"


def describe(verdict: Verdict) -> str:
    """
    Return the verdict as one line: what was seen, what is allowed, the margin, n and k.

    ``p95 latency 3.41 s > 2 s (+70 %): 3 of 20 calls over, 1 allowed; ...``, and with a
    confidence ``p95 latency: 3 of 12 calls over 2 s, 1 in 20 allowed; settled at 95 %, ...``
    """
    subject = _subject(verdict)
    if verdict.planned is not None and verdict.ruling is not Ruling.ERROR:
        return f"{subject}{_settled(verdict)}"
    is_told = verdict.observed is None or verdict.ruling is Ruling.ERROR
    if verdict.reason and (is_told or _is_cut_off(verdict)):
        limit = amount(verdict.limit, verdict.unit)
        return f"{subject} {_sign(verdict)} {limit}: {verdict.reason}"
    digits = _digits(verdict)
    seen, limit = (amount(one, verdict.unit, digits) for one in (verdict.observed, verdict.limit))
    text = f"{subject} {seen} {_sign(verdict)} {limit}{_origin(verdict)}"
    if verdict.margin is not None and verdict.failed:
        text += f" ({verdict.margin * 100:+.0f} %)"
    text += f": {_counts(verdict)}"
    if verdict.ruling is Ruling.NOT_SETTLED:
        text += f"; above by chance? not settled at {_sure(verdict)} ({_in_doubt(verdict)})"
    return text


def describe_interval(verdict: Verdict) -> str:
    """
    Return where the true percentile lies, by the values that were seen; empty for no percentile.

    ``p95 latency of all calls to come: 252 ms or more (95 %); an upper end takes 72 calls``
    """
    needed = verdict.calls_to_bound
    if needed is None:
        return ""
    ends = [
        None if end is None else amount(end, verdict.unit)
        for end in (verdict.percentile_low, verdict.percentile_high)
    ]
    low, high = ends
    if low and high:
        where = f"{low} to {high} (95 %)"
    elif low or high:
        where = f"{low} or more (95 %)" if low else f"{high} or less (95 %)"
    else:
        where = "not known"
    if verdict.n < needed:
        side = "a lower" if verdict.unit == _RATE else "an upper"
        where += f"; {side} end takes {needed} {_what(verdict, needed)}"
    elif not high:
        where += "; no upper end, as calls failed"
    return f"{_subject(verdict)} of all {_what(verdict, 2)} to come: {where}"


def is_burst(verdict: Verdict) -> bool:
    """Whether the calls over the limit stand together more than chance would have it."""
    return verdict.burst_chance is not None and verdict.burst_chance < _BURST


def _settled(verdict: Verdict) -> str:
    """What a count settled or left open, and what it took."""
    what = _what(verdict, verdict.n)
    limit = "" if verdict.unit == "share" else f" {amount(verdict.limit, verdict.unit)}"
    seen = f"{verdict.k} of {verdict.n} {what} {_over(verdict)}{limit}{_origin(verdict)}"
    total = _what(verdict, verdict.planned or 0)
    unmade = f"{verdict.unmade} of {verdict.planned} {total} not made" if verdict.unmade else ""
    if verdict.ruling is Ruling.NOT_SETTLED:
        parts = [f" not settled at {_sure(verdict)}: {seen}, {verdict.fails_at} would fail"]
        parts.append(unmade or f"{_needs(verdict)} ({_in_doubt(verdict)})")
    else:
        parts = [f": {seen}, {_allowance(verdict)} allowed"]
        proven = f" against {verdict.tolerance:g} times that" if verdict.tolerance > 1 else ""
        is_kept = verdict.ruling is Ruling.KEPT
        settled = f"settled at {_sure(verdict)}{proven if is_kept else ''}"
        parts.append(f"{settled}, {unmade}" if unmade else settled)
        parts.append(_nearest_rank(verdict))
    return "; ".join(filter(None, [*parts, _bursts(verdict).removeprefix("; "), _aside(verdict)]))


def _origin(verdict: Verdict) -> str:
    """Where a limit comes from that nobody wrote down."""
    return f", {verdict.written}" if verdict.baseline else ""


def _needs(verdict: Verdict) -> str:
    over = _NUMBERS.get(verdict.pass_over, str(verdict.pass_over))
    more = _NUMBERS.get(verdict.pass_over + 1, str(verdict.pass_over + 1))
    return (
        f"a pass takes iterations={verdict.pass_runs} with {over} over, or "
        f"{verdict.pass_runs_next} with {more}"
    )


def _nearest_rank(verdict: Verdict) -> str:
    seen = amount(verdict.observed, verdict.unit)
    if verdict.unit == "share":
        return f"seen {seen}"
    name = verdict.word.rpartition("_")[2] if verdict.unit == "ms" else "p10"
    return f"{name} = {seen} (nearest rank, n={verdict.n})"


def _allowance(verdict: Verdict) -> str:
    quantile = WORDS[verdict.word].quantile
    share = Fraction(str(verdict.limit)) if quantile is None else 1 - quantile
    inverse = 1 / share
    return f"1 in {inverse}" if inverse.denominator == 1 else f"{_round(float(share) * 100, 3)} %"


def _sure(verdict: Verdict) -> str:
    return f"{Decimal(f'{(verdict.confidence or 0) * 100:.6g}'):f} %"


def _in_doubt(verdict: Verdict) -> str:
    return f"on_inconclusive={'fail' if verdict.fails_unsettled else 'pass'}"


def _bursts(verdict: Verdict) -> str:
    if verdict.burst_chance is None or not is_burst(verdict):
        return ""
    return f"; in bursts (by chance: {_round(verdict.burst_chance * 100, 2)} %)"


def _subject(verdict: Verdict) -> str:
    word = WORDS[verdict.word]
    wanted = " ".join(filter(None, (verdict.provider, verdict.model)))
    where = f" of {wanted}" if wanted else ""
    if word.metric in _NAMES and word.name != "min_tokens_per_second":
        return f"{word.name.rpartition('_')[2]} {_NAMES[word.metric]}{where}"
    return f"{word.name.replace('_', ' ')}{where}"


def _sign(verdict: Verdict) -> str:
    is_floor = verdict.unit == _RATE
    has_missed = verdict.ruling in (Ruling.BROKEN, Ruling.NOT_SETTLED)
    if has_missed and verdict.observed is not None and not _is_cut_off(verdict):
        return "<" if is_floor else ">"
    if verdict.observed is None and verdict.ruling is Ruling.BROKEN and not verdict.reason:
        return ">"
    return ">=" if is_floor else "<="


def _is_cut_off(verdict: Verdict) -> bool:
    """Whether it is broken although what was seen is within: runs were left out."""
    return (
        bool(verdict.reason)
        and verdict.observed is not None
        and (verdict.observed <= verdict.limit and verdict.unit == "usd")
    )


def _digits(verdict: Verdict) -> int:
    """How many digits it takes to tell the two numbers apart: no "2 s > 2 s"."""
    both = (verdict.observed, verdict.limit)
    if verdict.observed == verdict.limit:
        return _DIGITS
    for digits in (_DIGITS, *_MORE_DIGITS):
        seen, limit = (amount(one, verdict.unit, digits) for one in both)
        if seen != limit:
            return digits
    return _DIGITS


def _counts(verdict: Verdict) -> str:
    what = _what(verdict, verdict.n)
    aside = f"; {_aside(verdict)}" if verdict.excluded else ""
    if verdict.k is None:
        return f"n={verdict.n} {what}{aside}"
    text = f"{verdict.k} of {verdict.n} {what} {_over(verdict)}, {verdict.allowed} allowed"
    if verdict.failed and verdict.share_low is not None and verdict.share_high is not None:
        low, high = verdict.share_low * 100, verdict.share_high * 100
        text += f"; true share {low:.1f}-{high:.1f} % (95 %)"
    # Below 20 calls one slow call decides every p95 that holds: said only where it did not.
    if verdict.failed and verdict.one_call_decides:
        text += "; one call decides"
    if verdict.failed:
        text += _bursts(verdict)
    return text + aside


def _what(verdict: Verdict, number: int) -> str:
    is_run = verdict.is_per_run or WORDS[verdict.word].metric in (Metric.RUN, Metric.CALLS)
    return ("run" if is_run else "call") + ("" if number == 1 else "s")


def _over(verdict: Verdict) -> str:
    if verdict.word == "timeout_rate":
        return "timed out"
    is_settled = verdict.planned is not None
    return {"share": "failed", _RATE: "below" if is_settled else "slower"}.get(verdict.unit, "over")


def _aside(verdict: Verdict) -> str:
    return f"{verdict.excluded} excluded" if verdict.excluded else ""


def _time(milliseconds: float, digits: int) -> str:
    if milliseconds >= _MS_PER_S:
        return f"{_round(milliseconds / _MS_PER_S, digits)} s"
    if milliseconds >= 1:
        return f"{_round(milliseconds, digits)} ms"
    return f"{milliseconds * 1000:.0f} us"


def _round(value: float, digits: int) -> str:
    # Of a long number "g" would make an exponent; Decimal's "f" never does.
    is_long = value >= 10 ** (digits - 1)
    return f"{value:.0f}" if is_long else f"{Decimal(f'{value:.{digits}g}'):f}"
