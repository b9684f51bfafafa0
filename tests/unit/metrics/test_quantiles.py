"""Ranks of quantiles."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.metrics import rank

_SHARES = st.fractions(min_value=0, max_value=1).filter(bool)


@pytest.mark.parametrize(
    ("expected", "q", "n"),
    [(1, "0.95", 1), (19, "0.95", 20), (20, "0.95", 21), (50, "0.5", 100), (20, "1", 20)],
)
def test_rank_is_the_ceiling(expected, q, n):
    """The rank is the share of the values, rounded up."""
    assert expected == rank(q, n)


@pytest.mark.parametrize(("expected", "q"), [(55, 0.55), (7, 0.07), (29, 0.29)])
def test_float_means_the_decimal_it_prints_as(expected, q):
    """The binary rest of a float does not move a rank."""
    assert expected == rank(q, 100)


@given(_SHARES, st.integers(1, 10**9))
def test_rank_is_the_first_that_reaches_the_share(q, n):
    """A share of at least q lies at or below the rank, and of less than q below it."""
    found = rank(q, n)

    assert Fraction(found - 1, n) < q <= Fraction(found, n)


@pytest.mark.parametrize("q", [0, "0", -0.5, "1.01", 95])
def test_share_out_of_range_is_refused(q):
    """A quantile is above 0 and at most 1; 95 is no 95 %."""
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        rank(q, 10)


def test_nothing_has_no_rank():
    """No value has a rank among none."""
    with pytest.raises(EmptyAggregate, match=r"0\.95"):
        rank("0.95", 0)
