"""Verdicts on two integers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.verdicts import (
    PlainVerdict,
    allowed,
    clopper_pearson,
    one_call_decides,
    plain,
)

_shares = st.fractions(0, 1, max_denominator=1000).filter(bool)


@pytest.mark.parametrize(
    ("expected", "q", "n"),
    [(0, "0.95", 1), (1, "0.95", 20), (1, "0.95", 21), (45, 0.55, 100), (0, Fraction(1), 20)],
)
def test_allowance_is_what_lies_above_the_rank(expected, q, n):
    """As many calls may be over as have a higher rank than the percentile."""
    assert expected == allowed(q, n)


@pytest.mark.parametrize("q", [0, "-0.1", 1.5, 95])
def test_share_out_of_range_is_refused(q):
    """A quantile is above 0 and at most 1."""
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        allowed(q, 10)


@given(_shares, st.integers(1, 1000), st.integers(0, 1000))
def test_one_call_decides_where_a_neighbour_is_judged_otherwise(q, n, k):
    """One call decides exactly when k - 1 or k + 1 over get the other verdict."""
    k = min(k, n)
    neighbours = [one for one in (k - 1, k + 1) if 0 <= one <= n]
    turned = any((one <= allowed(q, n)) != (k <= allowed(q, n)) for one in neighbours)

    assert turned == one_call_decides(k, n, q)


def test_plain_verdict_carries_its_evidence():
    """Two of twenty over fail p95, and one call less would have passed."""
    expected = PlainVerdict(
        holds=False,
        n=20,
        k=2,
        allowed=1,
        interval=clopper_pearson(2, 20),
        one_call_decides=True,
    )

    assert expected == plain("0.95", 20, 2)


def test_as_many_as_allowed_hold():
    """One of twenty over keeps p95."""
    assert plain("0.95", 20, 1).holds


def test_no_call_is_never_a_pass():
    """Without a call there is no verdict."""
    with pytest.raises(EmptyAggregate, match="never a pass"):
        plain("0.95", 0, 0)


@pytest.mark.parametrize("k", [-1, 21])
def test_count_that_cannot_be_is_refused(k):
    """No more calls are over than were made, and no fewer than none."""
    with pytest.raises(ValueError, match="not from 0 to 20"):
        plain("0.95", 20, k)
