"""Between which of the measured values a true percentile lies."""

from bisect import bisect_left
from fractions import Fraction

from llm_latency_lens.verdicts.binomial import CONFIDENCE, at_least, check_calls, tail_of

__all__ = ["interval_ranks"]

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
    share = float(Fraction(str(q)))
    if not 0 < share < 1:
        raise ValueError(f"quantile {q} is not between 0 and 1")
    check_calls(n)
    tail = tail_of(confidence)
    # The number m of values up to the true quantile is binomial.
    low = bisect_left(range(n), tail - _SLACK, key=lambda m: 1 - at_least(m + 1, n, share))
    high = bisect_left(range(n), -tail - _SLACK, key=lambda m: -at_least(m + 1, n, share)) + 1
    return low or None, high if high <= n else None
