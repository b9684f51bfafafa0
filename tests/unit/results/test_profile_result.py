"""ProfileResult: numbers in the units that leave the library, and what refuses to be read."""

import math
import pickle

import pytest

from llm_latency_lens.errors import EmptyAggregate, PriceUnknown
from llm_latency_lens.results import ProfileResult
from llm_latency_lens.samples import Attempt, Outcome, Status

MS = 1_000_000


@pytest.fixture
def result(make_sample):
    """Four calls that took 1 to 4 seconds, in four runs."""
    samples = [make_sample(1000 * n, 100 * n, gaps_ns=(10 * MS,)) for n in (1, 2, 3, 4)]
    return ProfileResult(samples, [5 * MS])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("p50", 2000),
        ("median", 2000),
        ("p75", 3000),
        ("p90", 4000),
        ("p95", 4000),
        ("p99", 4000),
        ("mean", 2500),
        ("min", 1000),
        ("max", 4000),
    ],
)
def test_times_are_milliseconds(result, name, expected):
    """Percentiles are nearest rank, in milliseconds."""
    assert expected == getattr(result.latency, name)


def test_every_metric_is_there(result):
    """Each metric has its view."""
    assert [400, 400, 399, 10, 5] == [
        view.max for view in (result.ttft, result.ttfo, result.wire_ttft, result.itl, result.run)
    ]
    assert 90 == result.tpot.min


def test_any_quantile_can_be_read(result):
    """A quantile that has no name of its own is nearest rank too."""
    assert 1000 == result.latency.quantile(0.25)


def test_histogram_is_milliseconds(result):
    """The histogram's buckets hold every call."""
    buckets = result.latency.histogram

    assert 4 == sum(count for _, _, count in buckets)
    assert buckets[0][0] <= 1000 < buckets[0][1]


def test_throughput_is_the_inverse_of_tpot(result):
    """Tokens per second after the first token: median, and what 90 % reach."""
    tpot = result.tpot

    assert 1000 / tpot.median == result.throughput.tokens_per_second
    assert 1000 / tpot.p90 == result.throughput.min_tokens_per_second


def test_tokens_in_no_time_have_no_limit(make_sample):
    """A stream whose tokens came at once is infinitely fast, not a fault."""
    result = ProfileResult([make_sample(200, 200)])

    assert math.inf == result.throughput.tokens_per_second


def test_cost_is_dollars(result):
    """Sums and means of known prices."""
    assert (0.004, 0.001, 0, 0.004) == (
        result.cost.total,
        result.cost.per_call,
        result.cost.input,
        result.cost.output,
    )


def test_unknown_price_refuses_a_sum(make_sample):
    """A sum that would be too low is not given out; what is known is."""
    result = ProfileResult([make_sample(), make_sample(usd=None)])

    with pytest.raises(PriceUnknown, match=r"the cost of 1 of 2 calls is unknown: no price"):
        assert result.cost.total < 1
    assert ("0.001", 1) == (str(result.cost.known), result.cost.unpriced)


def test_reliability_counts_calls(make_sample):
    """Rates are over calls that ended; retries are beside them."""
    error = Outcome(Status.ERROR, "rate_limit_error", http_status=429)
    samples = [
        make_sample(attempts=(Attempt(0, 1, error), Attempt(2, 3, Outcome(Status.OK)))),
        make_sample(status=Status.TIMEOUT),
        make_sample(status=Status.CANCELLED),
    ]

    seen = ProfileResult(samples).reliability

    assert (0.5, 0.5, 0.5, 1) == (
        seen.success_rate,
        seen.error_rate,
        seen.timeout_rate,
        seen.retries,
    )
    assert {"timeout": 1} == seen.errors_by_type


def test_failed_call_makes_a_percentile_infinite(make_sample):
    """No assert on a percentile passes that fell on a failed call."""
    result = ProfileResult([make_sample(status=Status.ERROR)])

    assert math.inf == result.latency.p95
    assert not result.latency.p95 < 1e12


@pytest.mark.parametrize("name", ["mean", "stddev", "min", "max"])
def test_nothing_that_succeeded_has_no_mean(make_sample, name):
    """Statistics of successful calls refuse where there is none."""
    result = ProfileResult([make_sample(status=Status.ERROR)])

    with pytest.raises(EmptyAggregate, match="too few successful calls"):
        getattr(result.latency, name)


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        ("latency", "no provider call was seen"),
        ("ttft", "no call was streamed"),
        ("itl", "no stream carried one token an event"),
        ("tpot", "no stream of two tokens"),
        ("run", "nothing was run"),
    ],
)
def test_nothing_cannot_be_read(metric, why):
    """A number that nobody measured is not given out, and the message says why."""
    with pytest.raises(EmptyAggregate, match=why):
        assert getattr(ProfileResult(), metric).p95 < 1


def test_no_call_has_no_mean_cost():
    """Without a call there is no cost of one."""
    with pytest.raises(EmptyAggregate, match="no call was made"):
        assert ProfileResult().cost.per_call < 1


def test_reading_explains_itself(result):
    """A reading knows its name, its unit and how many values are behind it."""
    assert "latency.p95 = 4000 ms (n=4)" == result.latency.p95.explanation
    assert "reliability.success_rate = 1 (n=4)" == result.reliability.success_rate.explanation


def test_reading_travels(result):
    """A reading survives the way to another process."""
    copy = pickle.loads(pickle.dumps(result.latency.p95))

    assert ("latency.p95", 4000) == (copy.name, copy)


def test_result_says_what_it_holds(result):
    """The repr counts calls and runs; a view's repr counts values."""
    assert "<ProfileResult: 4 calls in 1 runs>" == repr(result)
    assert "<latency: n=4, failed=0>" == repr(result.latency)
    assert 4 == result.calls
