"""Exact probabilities of counts."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.verdicts import clopper_pearson
from llm_latency_lens.verdicts.binomial import at_most


def _at_least(k, n, share):
    """Return P(Bin(n, share) >= k), exactly."""
    return sum(
        (math.comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(k, n + 1)),
        Fraction(0),
    )


@given(st.integers(1, 60), st.integers(0, 60), st.fractions("1/100", "99/100", max_denominator=100))
def test_probability_of_few_is_exact(n, k, share):
    """The probability of k or fewer is one minus that of more than k, in exact arithmetic."""
    k = min(k, n)

    assert float(1 - _at_least(k + 1, n, share)) == pytest.approx(at_most(k, n, float(share)))


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


@given(st.integers(1, 40), st.integers(0, 40), st.sampled_from(["0.5", "0.9", "0.99", "0.9999"]))
def test_bounds_have_half_the_risk_each(n, k, confidence):
    """At the lower bound, k or more over have half the risk as their exact probability."""
    k = max(1, min(k, n))
    low, _ = clopper_pearson(k, n, float(confidence))
    risk = (1 - Fraction(confidence)) / 2

    assert float(risk) == pytest.approx(float(_at_least(k, n, Fraction(low))), rel=1e-9)


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
