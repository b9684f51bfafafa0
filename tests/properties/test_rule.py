"""Rules as two arrays."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.verdicts import Count, Rates, Rule, Side, curtailed, plain

# Broken by two, kept if none of the first three is over.
_RULE = Rule(fail_at=(2, 2, 2, 2, 2), pass_at=(-1, -1, -1, 0, 0))


def test_rule_knows_its_length():
    """The arrays begin at no call."""
    assert _RULE.n_max == 4


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        (Count(2, 2, Side.FAIL), [1, 1, 0, 0]),
        (Count(3, 0, Side.PASS), [0, 0, 0, 1]),
        (Count(4, 1), [0, 0, 1, 0]),
        (Count(4, 1), [0, 0, 1, 0, 1]),
        (Count(2, 1), [0, 1]),
        (Count(), []),
    ],
)
def test_counting_stops_where_it_is_settled(expected, flags):
    """The first count that settles decides; beyond n_max nothing is counted."""
    assert expected == _RULE.count(map(bool, flags))


def test_first_call_that_can_pass():
    """None over pass from the third call on; one over never does."""
    assert (3, None) == (_RULE.first_pass(), _RULE.first_pass(1))


@given(st.floats(0.01, 0.99))
def test_rates_are_those_of_all_outcomes(share):
    """What the rule does in the long run is the sum over every sequence of flags."""
    fails = passes = mean_n = 0.0
    for flags in itertools.product([False, True], repeat=4):
        chance = share ** sum(flags) * (1 - share) ** (4 - sum(flags))
        found = _RULE.count(flags)
        fails += chance * (found.side is Side.FAIL)
        passes += chance * (found.side is Side.PASS)
        mean_n += chance * found.n
    seen = _RULE.rates(share)

    assert (fails, passes, mean_n) == pytest.approx((seen.fails, seen.passes, seen.mean_n))


def test_rates_without_any_call_over():
    """Calls that are never over are always settled by the third."""
    assert Rates(0.0, 1.0, 3.0) == _RULE.rates(0.0)


@given(
    st.sampled_from(["0.5", "0.75", "0.9", "0.95", "0.99", "1"]),
    st.lists(st.booleans(), min_size=1, max_size=60),
)
def test_plain_rule_as_arrays_agrees_with_the_plain_verdict(q, flags):
    """Stopping when nothing can change the answer gives the answer of all calls."""
    holds = plain(q, len(flags), sum(flags)).holds
    side = curtailed(q, len(flags)).count(flags).side

    assert (Side.PASS if holds else Side.FAIL) == side


def test_plain_rule_settles_when_certain():
    """Of twenty calls one may be over p95: two break it, nineteen within keep it."""
    rule = curtailed("0.95", 20)

    assert (Count(4, 2, Side.FAIL), Count(19, 0, Side.PASS)) == (
        rule.count([False, True, False, True]),
        rule.count([False] * 20),
    )
