"""The sequential rule: what it promises, computed exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.verdicts import Side, runs_to_pass, sequential

_quantiles = st.sampled_from(["0.5", "0.75", "0.9", "0.95", "0.99", "0.999"])
_confidences = st.sampled_from(["0.5", "0.8", "0.9", "0.95", "0.99", "0.9999"])


@given(_quantiles, _confidences, st.integers(1, 60))
def test_no_side_errs_more_often_than_it_says(q, confidence, n_max):
    """At the share that is allowed, neither answer comes more often than 1 - confidence."""
    seen = sequential(q, confidence, n_max).rates(float(1 - Fraction(q)))
    risk = 1 - float(confidence)

    assert max(seen.fails, seen.passes) <= risk + 1e-9


@given(_quantiles, st.integers(1, 60), st.floats(0, 1))
def test_right_side_of_the_limit_errs_less(q, n_max, part):
    """Below the allowed share a fail is rarer than at it, above it a pass is."""
    rule, share = sequential(q, "0.95", n_max), float(1 - Fraction(q))
    within = rule.rates(share * part).fails
    beyond = rule.rates(share + (1 - share) * part).passes

    assert max(within, beyond) <= 0.05 + 1e-9


@pytest.mark.parametrize("tolerance", ["1", "1.5", "2", "4"])
def test_tolerance_moves_what_a_pass_is_proven_against(tolerance):
    """At the tolerated share a pass is as rare as promised; the fail side stays."""
    rule = sequential("0.95", "0.95", 100, tolerance)

    assert rule.rates(0.05 * float(tolerance)).passes <= 0.05 + 1e-9
    assert sequential("0.95", "0.95", 100).fail_at == rule.fail_at


@given(_quantiles, _confidences, st.integers(1, 60))
def test_one_slow_call_breaks_nothing(q, confidence, n_max):
    """However unlikely, a single call over the limit is no fail."""
    assert all(least > 1 for least in sequential(q, confidence, n_max).fail_at)


def test_all_within_settles_as_pass():
    """Of a hundred calls, 71 within p95 are enough at 95 %; then no more are made."""
    found = sequential("0.95", 0.95, 100).count([False] * 100)

    assert (71, Side.PASS) == (found.n, found.side)


def test_few_calls_never_pass():
    """Twenty calls cannot prove a p95 at 95 %."""
    assert sequential("0.95", 0.95, 20).first_pass() is None


@pytest.mark.parametrize(("first", "n_max"), [(59, 60), (71, 100), (89, 200)])
def test_first_pass_of_p95(first, n_max):
    """A clean p95 run settles later the more calls could follow."""
    assert first == sequential("0.95", 0.95, n_max).first_pass()


@given(
    st.sampled_from(["0.5", "0.9"]),
    st.sampled_from(["0.8", "0.95", "0.99"]),
    st.integers(0, 2),
    st.sampled_from([1, Fraction(3, 2)]),
)
def test_runs_to_pass_are_the_fewest(q, confidence, k, tolerance):
    """With so many runs k over can pass, and with one run less they cannot."""
    n_max = runs_to_pass(q, confidence, k, tolerance)
    enough = sequential(q, confidence, n_max, tolerance)
    short = sequential(q, confidence, max(n_max - 1, 1), tolerance)

    assert enough.first_pass(k) is not None
    assert short.first_pass(k) is None or n_max == 1


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("quantile 1 ", ("1", 0.95, 20)),
        ("quantile 0 ", ("0", 0.95, 20)),
        ("confidence 95", ("0.95", 95, 20)),
        ("confidence 0.4", ("0.95", 0.4, 20)),
        ("n_max 0", ("0.95", 0.95, 0)),
        ("tolerance 0.5", ("0.95", 0.95, 20, 0.5)),
        ("tolerance 20", ("0.95", 0.95, 20, 20)),
    ],
)
def test_argument_out_of_range_is_refused(message, arguments):
    """Each argument names itself when it cannot be."""
    with pytest.raises(ValueError, match=message):
        sequential(*arguments)


def test_counts_beyond_every_float_change_nothing():
    """A hundred rare events have no probability in a float; two of them still break."""
    rule = sequential("0.9999", 0.95, 100)

    assert (2, True) == (rule.fail_at[100], rule.rates(0.0001).fails <= 0.05)
