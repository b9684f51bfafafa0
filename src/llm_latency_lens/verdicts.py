"""
Verdicts on a quantile budget, from two integers.

"Quantile *q* is within the limit" says the same as "at most a share 1 - *q* of the calls is
over it", so a verdict needs only *n*, the number of calls, and *k*, how many of them were over.
Here live that rule, how sure it is, and the interval of a percentile; no sample, no unit and
no message.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction

from llm_latency_lens.errors import EmptyAggregate

__all__ = [
    "PlainVerdict",
    "allowed",
    "clopper_pearson",
    "interval_ranks",
    "one_call_decides",
    "plain",
]

_CONFIDENCE = 0.95
# Well above what rounding leaves of a factor that should be 1, so that the loop always ends.
_PRECISION = 1e-14
_SLACK = 1e-12


@dataclass(frozen=True, slots=True)
class PlainVerdict:
    """
    A quantile budget judged on all calls that were made.

    Attributes:
        holds: Whether no more calls were over the limit than allowed: the same as "the sample
            percentile by nearest rank is within the limit".
        n: Number of calls.
        k: Number of calls over the limit, failed ones included.
        allowed: How many may be over.
        interval: 95 % interval of the true share of calls over the limit.
        one_call_decides: Whether one call more or less over the limit would turn the verdict.
    """

    holds: bool
    n: int
    k: int
    allowed: int
    interval: tuple[float, float]
    one_call_decides: bool


def plain(q: Fraction | str | float, n: int, k: int) -> PlainVerdict:
    """
    Return the verdict on quantile *q* when *k* of *n* calls were over the limit.

    Raises:
        EmptyAggregate: *n* is zero: no call is never a pass.
        ValueError: *q* is not above 0 and at most 1, or *k* not from 0 to *n*.
    """
    may_be_over = allowed(q, n)
    return PlainVerdict(
        holds=k <= may_be_over,
        n=n,
        k=k,
        allowed=may_be_over,
        interval=clopper_pearson(k, n),
        one_call_decides=one_call_decides(k, n, q),
    )


def allowed(q: Fraction | str | float, n: int) -> int:
    """
    Return how many of *n* calls may be over the limit of quantile *q*: ``n - ceil(q * n)``.

    Exact: *q* means the decimal that it prints as.

    Raises:
        EmptyAggregate: *n* is zero.
        ValueError: *q* is not above 0 and at most 1.
    """
    share = Fraction(str(q))
    if not 0 < share <= 1:
        raise ValueError(f"quantile {q} is not above 0 and at most 1")
    _check_calls(n)
    return n - math.ceil(share * n)


def one_call_decides(k: int, n: int, q: Fraction | str | float) -> bool:
    """
    Return whether one call more or less over the limit would turn the plain verdict.

    True for every pass of fewer than ``1 / (1 - q)`` calls, as those allow none over.

    Raises:
        EmptyAggregate: *n* is zero.
        ValueError: *q* is not above 0 and at most 1.
    """
    return k - allowed(q, n) in (0, 1)


def clopper_pearson(k: int, n: int, confidence: float = _CONFIDENCE) -> tuple[float, float]:
    """
    Return the two-sided interval of the true share of calls over the limit, from 0 to 1.

    Exact in the sense of Clopper & Pearson (Biometrika 26, 1934): it covers the true share with
    at least *confidence*, whatever that share is.

    Raises:
        EmptyAggregate: *n* is zero.
        ValueError: *k* is not from 0 to *n*, or *confidence* not strictly between 0 and 1.
    """
    _check_calls(n)
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} calls over the limit: not from 0 to {n}")
    tail = _tail(confidence)
    # The upper bound is the lower bound of the calls that were within, seen from the far side.
    return _lower_bound(k, n, tail), 1 - _lower_bound(n - k, n, tail)


def interval_ranks(
    q: Fraction | str | float, n: int, confidence: float = _CONFIDENCE
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
    _check_calls(n)
    tail = _tail(confidence)
    # The number m of values up to the true quantile is binomial.
    # Slack: a probability that equals the tail must not be decided by its last bit.
    low = bisect_left(range(n), tail - _SLACK, key=lambda m: 1 - _at_least(m + 1, n, share))
    high = bisect_left(range(n), -tail - _SLACK, key=lambda m: -_at_least(m + 1, n, share)) + 1
    return low or None, high if high <= n else None


def _check_calls(n: int) -> None:
    if n == 0:
        raise EmptyAggregate("no call was counted: nothing to judge, and never a pass")


def _tail(confidence: float) -> float:
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
        if _at_least(k, n, middle) < tail:
            low = middle
        else:
            high = middle
    return high


def _at_least(k: int, n: int, share: float) -> float:
    """
    Return the probability that *k* or more of *n* calls are over, each with chance *share*.

    For *k* from 1 to *n* and a share strictly between 0 and 1: the regularised incomplete beta
    function I_share(k, n - k + 1) (DLMF 8.17.5).
    """
    a, b = k, n - k + 1
    # On the far side of the mean the fraction converges slowly: take the other tail.
    if share > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - share, share)
    return _beta(a, b, share, 1 - share)


def _beta(a: int, b: int, x: float, y: float) -> float:
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


def _fraction(a: int, b: int, x: float) -> float:
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
