"""Distributions, whatever the values: merging, quantiles and counts."""

import math
import statistics

from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.metrics import Distribution

_values = st.lists(st.integers(0, 10**13), max_size=30)
_distributions = st.builds(Distribution.of, _values, st.integers(0, 5))


@given(_distributions, _distributions, _distributions)
def test_merge_is_associative(a, b, c):
    """How the merging is grouped does not matter."""
    assert a.merge(b).merge(c) == a.merge(b.merge(c))


@given(_distributions, _distributions)
def test_merge_is_commutative(a, b):
    """The order of merging does not matter."""
    assert a.merge(b) == b.merge(a)


@given(_values, _values)
def test_merge_equals_measuring_together(a, b):
    """Two halves merged are the whole."""
    assert Distribution.of(a + b) == Distribution.of(a).merge(Distribution.of(b))


@given(_distributions)
def test_empty_is_neutral(distribution):
    """Merging nothing changes nothing."""
    assert distribution == distribution.merge(Distribution())


@given(_distributions.filter(lambda one: one.n), st.fractions(0, 1).filter(bool))
def test_quantile_is_the_smallest_value_that_enough_do_not_exceed(distribution, q):
    """A quantile is the least value with at least a share q at or below it."""
    values = [*distribution.values, *[math.inf] * distribution.infinite]
    expected = min(x for x in values if sum(y <= x for y in values) >= q * len(values))

    assert (None if expected == math.inf else expected) == distribution.quantile(q)


@given(_distributions.filter(lambda one: one.n), st.fractions(0, 1).filter(bool), st.integers(0))
def test_quantile_within_limit_equals_count_within_allowance(distribution, q, limit):
    """A percentile is within a limit exactly when few enough values are over it."""
    quantile = distribution.quantile(q)
    within = quantile is not None and quantile <= limit

    assert within == (distribution.over(limit) <= distribution.n - math.ceil(q * distribution.n))


@given(st.lists(st.integers(0, 10**13), min_size=2, max_size=30))
def test_stddev_is_that_of_a_sample(values):
    """The divisor is n - 1."""
    expected = statistics.stdev(values)

    assert math.isclose(expected, Distribution.of(values).stddev, rel_tol=1e-12)
