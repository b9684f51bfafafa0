"""Sentences: a verdict as a person reads it, on one line."""

from decimal import Decimal

from llm_latency_lens.budgets.verdict import Ruling, Verdict
from llm_latency_lens.budgets.words import WORDS, Metric

__all__ = ["amount", "describe"]

_MS_PER_S = 1_000
_DIGITS = 3
_MORE_DIGITS = (6, 9)
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

    ``p95 latency 3.41 s > 2 s (+70 %): 3 of 20 calls over, 1 allowed; ...``
    """
    subject = _subject(verdict)
    if verdict.reason and (verdict.observed is None or verdict.ruling is Ruling.ERROR):
        limit = amount(verdict.limit, verdict.unit)
        return f"{subject} {_sign(verdict)} {limit}: {verdict.reason}"
    digits = _digits(verdict)
    seen, limit = (amount(one, verdict.unit, digits) for one in (verdict.observed, verdict.limit))
    text = f"{subject} {seen} {_sign(verdict)} {limit}"
    if verdict.margin is not None and verdict.failed:
        text += f" ({verdict.margin * 100:+.0f} %)"
    return f"{text}: {_counts(verdict)}"


def _subject(verdict: Verdict) -> str:
    word = WORDS[verdict.word]
    wanted = " ".join(filter(None, (verdict.provider, verdict.model)))
    where = f" of {wanted}" if wanted else ""
    if word.metric in _NAMES and word.name != "min_tokens_per_second":
        return f"{word.name.rpartition('_')[2]} {_NAMES[word.metric]}{where}"
    return f"{word.name.replace('_', ' ')}{where}"


def _sign(verdict: Verdict) -> str:
    is_floor = verdict.unit == "tokens/s"
    if verdict.failed and verdict.observed is not None and verdict.ruling is not Ruling.ERROR:
        return "<" if is_floor else ">"
    if verdict.observed is None and verdict.ruling is Ruling.BROKEN and not verdict.reason:
        return ">"
    return ">=" if is_floor else "<="


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
    what = "run" if WORDS[verdict.word].metric in (Metric.RUN, Metric.CALLS) else "call"
    what += "" if verdict.n == 1 else "s"
    aside = f"; {verdict.excluded} excluded" if verdict.excluded else ""
    if verdict.k is None:
        return f"n={verdict.n} {what}{aside}"
    over = {"share": "failed", "tokens/s": "slower"}.get(verdict.unit, "over")
    if verdict.word == "timeout_rate":
        over = "timed out"
    text = f"{verdict.k} of {verdict.n} {what} {over}, {verdict.allowed} allowed"
    if verdict.failed and verdict.share_low is not None and verdict.share_high is not None:
        low, high = verdict.share_low * 100, verdict.share_high * 100
        text += f"; true share {low:.1f}-{high:.1f} % (95 %)"
    # Below 20 calls one slow call decides every p95 that holds: said only where it did not.
    if verdict.failed and verdict.one_call_decides:
        text += "; one call decides"
    return text + aside


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
