"""
The plain verdict: every call is made, then the sample percentile is compared with the limit.

"Quantile *q* is within the limit" says the same as "at most a share 1 - *q* of the calls is
over it", so a verdict needs only *n*, the number of calls, and *k*, how many of them were over.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from llm_latency_lens.verdicts.binomial import check_calls, clopper_pearson

__all__ = ["PlainVerdict", "allowed", "one_call_decides", "plain"]


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
    check_calls(n)
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
