"""
The vocabulary of budgets: every word that the marker and ``lens.profile`` understand.

The reference page of the documentation is generated from this table.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from llm_latency_lens.budgets.units import Unit

__all__ = ["ALIASES", "OPTIONS", "WORDS", "Metric", "Word"]


class Metric(StrEnum):
    """What a budget looks at."""

    LATENCY = "latency"
    TTFT = "ttft"
    TTFO = "ttfo"
    ITL = "itl"
    TPOT = "tpot"
    RUN = "run"
    COST = "cost"
    RELIABILITY = "reliability"
    CALLS = "calls"


@dataclass(frozen=True, slots=True)
class Word:
    """
    One budget word.

    Attributes:
        name: As written on the marker.
        metric: What it looks at.
        unit: What its limit is counted in.
        quantile: The judged quantile, 1 for a maximum; None for a mean, total or rate.
        meaning: One line for the reference.
    """

    name: str
    metric: Metric
    unit: Unit
    quantile: Fraction | None
    meaning: str


_QUANTILES = {
    "p50": Fraction(1, 2),
    "p75": Fraction(3, 4),
    "p90": Fraction(9, 10),
    "p95": Fraction(19, 20),
    "p99": Fraction(99, 100),
    "max": Fraction(1),
}
_SUBJECTS = {
    Metric.LATENCY: "latency of a call, retries and all",
    Metric.TTFT: "time to first token: content, reasoning or tool call",
    Metric.TTFO: "time to first output token, reasoning left out",
    Metric.ITL: "gap between tokens, where each event carries one token",
    Metric.TPOT: "time per output token of a call, after the first",
    Metric.RUN: "wall time of one run of the test body or callable",
}


def _statistics(metric: Metric) -> list[Word]:
    prefix = "" if metric is Metric.LATENCY else f"{metric}_"
    subject = _SUBJECTS[metric]
    words = [
        Word(f"{prefix}{name}", metric, Unit.TIME, quantile, f"{name} of the {subject}")
        for name, quantile in _QUANTILES.items()
    ]
    words.insert(-1, Word(f"{prefix}mean", metric, Unit.TIME, None, f"mean of the {subject}"))
    return words


_ALL = [word for metric in _SUBJECTS for word in _statistics(metric)] + [
    Word(
        "min_tokens_per_second",
        Metric.TPOT,
        Unit.RATE,
        Fraction(9, 10),
        "90 % of calls stream at least this fast after the first token",
    ),
    Word("cost_per_call", Metric.COST, Unit.MONEY, None, "mean cost of a call"),
    Word(
        "cost",
        Metric.COST,
        Unit.MONEY,
        None,
        "total cost of the test, warm-up and fixtures included; no run starts above it",
    ),
    Word("error_rate", Metric.RELIABILITY, Unit.SHARE, None, "share of calls that failed"),
    Word("timeout_rate", Metric.RELIABILITY, Unit.SHARE, None, "share of calls that timed out"),
    Word("calls", Metric.CALLS, Unit.COUNT, None, "provider calls in any one run of the body"),
]

WORDS = {word.name: word for word in _ALL}
ALIASES = {"ttft": "ttft_p95"}
OPTIONS = {
    "iterations": "run the test body this many times (1 or more; fixtures are set up once)",
    "warmup": "runs before those that count; they cost money but are in no latency budget",
    "confidence": "stop as soon as the answer is this sure, as in 0.95; without it all runs are "
    "made and counted",
    "tolerance": "prove a pass against this many times the share that may be over (1 or more)",
    "on_inconclusive": 'what becomes of a test whose runs settle nothing: "pass" (with a warning) '
    'or "fail"',
    "baseline": "fail where percentiles are slower than in a session saved with --lens-save",
    "margin": 'how much slower than the baseline is allowed: "25%" of p50 and p95, or percentiles '
    'with margins of their own, "p95:25%, ttft_p95:40%"',
    "provider": "judge only calls to this provider",
    "model": "judge only calls to this model",
    "exclude": 'leave calls with these taints out, as in exclude=("cold",); they are counted',
    "allow_mocked": "let calls that a double or a recording answered keep a budget",
}
