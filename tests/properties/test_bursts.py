"""Whether slow calls came in bursts."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.verdicts import burst_chance


def _runs(flags):
    return sum(is_over for is_over, _ in itertools.groupby(flags))


@given(st.lists(st.booleans(), min_size=1, max_size=7))
def test_chance_is_the_share_of_all_orders(flags):
    """It is the share of the orders of the same calls that have as few runs or fewer."""
    orders = set(itertools.permutations(flags))
    few = sum(_runs(one) <= _runs(flags) for one in orders)

    assert few / len(orders) == pytest.approx(burst_chance(flags))


def test_without_a_call_over_there_is_no_burst():
    """No run is what everybody gets by chance."""
    assert (1.0, 1.0) == (burst_chance([]), burst_chance([False] * 5))
