"""Distributions of one metric."""

from fractions import Fraction

import pytest

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.metrics import Distribution

# One of twenty timed out.
_WITH_TIMEOUT = Distribution.of([*range(81, 99), 340], infinite=1)
_ALL_FAILED = Distribution.of([], infinite=3)


def test_values_are_sorted():
    """The order of measuring is forgotten."""
    assert (1, 2, 3) == Distribution.of([3, 1, 2]).values


def test_n_counts_failed_calls():
    """Failed calls are values like the others."""
    assert 5 == Distribution.of([1, 2], infinite=3).n


def test_finite_leaves_failed_calls_out():
    """Only measured values are finite."""
    assert 2 == Distribution.of([1, 2], infinite=3).finite


@pytest.mark.parametrize(
    ("expected", "q"), [(90, "0.5"), (98, "0.9"), (340, "0.95"), (None, "0.99")]
)
def test_timeout_reaches_only_the_last_quantile(expected, q):
    """One timeout in twenty is p99, and p95 stays a value that was measured."""
    assert expected == _WITH_TIMEOUT.quantile(q)


def test_quantile_of_nothing_is_refused():
    """No value has no quantile."""
    with pytest.raises(EmptyAggregate):
        Distribution().quantile("0.95")


def test_median_is_a_measured_value():
    """The median of an even number of values is the lower of the middle two."""
    assert 2 == Distribution.of([1, 2, 3, 4]).median


def test_total_is_exact():
    """Sums beyond the precision of a float lose nothing."""
    assert 2**60 + 1 == Distribution.of([2**60, 1], infinite=1).total


def test_mean_is_over_successes():
    """A failed call does not enter the mean."""
    assert 1.5 == Distribution.of([1, 2], infinite=3).mean


def test_stddev_of_large_values_is_exact():
    """Values that differ in the last nanosecond keep their spread."""
    assert 1.0 == Distribution.of([10**18, 10**18 + 1, 10**18 + 2]).stddev


@pytest.mark.parametrize("values", [[], [1]])
def test_stddev_needs_two_values(values):
    """One success has no spread."""
    assert Distribution.of(values, infinite=1).stddev is None


def test_minimum_is_over_successes():
    """The minimum is the fastest success."""
    assert 1 == Distribution.of([2, 1], infinite=1).minimum


def test_maximum_is_over_successes():
    """The maximum is the slowest success, not the failure."""
    assert 2 == Distribution.of([2, 1], infinite=1).maximum


@pytest.mark.parametrize("statistic", ["mean", "minimum", "maximum", "median"])
def test_failures_alone_have_no_finite_statistic(statistic):
    """Where each call failed, there is nothing to average."""
    assert getattr(_ALL_FAILED, statistic) is None


@pytest.mark.parametrize("statistic", ["mean", "minimum", "maximum", "median"])
def test_statistic_of_nothing_is_refused(statistic):
    """Without a value each statistic raises."""
    with pytest.raises(EmptyAggregate):
        getattr(Distribution(), statistic)


def test_over_is_strict():
    """A value at the limit is within it."""
    assert 1 == Distribution.of([1, 2, 3]).over(2)


def test_over_counts_failed_calls():
    """A failed call is over each limit."""
    assert 3 == Distribution.of([1], infinite=3).over(10**18)


def test_over_compares_fractions_exactly():
    """A limit between two nanoseconds parts them, beyond the precision of a float."""
    limit = Fraction(10**18) + Fraction(1, 3)

    assert 1 == Distribution.of([10**18, 10**18 + 1]).over(limit)


def test_value_at_a_rank():
    """Ranks go from 1 to n; the last are the infinite ones."""
    times = Distribution.of([20, 10], infinite=1)

    assert [10, 20, None] == [times.at(place) for place in (1, 2, 3)]


@pytest.mark.parametrize("place", [0, 4])
def test_rank_outside_is_refused(place):
    """No value stands there."""
    with pytest.raises(IndexError, match="not from 1 to 3"):
        Distribution.of([20, 10], infinite=1).at(place)
