"""Values far from the others."""

import pytest

from llm_latency_lens.metrics import outliers


def test_places_of_far_values():
    """Both far ends are told, by their place; a failed call has none."""
    values = [10, 11, None, 12, 99, 13, -99, 11]

    assert (4, 6) == outliers(values)


@pytest.mark.parametrize("values", [[], [None], [7], [7, 7, 7]])
def test_nothing_far(values):
    """Nor do equal values stand apart."""
    assert () == outliers(values)


def test_fence_itself_is_near():
    """Quartiles of 10 and 20 put the upper fence at 35."""
    assert (8,) == outliers([10, 10, 10, 20, 20, 20, 20, 35, 36])
