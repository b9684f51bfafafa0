"""Verdicts on two integers."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.verdicts import (
    PlainVerdict,
    allowed,
    clopper_pearson,
    interval_ranks,
    one_call_decides,
    plain,
)

_few = settings(max_examples=40, deadline=None)
_shares = st.fractions(0, 1, max_denominator=1000).filter(bool)


def _at_least(k, n, share):
    """Return P(Bin(n, share) >= k), exactly."""
    return sum(
        (math.comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(k, n + 1)),
        Fraction(0),
    )


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


@_few
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


@pytest.mark.parametrize(
    ("low", "high", "k"), [(0, 0.168433, 0), (0.057334, 0.436614, 4), (0.831567, 1, 20)]
)
def test_interval_of_a_share(low, high, k):
    """The bounds are those of Clopper and Pearson."""
    assert (low, high) == pytest.approx(clopper_pearson(k, 20), abs=1e-6)


def test_interval_in_a_message_of_the_design():
    """Two of twenty over leave the true share between 1.2 and 31.7 %."""
    low, high = clopper_pearson(2, 20)

    assert ("1.2", "31.7") == (f"{100 * low:.1f}", f"{100 * high:.1f}")


@_few
@given(st.integers(1, 40), st.integers(0, 40), st.sampled_from(["0.5", "0.9", "0.99", "0.9999"]))
def test_bounds_have_half_the_risk_each(n, k, confidence):
    """At the lower bound, k or more over have half the risk as their exact probability."""
    k = max(1, min(k, n))
    low, _ = clopper_pearson(k, n, float(confidence))
    risk = (1 - Fraction(confidence)) / 2

    assert float(risk) == pytest.approx(float(_at_least(k, n, Fraction(low))), rel=1e-9)


@_few
@given(st.integers(1, 2000), st.integers(0, 2000))
def test_interval_is_the_mirror_of_the_other_calls(n, k):
    """The interval of the calls within is one minus that of the calls over."""
    k = min(k, n)
    low, high = clopper_pearson(n - k, n)

    assert (1 - high, 1 - low) == pytest.approx(clopper_pearson(k, n), abs=1e-12)


def test_interval_of_many_calls():
    """At a hundred thousand calls the bounds still have their digits."""
    assert (0.048657, 0.051369) == pytest.approx(clopper_pearson(5000, 100_000), abs=1e-6)


def test_interval_of_no_call_is_refused():
    """Without a call there is no share."""
    with pytest.raises(EmptyAggregate):
        clopper_pearson(0, 0)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_confidence_out_of_range_is_refused(confidence):
    """Confidence is strictly between 0 and 1."""
    with pytest.raises(ValueError, match="confidence"):
        clopper_pearson(1, 20, confidence)


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


@_few
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
