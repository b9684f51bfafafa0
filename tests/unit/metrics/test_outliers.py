"""Outliers: values far outside the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.metrics.outliers import outliers


def test_what_lies_far_outside_is_named_by_index():
    """On both sides, wherever it stands."""
    assert (1, 4) == outliers([100, 900, 101, 102, 1, 103, 104, 99])


def test_a_value_on_a_fence_is_none():
    """Quartiles 10 and 20 put the fences at -5 and 35."""
    assert () == outliers([10, 10, 20, 20, 35, -5, 15, 20])
    assert (4,) == outliers([10, 10, 20, 20, 36, -5, 15, 20])


@pytest.mark.parametrize("values", [[], [1], [1, 1, 99]])
def test_of_few_values_none_is(values):
    """Their quartiles say nothing."""
    assert () == outliers(values)


@given(st.lists(st.integers(0, 10**12), min_size=4))
def test_half_of_the_values_are_never_outliers(values):
    """Those between the quartiles."""
    assert len(outliers(values)) <= len(values) / 2
