"""What a call and a run count as."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest

from llm_latency_lens.budgets import WORDS, Evidence, read_plan
from llm_latency_lens.budgets.counting import (
    bound,
    call_size,
    counted_quantile,
    run_size,
    run_sizes,
)
from llm_latency_lens.budgets.units import Unit
from llm_latency_lens.metrics import Aggregate
from llm_latency_lens.samples import Status, Usage

MS = 1_000_000
_LIMITS = {Unit.TIME: "500ms", Unit.RATE: 15, Unit.SHARE: "5%", Unit.COUNT: 2, Unit.MONEY: "$1"}


def _budget(word, limit=None, **words):
    (budget,) = read_plan({word: limit or _LIMITS[WORDS[word].unit], **words}).budgets
    return budget


@pytest.fixture
def odd_calls(make_sample):
    """Calls that ended in every way."""
    return (
        make_sample(),
        make_sample(300, 100),
        make_sample(streamed=False),
        make_sample(usage=Usage()),
        make_sample(ttft=None),
        *(make_sample(status=status) for status in Status),
        *(make_sample(status=status, ttft=None) for status in Status),
        *(make_sample(status=status, streamed=False) for status in Status),
        replace(make_sample(), token_events=1),
    )


@pytest.mark.parametrize(
    ("word", "metric"),
    [
        ("p95", "latency"),
        ("ttft_p95", "ttft"),
        ("ttfo_p90", "ttfo"),
        ("tpot_p50", "tpot"),
        ("min_tokens_per_second", "tpot"),
    ],
)
def test_sizes_of_calls_are_those_of_the_aggregate(odd_calls, word, metric):
    """Call by call the same is counted as over all calls together."""
    budget = _budget(word)
    sizes = [call_size(budget, one) for one in odd_calls]
    known = sorted(size for size in sizes if size is not None)
    times = getattr(Aggregate.of(odd_calls), metric)

    assert [*times.values, *[math.inf] * times.infinite] == known


@pytest.mark.parametrize("word", ["error_rate", "timeout_rate"])
def test_failures_are_those_of_the_aggregate(odd_calls, word):
    """A failure is one, a cancelled call is none."""
    sizes = [call_size(_budget(word), one) for one in odd_calls]
    known = [size for size in sizes if size is not None]

    assert getattr(Aggregate.of(odd_calls), word) == sum(known) / len(known)


@pytest.mark.parametrize(
    ("word", "limit", "quantile"),
    [
        ("p95", "1s", Fraction(19, 20)),
        ("run_p50", "1s", Fraction(1, 2)),
        ("min_tokens_per_second", 30, Fraction(9, 10)),
        ("error_rate", "1%", Fraction(99, 100)),
        ("error_rate", "0%", None),
        ("error_rate", "100%", None),
        ("max", "1s", None),
        ("mean", "1s", None),
        ("itl_p95", "1s", None),
        ("cost", "$1", None),
        ("calls", 3, None),
    ],
)
def test_quantile_that_is_counted_against(word, limit, quantile):
    """Percentiles and rates count; means, totals, maxima and gaps do not."""
    assert quantile == counted_quantile(_budget(word, limit))


@pytest.mark.parametrize(
    ("word", "limit", "size"),
    [
        ("p95", "1s", 10**9),
        ("min_tokens_per_second", 40, 25 * MS),
        ("error_rate", "1%", 0),
        ("calls", 3, 3),
    ],
)
def test_bound_is_the_limit_as_a_size(word, limit, size):
    """A rate is turned upside down, and a failure is above none."""
    assert size == bound(_budget(word, limit))


def test_run_is_as_large_as_its_worst_call(make_sample):
    """The largest call of each run; a run without one has no size."""
    samples = (
        make_sample(100, run=0),
        make_sample(300, run=0),
        make_sample(200, run=2),
        make_sample(900, run=-1),
    )
    evidence = Evidence(samples, (1, 2, 3))

    assert [300 * MS, None, 200 * MS] == run_sizes(_budget("p95"), evidence)


def test_wall_time_of_a_run_is_its_own_size():
    """A budget on runs looks at no call."""
    assert [1, 2] == run_sizes(_budget("run_p95"), Evidence((), (1, 2)))


def test_calls_of_a_run_are_counted(make_sample):
    """A budget on calls looks at their number."""
    assert 2 == run_size(_budget("calls"), 1, [make_sample(), make_sample()])


def test_calls_that_are_not_meant_have_no_size(make_sample):
    """What the budget does not cover, and what it leaves out."""
    other = _budget("p95", provider="anthropic")

    assert run_size(other, 1, [make_sample()]) is None
