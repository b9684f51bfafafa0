"""The numbers of a run: throughput, projected cost, outliers, delays, and what it came from."""

from dataclasses import replace

import pytest

from llm_latency_lens.errors import EmptyAggregate, UsageError
from llm_latency_lens.results import Ending, ProfileResult, RunMetadata
from llm_latency_lens.samples import Attempt, Outcome, ServerTime, Status, Timeline, Usage

MS = 1_000_000
S = 1_000 * MS


def _from(sample, start_s, end_s, **fields):
    return replace(sample, timeline=Timeline(start_s * S, end_s * S), **fields)


@pytest.fixture
def result(make_sample):
    """Three calls within 10 s, of which one failed: 10 tokens in and 11 out each."""
    return ProfileResult(
        [
            _from(make_sample(), 5, 8),
            _from(make_sample(), 6, 15),
            _from(make_sample(status=Status.ERROR), 7, 9),
        ]
    )


def test_throughput_is_what_got_through(result):
    """Calls that ended well and their tokens, over the time of all."""
    seen = result.throughput

    assert [0.2, 2, 2.2, 4.2] == [
        seen.requests_per_second,
        seen.input_tokens_per_second,
        seen.output_tokens_per_second,
        seen.total_tokens_per_second,
    ]


def test_a_rate_carries_its_name(result):
    """So that a plain assert explains itself."""
    seen = result.throughput.requests_per_second

    assert "throughput.requests_per_second = 0.2 calls/s (n=3)" == seen.explanation


def test_throughput_of_nothing_is_refused(make_sample):
    """No call, or calls without a duration."""
    with pytest.raises(EmptyAggregate, match="no call was made"):
        assert ProfileResult().throughput.requests_per_second > 0
    with pytest.raises(EmptyAggregate, match="took no time"):
        assert ProfileResult([make_sample(0, None)]).throughput.requests_per_second > 0


def test_tokens_that_were_not_told_are_not_guessed(make_sample):
    """One silent call makes a sum of tokens unknown."""
    result = ProfileResult([make_sample(), make_sample(usage=Usage(input_tokens=3))])

    with pytest.raises(EmptyAggregate, match="1 of 2 calls told no output_tokens"):
        assert result.throughput.output_tokens_per_second > 0


def test_failed_calls_alone_get_nothing_through(make_sample):
    """A rate of zero, which no assert on speed takes for good."""
    result = ProfileResult([make_sample(status=Status.ERROR)])

    assert (0, 0) == (
        result.throughput.requests_per_second,
        result.throughput.output_tokens_per_second,
    )


def test_cost_per_token(result):
    """All that was paid over all tokens."""
    assert pytest.approx(0.003 / 63) == result.cost.per_token


def test_cost_per_token_needs_tokens(make_sample):
    """Without usage there is none."""
    with pytest.raises(EmptyAggregate, match=r"cost\.per_token has no value"):
        assert ProfileResult([make_sample(usage=Usage())]).cost.per_token


def test_a_month_is_projected_on_request_only(make_sample):
    """At the mean cost of a call; without a number of requests there is no projection."""
    calls = [make_sample(usd="0.001"), make_sample(usd="0.003")]
    configured = ProfileResult(calls, config={"monthly_requests": 50_000})

    assert 100 == configured.cost.projected_monthly
    assert ProfileResult(calls).cost.projected_monthly is None
    assert 2 == ProfileResult(calls).cost.monthly(1000)


def test_a_month_without_calls_is_not_projected():
    """Nothing is known of their cost."""
    with pytest.raises(EmptyAggregate):
        ProfileResult().cost.monthly(10)


def test_a_month_has_a_number_of_requests(result):
    """Zero or more."""
    with pytest.raises(UsageError, match="monthly_requests=-1"):
        result.cost.monthly(-1)


def test_outliers_are_named_by_index(make_sample):
    """Among the calls that ended well; a failed one is no outlier."""
    samples = [make_sample(latency) for latency in (100, 101, 102, 103, 104, 9000)]
    samples.insert(0, make_sample(50, status=Status.ERROR))

    assert (6,) == ProfileResult(samples).outliers


def test_delays_and_retries_are_apart(make_sample):
    """How late calls were sent, and what their retries cost."""
    ok = Outcome(Status.OK)
    late = make_sample(attempts=(Attempt(20 * MS, 90 * MS, ok),))
    retried = make_sample(attempts=(Attempt(0, 1, ok), Attempt(300 * MS, 301 * MS, ok)))
    result = ProfileResult([late, retried])

    assert (20, 0) == (result.send_delay.max, result.send_delay.min)
    assert (300, 1) == (result.retry_time.max, result.retry_time.n)


def test_results_split_by_model(make_sample):
    """Each provider and requested model by itself."""
    result = ProfileResult(
        [make_sample(), make_sample(requested_model="other"), make_sample()],
        config={"monthly_requests": 5},
    )

    assert {("openai", "gpt-4o-mini"): 2, ("openai", "other"): 1} == {
        model: one.calls for model, one in result.by_model.items()
    }
    assert {5} == {one.config["monthly_requests"] for one in result.by_model.values()}


@pytest.mark.parametrize(
    ("ending", "is_partial"),
    [(Ending.COMPLETE, False), (Ending.STOPPED, True), (Ending.INTERRUPTED, True)],
)
def test_a_partial_result_says_so(make_sample, ending, is_partial):
    """In its own name, too."""
    metadata = RunMetadata("closed loop, concurrency 1", ending, 5, 0, 0)
    result = ProfileResult([make_sample()], [1], metadata=metadata)

    assert is_partial == result.is_partial
    assert is_partial == (ending in repr(result))


def test_connecting_and_the_server_are_apart(make_sample):
    """Of the calls that opened a connection, and of the servers that tell their time."""
    line = Timeline(0, 9 * MS, connect_started_ns=MS, connected_ns=4 * MS)
    told = (ServerTime("p", 7 * MS, "until headers"), ServerTime("q", 9 * MS, "queue"))
    result = ProfileResult([make_sample(timeline=line), make_sample(server_times=told)])

    assert (3, 1) == (result.connect.max, result.connect.n)
    assert (7, 1) == (result.server_time.max, result.server_time.n)
