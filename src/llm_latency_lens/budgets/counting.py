"""
Counting: what one call, and one run, is to a budget that is judged by counting.

Each call that a budget looks at has a size, which is above a bound or not; a failed call is
infinitely large, one that the budget does not apply to has no size. The size of a run is that
of its worst call.
"""

import math
from collections.abc import Iterable
from fractions import Fraction

from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.evidence import Evidence
from llm_latency_lens.budgets.units import Unit
from llm_latency_lens.budgets.words import Metric
from llm_latency_lens.samples import Sample, Status

__all__ = ["bound", "call_size", "counted_quantile", "run_size", "run_sizes"]

_NS_PER_S = 1_000_000_000


def counted_quantile(budget: Budget) -> Fraction | None:
    """
    Return the quantile that the budget counts against, with a confidence as well.

    An error rate of at most 1 % is the quantile 0.99 of failures. None for budgets that no
    count of runs settles: means, totals and maxima, which one call may break; and the gaps of a
    stream, of which one run has many that hang together; and those judged call by call.
    """
    word = budget.word
    if budget.chance_below is not None:
        return None
    if word.metric is Metric.RELIABILITY:
        return 1 - Fraction(budget.limit) if 0 < budget.limit < 1 else None
    if word.metric is Metric.ITL or word.quantile == 1:
        return None
    return word.quantile


def bound(budget: Budget) -> int:
    """
    Return the size above which a call or run is over.

    The limit of a time or a number; a rate turned upside down; of failures, none.
    """
    if budget.word.unit is Unit.RATE:
        return int(_NS_PER_S / Fraction(budget.limit))
    return 0 if budget.word.unit is Unit.SHARE else int(budget.limit)


def call_size(budget: Budget, sample: Sample) -> float | None:
    """
    Return the size of a call: nanoseconds, or 1 for a failure; None where it has none.

    Raises:
        KeyError: The budget does not look at single calls.
    """
    if budget.word.metric is Metric.RELIABILITY:
        return _failure(budget, sample)
    return _SIZES[budget.word.metric](sample)


def run_sizes(budget: Budget, evidence: Evidence) -> list[float | None]:
    """
    Return the size of each run, in the order of their start.

    A run without a size made no call that counts.
    """
    calls: list[list[Sample]] = [[] for _ in evidence.run_ns]
    for sample in evidence.body:
        if 0 <= sample.run < len(calls):
            calls[sample.run].append(sample)
    return [
        run_size(budget, run_ns, one) for run_ns, one in zip(evidence.run_ns, calls, strict=True)
    ]


def run_size(budget: Budget, run_ns: int, samples: Iterable[Sample]) -> float | None:
    """Return the size of one run: its wall time, its number of calls, or its worst call's."""
    if budget.word.metric is Metric.RUN:
        return run_ns
    seen = [one for one in samples if budget.covers(one) and not budget.excludes(one)]
    if budget.word.metric is Metric.CALLS:
        return len(seen)
    sizes = (call_size(budget, one) for one in seen)
    return max((size for size in sizes if size is not None), default=None)


def _failure(budget: Budget, sample: Sample) -> float | None:
    outcome = sample.outcome
    if outcome.status is Status.CANCELLED:
        return None
    if budget.word.name == "timeout_rate":
        return float(outcome.status is Status.TIMEOUT)
    return float(outcome.failed)


def _latency(sample: Sample) -> float | None:
    if sample.outcome.failed:
        return math.inf
    return sample.latency_ns if sample.outcome.status is Status.OK else None


def _reached(at_ns: int | None, sample: Sample) -> float | None:
    if at_ns is not None:
        return at_ns
    return math.inf if sample.streamed and sample.outcome.failed else None


def _tpot(sample: Sample) -> float | None:
    if not sample.streamed:
        return None
    if sample.outcome.failed:
        return math.inf
    pace = sample.tpot_ns if sample.outcome.status is Status.OK else None
    return None if pace is None else round(pace)


_SIZES = {
    Metric.LATENCY: _latency,
    Metric.TTFT: lambda sample: _reached(sample.ttft_ns, sample),
    Metric.TTFO: lambda sample: _reached(sample.ttfo_ns, sample),
    Metric.TPOT: _tpot,
}
