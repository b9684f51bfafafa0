"""Schedules: when the next call starts."""

from itertools import islice, pairwise

import pytest

from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler import (
    Adaptive,
    AtConcurrency,
    ConstantRate,
    PoissonArrivals,
    Ramp,
)

S = 1_000_000_000


def _seconds(schedule, count):
    return [start / S for start in islice(schedule(), count)]


def test_a_constant_rate_is_even():
    """The first call at once, then one a period, without rounding that adds up."""
    assert [0, 1 / 3, 2 / 3, 1.0] == pytest.approx(_seconds(ConstantRate(3), 4))
    assert 1000 * S == list(islice(ConstantRate(3)(), 3001))[-1]


def test_poisson_arrivals_have_their_rate():
    """Of 20 000 gaps the mean is within 3 % of the period, and their spread as large."""
    starts = _seconds(PoissonArrivals(50), 20_001)
    gaps = [later - sooner for sooner, later in pairwise(starts)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5

    assert [0.02, 0.02] == pytest.approx([mean, spread], rel=0.03)


def test_poisson_arrivals_are_the_same_for_the_same_seed():
    """And others for another."""
    first, again, other = (_seconds(PoissonArrivals(5, seed), 9) for seed in (1, 1, 2))

    assert first == again != other


@pytest.mark.parametrize(("first", "last"), [(1, 9), (9, 1), (5, 5)])
def test_a_ramp_adds_up(first, last):
    """In 10 s from one rate to another their mean times 10 calls start."""
    starts = _seconds(Ramp(first, last, 10), 61)

    assert 50 == sum(start < 10 - 1e-6 for start in starts)
    assert 1 / last == pytest.approx(starts[60] - starts[59])
    assert starts == sorted(starts)


def test_a_ramp_begins_slowly_and_ends_fast():
    """Its first gap is about one period of the first rate."""
    starts = _seconds(Ramp(1, 9, 10), 50)

    assert (0, 0.75) == pytest.approx((starts[0], starts[1]), abs=0.05)
    assert 1 / 9 == pytest.approx(starts[49] - starts[48], rel=0.05)


@pytest.mark.parametrize(
    ("label", "schedule"),
    [
        ("closed loop, concurrency 5", AtConcurrency(5)),
        ("closed loop, concurrency adapted between 1 and 200", Adaptive()),
        ("open loop, 50/s", ConstantRate(50)),
        ("open loop, Poisson 0.5/s", PoissonArrivals(0.5)),
        ("open loop, 1/s to 50/s over 30 s", Ramp(1, 50, 30)),
    ],
)
def test_each_schedule_says_what_loop_it_is(label, schedule):
    """A result names it."""
    assert label == str(schedule)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AtConcurrency(0), "concurrency=0: a whole number from 1"),
        (lambda: AtConcurrency(concurrency=True), "concurrency=True"),
        (lambda: Adaptive(5, 6, 9), "from 6 to 9 cannot start at 5"),
        (lambda: ConstantRate(0), "rate=0: a number above 0"),
        (lambda: PoissonArrivals(float("inf")), "rate=inf"),
        (lambda: Ramp(1, "2", 3), "ramp.to_per_second='2'"),
    ],
)
def test_what_cannot_be_scheduled_is_told(make, message):
    """With the word and what is expected."""
    with pytest.raises(UsageError, match=message):
        make()
