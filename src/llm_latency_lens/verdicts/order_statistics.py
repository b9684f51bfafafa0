"""Order statistics: what the sorted values tell about a true percentile."""

import math
import operator
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from llm_latency_lens.verdicts.binomial import (
    CONFIDENCE,
    at_least,
    check_calls,
    incomplete_beta,
    tail_of,
)

__all__ = ["calls_to_bound", "harrell_davis", "interval_ranks"]

# A probability that equals the tail must not be decided by its last bit.
_SLACK = 1e-12


def interval_ranks(
    q: Fraction | str | float, n: int, confidence: float = CONFIDENCE
) -> tuple[int | None, int | None]:
    """
    Return the ranks, from 1 to *n*, of the values between which the true quantile *q* lies.

    None where no value bounds it: p95 has no upper bound below 72 calls at 95 %. Assumes
    nothing about the distribution of the values; the ranks are those of
    ``scipy.stats.quantile_test(...).confidence_interval`` (Conover, Practical Nonparametric
    Statistics, section 3.2).

    Raises:
        EmptyAggregate: *n* is zero.
        ValueError: *q* or *confidence* is not strictly between 0 and 1.
    """
    share = _inner(q)
    check_calls(n)
    tail = tail_of(confidence)
    # The number m of values up to the true quantile is binomial.
    low = bisect_left(range(n), tail - _SLACK, key=lambda m: 1 - at_least(m + 1, n, share))
    high = bisect_left(range(n), -tail - _SLACK, key=lambda m: -at_least(m + 1, n, share)) + 1
    return low or None, high if high <= n else None


def calls_to_bound(q: Fraction | str | float, confidence: float = CONFIDENCE) -> int:
    """
    Return the fewest calls at which the true quantile *q* has an upper bound among them.

    Raises:
        ValueError: *q* or *confidence* is not strictly between 0 and 1.
    """
    share = _inner(q)
    # All calls lie below it with probability q^n.
    return max(math.ceil(math.log(tail_of(confidence)) / math.log(share) - _SLACK), 1)


def harrell_davis(q: Fraction | str | float, values: Sequence[float]) -> float:
    """
    Return the estimate of quantile *q* by Harrell & Davis (Biometrika 69, 1982).

    A mean of all values, weighted by how likely each is the true percentile: smoother than the
    percentile by nearest rank, but no value that was measured. Nothing is judged by it.

    Args:
        q: The quantile.
        values: In ascending order, all finite.

    Raises:
        EmptyAggregate: There is no value.
        ValueError: *q* is not strictly between 0 and 1.
    """
    share = _inner(q)
    check_calls(len(values))
    first, weights = _weights(share, len(values))
    return math.fsum(map(operator.mul, weights, values[first:]))


# The time metrics of one model mostly have the same number of values.
@lru_cache(16)
def _weights(share: float, n: int) -> tuple[int, tuple[float, ...]]:
    """Return the place of the first value that counts, and the weights from there on."""
    a, b = (n + 1) * share, (n + 1) * (1 - share)
    # Beyond it less than 1e-15 is left of the weights, which at the ends fall like exp(-n x).
    reach = 9 * math.sqrt(share * (1 - share) / n) + 40 / n
    first = max(math.floor((share - reach) * n), 0)
    last = min(math.ceil((share + reach) * n), n)
    below = [0.0, *(incomplete_beta(a, b, at / n) for at in range(first + 1, last)), 1.0]
    return first, tuple(upto - before for before, upto in pairwise(below))


def _inner(q: Fraction | str | float) -> float:
    share = float(Fraction(str(q)))
    if not 0 < share < 1:
        raise ValueError(f"quantile {q} is not between 0 and 1")
    return share
