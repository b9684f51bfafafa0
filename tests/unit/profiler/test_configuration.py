"""Configuration: the words of a run."""

import pytest

from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler import (
    Adaptive,
    AtConcurrency,
    Configuration,
    ConstantRate,
    PoissonArrivals,
    Ramp,
    RetryPolicy,
    Timeouts,
)
from llm_latency_lens.profiler.configuration import loop_of


def _read(**words):
    return Configuration().with_words(words)


@pytest.mark.parametrize(
    ("words", "schedule"),
    [
        ({}, AtConcurrency(1)),
        ({"concurrency": 5}, AtConcurrency(5)),
        ({"concurrency": "adaptive"}, Adaptive()),
        ({"concurrency": {"start": 2, "highest": 50}}, Adaptive(2, 1, 50)),
        ({"rate": 50}, ConstantRate(50)),
        ({"rate": 50, "arrivals": "poisson"}, PoissonArrivals(50)),
        ({"ramp": {"from": 1, "to": 50, "over": "30s"}}, Ramp(1, 50, 30)),
        ({"ramp": Ramp(1, 2, 3)}, Ramp(1, 2, 3)),
        ({"schedule": PoissonArrivals(2, 5)}, PoissonArrivals(2, 5)),
    ],
)
def test_words_make_one_schedule(words, schedule):
    """Each way to say when calls start."""
    assert schedule == _read(**words).schedule


def test_words_change_what_they_name():
    """The rest stays, and None changes nothing."""
    first = _read(iterations=20, timeout="5s", retry=1, concurrency=3)
    second = first.with_words({"warmup": 2, "iterations": None, "raw": True})

    assert (20, 2, True) == (second.iterations, second.warmup, second.raw)
    assert (Timeouts(total_ns=5_000_000_000), RetryPolicy(attempts=1), AtConcurrency(3)) == (
        second.timeouts,
        second.retry,
        second.schedule,
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"iteration": 3}, "'iteration' is unknown; known are iterations, warmup"),
        ({"iterations": 0}, "iterations=0: a whole number, 1 or more"),
        ({"iterations": True}, "iterations=True"),
        ({"stream": 1}, "stream=1: true or false"),
        ({"max_requests_per_second": 0}, "max_requests_per_second=0: a number above 0"),
        ({"rate": 5, "concurrency": 2}, "concurrency= and rate=: give one of"),
        ({"arrivals": "poisson"}, "arrivals=: give one of"),
        ({"concurrency": 2, "arrivals": "poisson"}, "arrivals= goes with rate=, not with conc"),
        ({"rate": 5, "arrivals": "even"}, 'arrivals=\'even\': "constant" or "poisson"'),
        ({"concurrency": {"most": 5}}, "'most' is unknown; known are start, lowest, highest"),
        ({"ramp": {"from": 1}}, "is expected"),
        ({"schedule": 7}, "schedule=7: a schedule or a callable"),
        ({"rate": 5, "max_requests_per_second": 5}, "is for a closed loop"),
    ],
)
def test_a_wrong_word_is_told(words, message):
    """With what is expected."""
    with pytest.raises(UsageError, match=message):
        _read(**words)


def test_a_configuration_is_plain_values():
    """As a result carries it."""
    described = _read(rate=2, monthly_requests=1000).describe()

    assert ("open loop, 2/s", 1000, 600.0, 3) == (
        described["schedule"],
        described["monthly_requests"],
        described["timeout"]["total"],
        described["retry"]["attempts"],
    )


def test_a_schedule_of_the_callers_own_is_named():
    """By its function or class."""

    def market_hours():
        yield 0

    class Burst:
        def __call__(self):
            yield 0

    assert ("open loop, market_hours", "open loop, Burst") == (
        loop_of(_read(schedule=market_hours).schedule),
        loop_of(_read(schedule=Burst()).schedule),
    )
