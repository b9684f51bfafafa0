"""Turns of two callables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.profiler import take_turns


def test_who_goes_first_changes():
    """A b, b a, a b: a steady drift falls on both alike."""
    assert [(0, 0), (0, 1), (1, 1), (1, 0), (2, 0), (2, 1)] == list(take_turns(3))


def test_warmup_comes_first():
    """Runs that do not count have numbers below zero."""
    assert [-2, -2, -1, -1, 0, 0] == [number for number, _ in take_turns(1, warmup=2)]


@given(st.integers(1, 50), st.integers(0, 5))
def test_both_have_as_many_turns(iterations, warmup):
    """Each number is run once by each side."""
    turns = list(take_turns(iterations, warmup))

    assert {(number, side) for number in range(-warmup, iterations) for side in (0, 1)} == set(
        turns
    )
    assert 2 * (iterations + warmup) == len(turns)


@pytest.mark.parametrize("iterations", [2, 4, 10])
def test_a_steady_drift_falls_on_both_alike(iterations):
    """With an even number of pairs the mean place in time is the same for both."""
    places = ([], [])
    for place, (_, side) in enumerate(take_turns(iterations)):
        places[side].append(place)

    assert sum(places[0]) == sum(places[1])
