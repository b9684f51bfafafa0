"""
Histograms to look at: few buckets with round edges.

For a sparkline and for JSON; no statistic is computed from buckets. Widths never jump, so the
outline is that of the values: all alike where the values are of one size, else growing in
steady proportion.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from typing import TypeAlias

from llm_latency_lens.metrics.distribution import Distribution

__all__ = ["Bucket", "histogram"]

# Lower edge (included), upper edge (excluded), number of values.
Bucket: TypeAlias = tuple[int, int, int]

# Where buckets begin in a decade, fine to coarse: rounded from the Renard series of ISO 3.
_SERIES = ((10, 12, 15, 20, 25, 30, 40, 50, 60, 80), (10, 15, 25, 40, 60), (10, 20, 50), (10,))


def histogram(distribution: Distribution, most: int = 20) -> tuple[Bucket, ...]:
    """
    Return the finite values of *distribution* in adjoining buckets, empty ones included.

    A bucket is its lower edge (included), its upper edge (excluded) and its number of values.
    Edges are round, in the unit of the values, and depend only on the smallest and the largest
    value. There are at most *most* buckets, or one a decade if the values span more decades.
    Counts add up to ``distribution.finite``; without a finite value there is no bucket. Of a
    distribution too large to be exact, a value within 0.4 % of an edge may count on its far side.

    Raises:
        ValueError: *most* is less than 1.
    """
    if most < 1:
        raise ValueError(f"a histogram of {most} buckets shows nothing")
    if not distribution.finite:
        return ()
    edges = _edges(distribution.minimum or 0, distribution.maximum or 0, most)
    counts = Counter[int]()
    for value, times in distribution.ascending():
        counts[bisect_right(edges, value)] += times
    return tuple(
        (lower, upper, counts[number]) for number, (lower, upper) in enumerate(pairwise(edges), 1)
    )


def _edges(smallest: int, largest: int, most: int) -> Sequence[int]:
    if largest < 10 * smallest:
        return _even_edges(smallest, largest, most)
    return _growing_edges(smallest, largest, most)


def _even_edges(smallest: int, largest: int, most: int) -> Sequence[int]:
    step = next(step for step in _steps() if largest // step - smallest // step < most)
    return range(smallest // step * step, (largest // step + 1) * step + 1, step)


def _steps() -> Iterator[int]:
    return (mark * 10**decade for decade in count() for mark in (1, 2, 5))


def _growing_edges(smallest: int, largest: int, most: int) -> Sequence[int]:
    edges: Sequence[int] = ()
    for marks in _SERIES:
        decades = range(len(str(largest)))
        every = [0, *(mark * 10**decade for decade in decades for mark in marks)]
        edges = every[bisect_right(every, smallest) - 1 : bisect_right(every, largest) + 1]
        if len(edges) <= most + 1:
            break
    return edges
