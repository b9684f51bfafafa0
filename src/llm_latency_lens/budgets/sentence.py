"""Sentences: a verdict as a person reads it, on one line."""

from decimal import Decimal

from llm_latency_lens.budgets.verdict import Ruling, Verdict
from llm_latency_lens.budgets.words import WORDS, Metric

__all__ = ["amount", "describe"]

_MS_PER_S = 1_000
_NAMES = {
    Metric.LATENCY: "latency",
    Metric.TTFT: "TTFT",
    Metric.TTFO: "TTFO",
    Metric.ITL: "ITL",
    Metric.TPOT: "TPOT",
    Metric.RUN: "run time",
}


def amount(value: float | None, unit: str) -> str:
    """Return *value* with its unit, in three significant digits: ``3.41 s``, ``$0.0021``."""
    if value is None:
        return "no end" if unit == "ms" else "unknown"
    if unit == "ms":
        return _time(value)
    if unit == "usd":
        # Decimal's "f" never falls into exponents, however small the sum.
        return f"${value:.2f}" if value >= 1 else f"${Decimal(f'{value:.3g}'):f}"
    if unit == "share":
        return f"{value * 100:.3g} %"
    if unit == "calls":
        return f"{value:.0f}"
    return f"{value:.3g} {unit}" if value < _MS_PER_S else f"{value:.0f} {unit}"


def describe(verdict: Verdict) -> str:
    """
    Return the verdict as one line: what was seen, what is allowed, the margin, n and k.

    ``p95 latency 3.41 s > 2 s (+70 %): 3 of 20 calls over, 1 allowed; ...``
    """
    subject = _subject(verdict)
    if verdict.reason and (verdict.observed is None or verdict.ruling is Ruling.ERROR):
        return f"{subject} {_sign(verdict)} {_limit(verdict)}: {verdict.reason}"
    sign = _sign(verdict)
    parts = [f"{subject} {amount(verdict.observed, verdict.unit)} {sign} {_limit(verdict)}"]
    if verdict.margin is not None and verdict.failed:
        parts[0] += f" ({verdict.margin * 100:+.0f} %)"
    return f"{parts[0]}: {_counts(verdict)}"


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


def _limit(verdict: Verdict) -> str:
    return amount(verdict.limit, verdict.unit)


def _counts(verdict: Verdict) -> str:
    what = "run" if WORDS[verdict.word].metric in (Metric.RUN, Metric.CALLS) else "call"
    what += "" if verdict.n == 1 else "s"
    aside = f"; {verdict.excluded} excluded" if verdict.excluded else ""
    if verdict.k is None:
        return f"n={verdict.n} {what}{aside}"
    over = {"share": "failed", "tokens/s": "slower"}.get(verdict.unit, "over")
    text = f"{verdict.k} of {verdict.n} {what} {over}, {verdict.allowed} allowed"
    if verdict.failed and verdict.share_low is not None and verdict.share_high is not None:
        low, high = verdict.share_low * 100, verdict.share_high * 100
        text += f"; true share {low:.1f}-{high:.1f} % (95 %)"
    # Below 20 calls one slow call decides every p95 that holds: said only where it did not.
    if verdict.failed and verdict.one_call_decides:
        text += "; one call decides"
    return text + aside


def _time(milliseconds: float) -> str:
    if milliseconds >= 60 * _MS_PER_S:
        return f"{milliseconds / _MS_PER_S:.0f} s"
    if milliseconds >= _MS_PER_S:
        return f"{milliseconds / _MS_PER_S:.3g} s"
    if milliseconds >= 1:
        return f"{milliseconds:.3g} ms"
    return f"{milliseconds * 1000:.0f} us"
