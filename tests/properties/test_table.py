"""Tables: values as counts in cells."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.metrics.table import Table

# Lengths of bits evenly, so that every octave is met.
_value = st.integers(0, 45).flatmap(lambda bits: st.integers(0, 2**bits))
_signed = st.tuples(_value, st.sampled_from([1, -1])).map(lambda pair: pair[0] * pair[1])
_values = st.lists(_signed, min_size=1, max_size=40)


def _error(value, exact):
    return abs(Fraction(value - exact, exact)) if exact else abs(value)


@given(_values)
def test_each_rank_is_within_four_thousandths(values):
    """A value that is read is off by at most 1/256 of the one that was recorded."""
    table = Table.of(values)
    found = [table.value(at) for at in range(1, len(values) + 1)]

    assert all(
        _error(value, exact) <= Fraction(1, 256)
        for value, exact in zip(found, sorted(values), strict=True)
    )


@given(_values)
def test_ranks_ascend(values):
    """A higher rank never reads as a lower value."""
    table = Table.of(values)
    found = [table.value(at) for at in range(1, len(values) + 1)]

    assert sorted(found) == found


@given(_values, _values)
def test_merge_is_the_table_of_both(a, b):
    """Two tables merged are that of all values, in either order."""
    expected = Table.of(a + b)

    assert (expected, expected) == (Table.of(a).merge(Table.of(b)), Table.of(b).merge(Table.of(a)))


@given(_values, st.randoms())
def test_order_of_values_is_forgotten(values, random):
    """The table is a function of the values, not of the order in which they came."""
    shuffled = random.sample(values, len(values))

    assert Table.of(values) == Table.of(shuffled)


@given(_values)
def test_sums_are_exact(values):
    """Number, sum, squares, minimum and maximum are those of the values."""
    table = Table.of(values)
    expected = (len(values), sum(values), sum(v * v for v in values), min(values), max(values))

    assert expected == (table.n, table.total, table.squares, table.minimum, table.maximum)


@given(_values)
def test_no_value_is_lost(values):
    """The counts of the cells add up to the number of values."""
    assert len(values) == sum(count for _, count in Table.of(values).counted())


@pytest.mark.parametrize(
    ("lower", "upper"),
    [(255, 256), (256, 258), (511, 512), (512, 516), (1 << 30, (1 << 30) + 2**23)],
)
def test_cells_double_their_width_with_each_octave(lower, upper):
    """Below 256 a cell is one integer wide, up to 512 two, and so on."""
    same = Table.of([lower, upper - 1]).cells
    other = Table.of([lower, upper]).cells

    assert (1, 2) == (len(same), len(other))


def test_a_cell_reads_as_its_middle():
    """Between the extremes a value reads as the middle of its cell."""
    assert 1002 == Table.of([0, 1000, 5000]).value(2)


def test_extremes_are_exact():
    """The first and the last value are those that were measured."""
    table = Table.of([1_000_001, 1_000_002])

    assert (1_000_001, 1_000_002) == (table.value(1), table.value(2))


@given(st.lists(st.integers(8, 52).flatmap(lambda bits: st.integers(2**bits, 2 ** (bits + 1) - 1))))
def test_cells_are_the_same_however_they_are_counted(values):
    """All at once where every value is large, one by one beside a small value."""
    small = [1]
    together = Table.of(values).cells if values else ()

    assert ((1, 1), *together) == Table.of(small + values).cells


@pytest.mark.parametrize("value", [256, 2**53 - 1, 2**53, 2**53 + 1, 2**60])
def test_values_beyond_a_double_have_their_cell(value):
    """A value is never rounded up into the next one."""
    assert Table.of([1, value]).cells[1:] == Table.of([value]).cells
