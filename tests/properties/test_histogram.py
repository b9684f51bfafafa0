"""Histograms to look at."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.metrics import Distribution, histogram

_values = st.lists(st.integers(0, 10**13), min_size=1, max_size=40)


def _of(*values, most=20):
    return histogram(Distribution.of(values), most)


@given(_values)
def test_each_value_is_in_one_bucket(values):
    """Each bucket counts the values from its lower edge to below its upper one."""
    buckets = _of(*values)
    expected = [sum(lower <= one < upper for one in values) for lower, upper, _ in buckets]

    assert expected == [count for _, _, count in buckets]


@given(_values)
def test_no_value_is_lost(values):
    """The counts add up to the number of values."""
    assert len(values) == sum(count for _, _, count in _of(*values))


@given(_values)
def test_buckets_adjoin(values):
    """A bucket begins where the one before it ends."""
    assert all(one[1] == other[0] for one, other in pairwise(_of(*values)))


@given(_values)
def test_outer_buckets_hold_a_value(values):
    """No empty bucket stands at either end."""
    buckets = _of(*values)

    assert buckets[0][2]
    assert buckets[-1][2]


@given(_values, st.integers(14, 30))
def test_buckets_are_few(values, most):
    """There are no more buckets than asked for where the decades fit in."""
    assert len(_of(*values, most=most)) <= most


@given(_values)
def test_edges_depend_only_on_the_extremes(values):
    """Values between the smallest and the largest do not move an edge."""
    expected = [bucket[:2] for bucket in _of(min(values), max(values))]

    assert expected == [bucket[:2] for bucket in _of(*values)]


def test_values_of_one_size_have_even_buckets():
    """Within a factor of ten all buckets have the same round width."""
    expected = ((800, 1000, 1), (1000, 1200, 2), (1200, 1400, 0), (1400, 1600, 1))

    assert expected == _of(810, 1010, 1199, 1400, most=5)


def test_values_of_many_sizes_have_growing_buckets():
    """Over several decades buckets grow in proportion."""
    expected = ((10, 20, 1), (20, 50, 1), (50, 100, 0), (100, 200, 1), (200, 500, 1))

    assert expected == _of(15, 20, 199, 200, most=5)


def test_one_value_has_one_bucket():
    """A single value needs no second bucket."""
    assert ((7, 8, 1),) == _of(7)


def test_zero_has_a_bucket():
    """Two tokens in one read have a gap of zero."""
    assert ((0, 10, 2),) == _of(0, 0)


def test_more_decades_than_buckets():
    """Where even decades are too many, decades it is."""
    assert ((1, 1), (0, 0), (1, 1)) == tuple(
        (count, min(count, 1)) for _, _, count in _of(5, 150, most=2)
    )


def test_failed_calls_are_in_no_bucket():
    """An infinite value has no place on the axis."""
    assert () == histogram(Distribution.of([], infinite=2))


def test_no_bucket_is_refused():
    """A histogram has at least one bucket."""
    with pytest.raises(ValueError, match="0 buckets"):
        _of(1, most=0)
