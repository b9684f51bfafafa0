"""Ranks around a percentile."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.verdicts import calls_to_bound, harrell_davis, interval_ranks


def _at_least(k, n, share):
    """Return P(Bin(n, share) >= k), exactly."""
    return sum(
        (math.comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(k, n + 1)),
        Fraction(0),
    )


@pytest.mark.parametrize(
    ("expected", "q", "n"),
    [
        ((None, None), "0.95", 1),
        ((26, None), "0.95", 30),
        ((63, None), "0.95", 71),
        ((64, 72), "0.95", 72),
        ((84, 96), 0.9, 100),
        ((40, 61), Fraction(1, 2), 100),
    ],
)
def test_ranks_around_a_percentile(expected, q, n):
    """Order statistics bound a percentile; p95 has no upper bound below 72 calls."""
    assert expected == interval_ranks(q, n)


@given(
    st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=100),
    st.integers(1, 60),
    st.sampled_from([0.8, 0.9, 0.95, 0.99]),
)
def test_ranks_cover_the_percentile(q, n, confidence):
    """The true percentile is between the ranks with at least the confidence asked for."""
    low, high = interval_ranks(q, n, confidence)
    below_low = 0 if low is None else 1 - _at_least(low, n, q)
    above_high = 0 if high is None else _at_least(high, n, q)

    assert float(below_low + above_high) <= 1 - confidence + 1e-9


def test_probability_equal_to_the_risk_is_within_it():
    """A chance of exactly one tenth is not above one tenth, whatever the floats say."""
    assert (None, 1) == interval_ranks("0.1", 1, 0.8)


@pytest.mark.parametrize("q", [0, 1, "1.5"])
def test_percentile_without_both_sides_is_refused(q):
    """Only a quantile strictly between 0 and 1 has an interval."""
    with pytest.raises(ValueError, match="not between 0 and 1"):
        interval_ranks(q, 10)


def test_ranks_among_no_calls_are_refused():
    """Without a call there is no rank."""
    with pytest.raises(EmptyAggregate):
        interval_ranks("0.95", 0)


@given(st.sampled_from(["0.5", "0.75", "0.9", "0.95", "0.99"]), st.sampled_from([0.9, 0.95, 0.99]))
def test_calls_that_bound_a_percentile_are_the_fewest(q, confidence):
    """From so many calls on there is an upper bound, and with one less there is none."""
    n = calls_to_bound(q, confidence)

    assert interval_ranks(q, n, confidence)[1] is not None
    assert n == 1 or interval_ranks(q, n - 1, confidence)[1] is None


@pytest.mark.parametrize("q", [0, 1])
def test_bound_without_both_sides_is_refused(q):
    """Only a quantile strictly between 0 and 1 has a bound."""
    with pytest.raises(ValueError, match="not between 0 and 1"):
        calls_to_bound(q)


def test_estimate_of_a_symmetric_median_is_its_middle():
    """Weights around the middle are the same on both sides."""
    assert 50.5 == pytest.approx(harrell_davis("0.5", range(1, 101)))


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60), st.sampled_from(["0.1", "0.95"]))
def test_estimate_lies_among_the_values(values, q):
    """A weighted mean is between the least and the greatest."""
    ordered = sorted(values)

    assert ordered[0] - 1e-6 <= harrell_davis(q, ordered) <= ordered[-1] + 1e-6


def test_estimate_of_nothing_is_refused():
    """Without a value there is no estimate."""
    with pytest.raises(EmptyAggregate):
        harrell_davis("0.5", [])
