"""Means above their limit."""

import pytest

from llm_latency_lens.verdicts import mean_chance


def test_mean_above_its_limit():
    """Seven values, half a unit above, with a deviation of 1.2: as tables of t say."""
    assert pytest.approx(0.156267, abs=1e-6) == mean_chance(0.5, 1.2, 7)


def test_mean_below_is_the_mirror():
    """As far below as above, the chances add to one."""
    assert 1.0 == pytest.approx(mean_chance(0.5, 1.2, 7) + mean_chance(-0.5, 1.2, 7))


@pytest.mark.parametrize(
    ("chance", "excess", "stddev"),
    [(0.5, 0, 1), (0.5, 0, 0), (0.0, 1, 0), (1.0, -1, 0), (0.5, 1e-90, 1)],
)
def test_values_without_a_doubt(chance, excess, stddev):
    """At the limit it is even; values that are all the same leave no chance."""
    assert chance == mean_chance(excess, stddev, 5)


def test_single_value_has_no_spread():
    """One value cannot be tested."""
    with pytest.raises(ValueError, match="two or more"):
        mean_chance(1, 1, 1)
