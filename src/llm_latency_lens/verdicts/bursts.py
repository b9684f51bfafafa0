"""Bursts: whether the calls over a limit came in fewer runs than chance would have it."""

import math
from collections.abc import Iterable
from itertools import groupby

__all__ = ["burst_chance"]


def burst_chance(flags: Iterable[bool]) -> float:
    """
    Return the probability of so few runs of calls over the limit, by chance; small is a burst.

    A run is what stands together: 1 1 0 1 has two. Exact, given how many calls were over, each
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
    ways = sum(math.comb(k - 1, r - 1) * math.comb(n - k + 1, r) for r in range(1, len(over) + 1))
    return ways / math.comb(n, k)
