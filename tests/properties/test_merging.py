"""Merging across the number of values up to which a distribution is exact."""

import random
from fractions import Fraction
from functools import reduce

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_latency_lens.metrics import (
    EXACT,
    Distribution,
    decode_aggregate,
    distribution,
    encode_aggregate,
    histogram,
)
from llm_latency_lens.metrics.aggregate import Aggregate
from llm_latency_lens.metrics.table import Table

_FEW = 6
_LIMITS = (1000, 2_000_000)

_values = st.lists(st.integers(0, 10**9), max_size=10)
_parts = st.lists(st.tuples(_values, st.integers(0, 2)), min_size=1, max_size=6)
# A fixture sets a constant, for all examples alike.
_same_for_all = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def _exact_up_to_few(monkeypatch):
    """So that a few values cross the boundary."""
    monkeypatch.setattr(distribution, "EXACT", _FEW)


crosses = pytest.mark.usefixtures("_exact_up_to_few")


def _of(values, infinite=0):
    return Distribution.of(values, infinite, _LIMITS)


def _bytes(times):
    return encode_aggregate(Aggregate(latency=times))


def _merged_in_a_tree(parts, rng):
    parts = list(parts)
    while len(parts) > 1:
        rng.shuffle(parts)
        parts.append(parts.pop().merge(parts.pop()))
    return parts[0]


@crosses
@_same_for_all
@given(_parts, st.randoms(use_true_random=False))
def test_any_order_and_grouping_gives_the_same_bytes(parts, rng):
    """Parts merged as a tree of any shape are the bytes of recording all values in one place."""
    expected = _of([one for values, _ in parts for one in values], sum(part[1] for part in parts))
    found = _merged_in_a_tree([_of(*part) for part in parts], rng)

    assert _bytes(expected) == _bytes(found)


@crosses
@_same_for_all
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
def test_adding_one_by_one_gives_the_same_bytes(values):
    """Recording each value alone and merging as they come changes nothing."""
    found = reduce(Distribution.merge, (_of([one]) for one in values))

    assert _bytes(_of(values)) == _bytes(found)


@crosses
@_same_for_all
@given(st.lists(st.integers(0, 10**9), min_size=_FEW + 1, max_size=20), st.integers(0, 3))
def test_counts_over_named_limits_are_exact(values, infinite):
    """A limit that was named has its exact count, whatever the cells."""
    times = _of(values, infinite)

    assert [sum(one > limit for one in values) + infinite for limit in _LIMITS] == [
        times.over(limit) for limit in _LIMITS
    ]


@crosses
@_same_for_all
@given(st.lists(st.integers(0, 10**9), min_size=_FEW + 1, max_size=20))
def test_moments_beyond_are_exact(values):
    """Mean, deviation and extremes of a table are those of all its values, to the last bit."""
    times = _of(values)
    exact = Distribution(tuple(sorted(values)))

    assert (exact.total, exact.mean, exact.stddev, exact.minimum, exact.maximum) == (
        times.total,
        times.mean,
        times.stddev,
        times.minimum,
        times.maximum,
    )


@crosses
def test_the_boundary_belongs_to_the_exact_side():
    """So many values are kept as they are, and one more is not."""
    assert [None, None] == [_of(range(_FEW - 1)).table, _of(range(_FEW)).table]
    assert _of(range(_FEW + 1)).table == Table.of(range(_FEW + 1))


@crosses
def test_failed_calls_do_not_fill_the_exact_side():
    """Infinite values take no room, so they do not push the finite ones into cells."""
    assert _of([1], 100).table is None


@crosses
def test_failed_calls_keep_their_place_beyond():
    """Past the last finite value a quantile of a table is infinite."""
    times = _of(range(19), infinite=1)

    assert (18, None) == (times.quantile("0.95"), times.quantile("0.96"))


@crosses
def test_infinite_values_alone_join_a_table():
    """A part in which each call failed adds its failures to a table and nothing else."""
    times = _of(range(10)).merge(_of((), infinite=3))

    assert (13, 10) == (times.n, times.finite)


@crosses
@pytest.mark.parametrize("limits", [(), (5,)])
def test_other_limits_do_not_merge(limits):
    """Counts over different limits cannot be added up, and nothing is lost in silence."""
    with pytest.raises(ValueError, match="different limits do not merge"):
        _of([1]).merge(Distribution.of([1], limits=limits))


@crosses
def test_a_limit_between_two_integers_counts_as_the_lower():
    """Integers above 5/2 are those above 2; the limit is named and asked for alike."""
    times = Distribution.of(range(10), limits=[Fraction(5, 2)])

    assert [7, 7] == [times.over(Fraction(5, 2)), times.over(2)]


@crosses
def test_a_limit_that_was_not_named_is_refused_beyond():
    """Where the table would have to guess it raises, and says what to do."""
    with pytest.raises(ValueError, match="name the limit"):
        _of(range(10)).over(5)


@crosses
def test_a_limit_outside_of_all_values_needs_no_count():
    """Below the smallest and from the largest value on the answer is known."""
    times = _of(range(10, 20), infinite=1)

    assert [11, 1, 1] == [times.over(9), times.over(19), times.over(float("inf"))]


@crosses
def test_a_histogram_of_a_table_loses_no_value():
    """The buckets of a table add up to its values and cover its extremes."""
    buckets = histogram(_of(range(0, 100_000, 1000)))

    assert (100, 0, True) == (
        sum(count for *_, count in buckets),
        buckets[0][0],
        buckets[-1][1] > 99_000,
    )


def test_two_exact_parts_make_one_table():
    """6 000 and 6 000 values, each exact, are together what 12 000 are."""
    rng = random.Random(5)
    values = [round(rng.lognormvariate(20, 1)) for _ in range(12_000)]
    halves = _of(values[:6000]), _of(values[6000:])

    assert [6000, 6000] == [len(half.values) for half in halves]
    assert _bytes(_of(values)) == _bytes(halves[1].merge(halves[0]))


def test_quantiles_beyond_are_within_four_thousandths():
    """With ten times as many values as are kept, no quantile is off by more than 0.4 %."""
    rng = random.Random(7)
    values = sorted(round(rng.lognormvariate(20, 1)) for _ in range(10 * EXACT))
    times = Distribution.of(values)
    shares = [Fraction(part, 1000) for part in range(1, 1001)]
    exact = Distribution(tuple(values))

    assert all(
        abs(Fraction(times.quantile(q), exact.quantile(q)) - 1) <= Fraction(4, 1000) for q in shares
    )


def test_a_generator_is_taken_as_it_comes():
    """Values that are made one by one need no list of them all."""
    assert _of(list(range(EXACT * 2 + 5))) == _of(iter(range(EXACT * 2 + 5)))


@crosses
@_same_for_all
@given(_parts)
def test_a_string_reads_back_as_what_was_written(parts):
    """Encoding loses nothing, on either side of the boundary."""
    times = reduce(Distribution.merge, (_of(*part) for part in parts))
    aggregate = Aggregate(latency=times, errors_by_type=(("a", 1),))

    assert aggregate == decode_aggregate(encode_aggregate(aggregate))
