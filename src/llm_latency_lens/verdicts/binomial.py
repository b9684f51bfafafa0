"""
The binomial distribution and the incomplete beta function behind it.

How sure a count is, as exact probabilities: no quantile, no limit and no rule.
"""

import math

from llm_latency_lens.errors import EmptyAggregate

__all__ = ["at_least", "at_most", "check_calls", "clopper_pearson", "incomplete_beta", "tail_of"]

CONFIDENCE = 0.95
# Well above what rounding leaves of a factor that should be 1, so that the loop always ends.
_PRECISION = 1e-14


def clopper_pearson(k: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """
    Return the two-sided interval of the true share of calls over the limit, from 0 to 1.

    Exact in the sense of Clopper & Pearson (Biometrika 26, 1934): it covers the true share with
    at least *confidence*, whatever that share is.

    Raises:
        EmptyAggregate: *n* is zero.
        ValueError: *k* is not from 0 to *n*, or *confidence* not strictly between 0 and 1.
    """
    check_calls(n)
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} calls over the limit: not from 0 to {n}")
    tail = tail_of(confidence)
    # The upper bound is the lower bound of the calls that were within, seen from the far side.
    return _lower_bound(k, n, tail), 1 - _lower_bound(n - k, n, tail)


def at_least(k: int, n: int, share: float) -> float:
    """
    Return the probability that *k* or more of *n* calls are over, each with chance *share*.

    For *k* from 1 to *n* and a share strictly between 0 and 1 (DLMF 8.17.5).
    """
    return incomplete_beta(k, n - k + 1, share)


def at_most(k: int, n: int, share: float) -> float:
    """Return the probability that *k* or fewer of *n* calls are over, each with chance *share*."""
    return 1.0 if k >= n else at_least(n - k, n, 1 - share)


def check_calls(n: int) -> None:
    """
    Make sure that there is something to judge.

    Raises:
        EmptyAggregate: *n* is zero.
    """
    if n == 0:
        raise EmptyAggregate("no call was counted: nothing to judge, and never a pass")


def tail_of(confidence: float) -> float:
    """
    Return the probability of each of the two tails that *confidence* leaves.

    Raises:
        ValueError: *confidence* is not strictly between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} is not between 0 and 1")
    return (1 - confidence) / 2


def _lower_bound(k: int, n: int, tail: float) -> float:
    """Return the share at which *k* or more of *n* have the probability *tail*."""
    if k == 0:
        return 0.0
    low, high = 0.0, 1.0
    # Until no float is left between the two.
    while low < (middle := (low + high) / 2) < high:
        if at_least(k, n, middle) < tail:
            low = middle
        else:
            high = middle
    return high


def incomplete_beta(a: float, b: float, x: float) -> float:
    """
    Return the regularised incomplete beta function I_x(a, b).

    For positive *a* and *b* and *x* strictly between 0 and 1.
    """
    # On the far side of the mean the fraction converges slowly: take the other tail.
    if x > (a + 1) / (a + b + 2):
        return 1 - _near_tail(b, a, 1 - x, x)
    return _near_tail(a, b, x, 1 - x)


def _near_tail(a: float, b: float, x: float, y: float) -> float:
    """Return I_x(a, b) with y = 1 - x, by the continued fraction of DLMF 8.17.22."""
    log_front = (
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(x)
        + b * math.log(y)
        - math.log(a)
    )
    return math.exp(log_front) * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """Evaluate the continued fraction from its head (Lentz's method, modified)."""
    denominator = 1 / (1 - (a + b) * x / (a + 1))
    numerator, value, m = 1.0, denominator, 0
    change = 0.0
    while abs(change - 1) > _PRECISION:
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        denominator = 1 / (1 + even * denominator)
        numerator = 1 + even / numerator
        value *= denominator * numerator
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        denominator = 1 / (1 + odd * denominator)
        numerator = 1 + odd / numerator
        change = denominator * numerator
        value *= change
    return value
