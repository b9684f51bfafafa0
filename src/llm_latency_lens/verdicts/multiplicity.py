"""
Many comparisons at once: p-values raised so that their number makes no find.

Only for questions that nobody asked beforehand one by one, such as a table of all tests against
a baseline. A budget is a question of its own and is never adjusted for others.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate

__all__ = ["benjamini_hochberg", "holm"]


def holm(p_values: Sequence[float]) -> list[float]:
    """
    Return the p-values adjusted by Holm's step-down procedure, in the order given.

    With all that are at most 5 % taken as finds, the chance of one false find or more is at most
    5 %, however the comparisons depend on each other (Holm 1979).
    """
    order = _ascending(p_values)
    n = len(order)
    raised = (min((n - rank) * p_values[at], 1.0) for rank, at in enumerate(order))
    return _restored(order, accumulate(raised, max))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """
    Return the p-values adjusted by Benjamini and Hochberg's procedure, in the order given.

    Of all that are at most 5 %, at most 5 % are false finds on average, for comparisons that are
    independent or depend positively on each other (Benjamini & Hochberg 1995).
    """
    order = _ascending(p_values)[::-1]
    n = len(order)
    raised = (n / (n - rank) * p_values[at] for rank, at in enumerate(order))
    return _restored(order, accumulate(raised, min))


def _ascending(p_values: Sequence[float]) -> list[int]:
    return sorted(range(len(p_values)), key=p_values.__getitem__)


def _restored(order: Iterable[int], adjusted: Iterable[float]) -> list[float]:
    return [p for _, p in sorted(zip(order, adjusted, strict=True))]
