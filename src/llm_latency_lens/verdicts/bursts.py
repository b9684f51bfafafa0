"""Bursts: whether the calls over a limit came in fewer runs than chance would have it."""

import math
from collections.abc import Iterable
from itertools import groupby

__all__ = ["burst_chance"]


def burst_chance(flags: Iterable[bool]) -> float:
    """
    Return the probability of so few runs of calls over the limit, by chance; small is a burst.

    A run is what stands together: 1 1 0 1 has two. Given how many calls were over, each
    order of them as likely as any other (Wald & Wolfowitz, Annals of Mathematical Statistics
    11, 1940, of one kind of run only). 1 when no call was over.

    Args:
        flags: Of each call, in the order of their start, whether it was over the limit.
    """
    runs = [(is_over, sum(1 for _ in run)) for is_over, run in groupby(flags)]
    over = [length for is_over, length in runs if is_over]
    n, k = sum(length for _, length in runs), sum(over)
    if not over:
        return 1.0
    in_all = _log_ways(n, k)
    chances = (
        math.exp(_log_ways(k - 1, runs - 1) + _log_ways(n - k + 1, runs) - in_all)
        for runs in range(1, len(over) + 1)
    )
    return min(math.fsum(chances), 1.0)


def _log_ways(n: int, k: int) -> float:
    """Return the logarithm of the binomial coefficient; of thousands it fills no float."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
