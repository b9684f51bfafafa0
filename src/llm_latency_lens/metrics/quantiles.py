"""
The rank of a quantile among sorted values.

Nearest rank (Hyndman & Fan 1996, type 1; numpy's ``inverted_cdf``): a quantile is always a
value that was measured. Types that interpolate turn one failed call into infinity too early.
"""

from fractions import Fraction

from llm_latency_lens.errors import EmptyAggregate

__all__ = ["rank"]


def rank(q: Fraction | str | float, n: int) -> int:
    """
    Return the nearest rank of quantile *q* among *n* values, from 1 to *n*: ``ceil(q * n)``.

    *q* means the decimal that it prints as. Multiplied as a float, .55 of 100 values would be
    rank 56 where 55 is right.

    Raises:
        EmptyAggregate: *n* is zero.
        ValueError: *q* is not above 0 and at most 1.
    """
    share = q if isinstance(q, Fraction) else Fraction(str(q))
    if not 0 < share <= 1:
        raise ValueError(f"quantile {q} is not above 0 and at most 1")
    if n == 0:
        raise EmptyAggregate(f"no value, so no quantile {q}")
    return -(-share.numerator * n // share.denominator)
