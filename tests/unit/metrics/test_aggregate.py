"""Aggregates of samples."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.metrics import (
    Aggregate,
    CostSum,
    Distribution,
    TokenSum,
    aggregate,
    decode_aggregate,
    encode_aggregate,
)
from llm_latency_lens.samples import Attempt, Cost, Outcome, Sample, Status, Timeline, Usage

_FAILURES = [Status.ERROR, Status.TIMEOUT, Status.CUT]
_failures = pytest.mark.parametrize("status", _FAILURES)


def _sample(
    status=Status.OK,
    *,
    streamed=True,
    error_type=None,
    tokens=None,
    events=0,
    attempts=1,
    tried=(),
    gaps=(),
    usd=None,
    **stamps,
):
    outcome = Outcome(status, error_type)
    return Sample(
        id="1",
        provider="openai",
        protocol="openai-chat",
        requested_model="gpt",
        model="gpt-1",
        streamed=streamed,
        outcome=outcome,
        timeline=Timeline(**{"started_ns": 100, "ended_ns": 1000} | stamps),
        wall_ns=0,
        usage=Usage(input_tokens=tokens, output_tokens=tokens),
        gaps_ns=gaps,
        token_events=events,
        attempts=(
            *(Attempt(100, 1000, Outcome(one)) for one in tried),
            *(Attempt(100, 1000, outcome),) * attempts,
        ),
        cost=None if usd is None else Cost(usd, usd, usd, "book"),
    )


def _stream(status=Status.OK, tokens=4, events=4):
    return _sample(
        status,
        tokens=tokens,
        events=events,
        sent_ns=150,
        first_token_ns=300,
        first_output_ns=400,
        last_token_ns=900,
    )


_stamps = st.none() | st.integers(100, 1000)
_samples = st.builds(
    _sample,
    st.sampled_from(Status),
    streamed=st.booleans(),
    error_type=st.sampled_from([None, "rate_limit", "overloaded"]),
    tokens=st.none() | st.integers(0, 5),
    events=st.integers(0, 3),
    attempts=st.integers(0, 3),
    tried=st.lists(st.sampled_from(Status), max_size=3),
    gaps=st.lists(st.integers(0, 50), max_size=3).map(tuple),
    usd=st.none() | st.integers(0, 10**6).map(lambda micro: Decimal(micro).scaleb(-6)),
    sent_ns=_stamps,
    first_token_ns=_stamps,
    first_output_ns=_stamps,
    last_token_ns=_stamps,
)
_lists = st.lists(_samples, max_size=5)


@given(_lists, _lists, _lists)
def test_merge_is_associative(a, b, c):
    """How the merging is grouped does not matter, to the last digit shown."""
    one, two, three = map(Aggregate.of, (a, b, c))

    assert repr(one.merge(two).merge(three)) == repr(one.merge(two.merge(three)))


@given(_lists, _lists)
def test_merge_is_commutative(a, b):
    """The order of merging does not matter, to the last digit shown."""
    one, two = map(Aggregate.of, (a, b))

    assert repr(one.merge(two)) == repr(two.merge(one))


@given(_lists, _lists)
def test_merge_equals_measuring_together(a, b):
    """Two halves merged are the whole, to the last digit shown."""
    assert repr(Aggregate.of(a + b)) == repr(Aggregate.of(a).merge(Aggregate.of(b)))


def test_no_samples_are_the_neutral_element():
    """The aggregate of nothing is the empty one."""
    assert Aggregate() == Aggregate.of([])


@given(_lists)
def test_each_call_ends_in_one_way(samples):
    """The five counts of endings add up to the calls."""
    seen = Aggregate.of(samples)

    assert seen.calls == seen.ok + seen.failed + seen.cancelled


@given(_lists)
def test_each_attempt_is_judged_or_cancelled(samples):
    """Attempts that failed are among those that are judged."""
    seen = Aggregate.of(samples)

    assert 0 <= seen.failed_attempts <= seen.judged_attempts <= seen.attempts


@given(_lists)
def test_attempts_are_first_ones_and_retries(samples):
    """Each attempt is a retry or the first of its call."""
    firsts = sum(bool(one.attempts) for one in samples)
    seen = Aggregate.of(samples)

    assert seen.attempts == firsts + seen.retries


@given(_lists)
def test_each_streamed_answer_has_a_pace_or_a_reason(samples):
    """A streamed answer is in tpot or in one of the two counts of those left out."""
    expected = sum(one.streamed and one.outcome.status is Status.OK for one in samples)
    seen = Aggregate.of(samples)

    assert expected == seen.tpot.finite + seen.single_event + seen.no_usage


def test_success_has_its_latency():
    """A success enters latency with its time."""
    assert Distribution((900,)) == Aggregate.of([_sample()]).latency


@_failures
def test_failure_is_infinitely_slow(status):
    """An error, a timeout and a cut have infinite latency."""
    assert Distribution((), 1) == Aggregate.of([_sample(status)]).latency


def test_cancelled_call_has_no_latency():
    """What the consumer gave up is neither fast nor slow."""
    assert Distribution() == Aggregate.of([_sample(Status.CANCELLED)]).latency


@pytest.mark.parametrize("status", Status)
def test_ttft_that_was_reached_is_real(status):
    """A first token counts however the call went on."""
    assert Distribution((200,)) == Aggregate.of([_stream(status)]).ttft


@_failures
@pytest.mark.parametrize("metric", ["ttft", "ttfo", "wire_ttft", "tpot"])
def test_failed_stream_never_reached_its_tokens(status, metric):
    """A streamed call that failed before its first token waits for it forever."""
    assert Distribution((), 1) == getattr(Aggregate.of([_sample(status)]), metric)


@_failures
@pytest.mark.parametrize("metric", ["ttft", "ttfo", "wire_ttft", "tpot", "itl"])
def test_failure_without_stream_is_no_matter_of_tokens(status, metric):
    """A failed call that was not to be streamed is in no metric of tokens."""
    seen = Aggregate.of([_sample(status, streamed=False)])

    assert Distribution() == getattr(seen, metric)


def test_cut_in_its_reasoning_never_reached_its_output():
    """A call cut before its first output token has a real ttft and an infinite ttfo."""
    seen = Aggregate.of([_sample(Status.CUT, first_token_ns=300)])

    assert (Distribution((200,)), Distribution((), 1)) == (seen.ttft, seen.ttfo)


def test_unseen_send_does_not_make_a_failure_slow():
    """A cut call with a first token but no send stamp is in no wire ttft."""
    seen = Aggregate.of([_sample(Status.CUT, first_token_ns=300)])

    assert Distribution() == seen.wire_ttft


def test_ttfo_starts_at_the_call():
    """Time to first output token skips reasoning."""
    assert Distribution((300,)) == Aggregate.of([_stream()]).ttfo


def test_wire_ttft_starts_at_the_sent_request():
    """The wire's time to first token leaves the send out."""
    assert Distribution((150,)) == Aggregate.of([_stream()]).wire_ttft


def test_gaps_are_pooled():
    """Gaps of all calls make one distribution."""
    seen = Aggregate.of([_sample(gaps=(5, 1)), _sample(Status.CUT, gaps=(3,))])

    assert Distribution((1, 3, 5)) == seen.itl


def test_tpot_is_whole_nanoseconds():
    """Time per output token is rounded to a nanosecond."""
    assert Distribution((86,)) == Aggregate.of([_stream(tokens=8)]).tpot


@_failures
def test_failed_stream_has_no_pace(status):
    """A stream that failed halfway is infinitely slow per token too."""
    assert Distribution((), 1) == Aggregate.of([_stream(status)]).tpot


def test_cancelled_stream_has_no_pace():
    """The usage of a stream that was given up is no final count."""
    assert Distribution() == Aggregate.of([_stream(Status.CANCELLED)]).tpot


def test_single_event_is_counted_not_paced():
    """An answer in one event is left out of tpot and counted."""
    seen = Aggregate.of([_stream(events=1)])

    assert (0, 1, 0) == (seen.tpot.n, seen.single_event, seen.no_usage)


def test_single_token_is_counted_not_paced():
    """An answer of one token is left out of tpot and counted."""
    seen = Aggregate.of([_stream(tokens=1)])

    assert (0, 1, 0) == (seen.tpot.n, seen.single_event, seen.no_usage)


def test_missing_usage_is_counted_not_paced():
    """An answer of unknown length is left out of tpot and counted."""
    seen = Aggregate.of([_stream(tokens=None)])

    assert (0, 0, 1) == (seen.tpot.n, seen.single_event, seen.no_usage)


def test_endings_are_counted():
    """Each status has its count."""
    seen = Aggregate.of(
        _sample(status) for count, status in enumerate(Status, start=1) for _ in range(count)
    )

    assert (15, 1, 2, 3, 4, 5) == (
        seen.calls,
        seen.ok,
        seen.errors,
        seen.timeouts,
        seen.cut,
        seen.cancelled,
    )


def test_streams_are_counted():
    """Calls that were streamed have their count."""
    assert 1 == Aggregate.of([_sample(), _sample(streamed=False)]).streamed


def test_retries_are_attempts_after_the_first():
    """A call of three attempts has two retries; one whose attempts went unseen has none."""
    seen = Aggregate.of([_sample(attempts=3), _sample(attempts=1), _sample(attempts=0)])

    assert 2 == seen.retries


def test_attempts_are_counted_by_their_own_end():
    """An attempt that failed counts as failed, though a retry made its call succeed."""
    seen = Aggregate.of(
        [
            _sample(tried=[Status.ERROR, Status.TIMEOUT]),
            _sample(Status.CANCELLED, tried=[Status.CUT]),
            _sample(attempts=0),
        ]
    )

    assert (5, 3, 1) == (seen.attempts, seen.failed_attempts, seen.cancelled_attempts)


def test_attempt_error_rate_sees_through_retries():
    """A call that its third attempt rescued has failed twice."""
    seen = Aggregate.of([_sample(tried=[Status.ERROR, Status.ERROR])])

    assert (0.0, 2 / 3) == (seen.error_rate, seen.attempt_error_rate)


def test_attempt_error_rate_leaves_cancelled_attempts_out():
    """What nobody waited for is in no rate."""
    seen = Aggregate.of([_sample(Status.CANCELLED), _sample(), _sample(Status.CUT)])

    assert 0.5 == seen.attempt_error_rate


def test_failures_are_counted_by_type():
    """Types come in order with their counts; a failure without one goes by its status."""
    seen = Aggregate.of(
        [
            _sample(Status.ERROR, error_type="rate_limit"),
            _sample(Status.TIMEOUT),
            _sample(Status.ERROR, error_type="rate_limit"),
            _sample(Status.CANCELLED, error_type="GeneratorExit"),
        ]
    )

    assert (("rate_limit", 2), ("timeout", 1)) == seen.errors_by_type


def test_tokens_are_those_of_all_calls():
    """Tokens of a failed call were counted by the provider too."""
    seen = Aggregate.of([_sample(tokens=2), _sample(Status.CUT, tokens=3)])

    assert TokenSum(input=5, output=5) == seen.tokens


def test_cost_is_that_of_all_calls():
    """A cancelled call costs money."""
    usd = Decimal("0.25")
    seen = Aggregate.of([_sample(usd=usd), _sample(Status.CANCELLED, usd=usd)])

    assert CostSum(2 * usd, 2 * usd, 2 * usd, priced=2) == seen.cost


@pytest.mark.parametrize(
    ("expected", "rate"), [(0.25, "success_rate"), (0.75, "error_rate"), (0.25, "timeout_rate")]
)
def test_rates_leave_cancelled_calls_out(expected, rate):
    """Rates are shares of the calls that somebody waited for."""
    seen = Aggregate.of(map(_sample, Status))

    assert expected == getattr(seen, rate)


@pytest.mark.parametrize(
    "rate", ["success_rate", "error_rate", "timeout_rate", "attempt_error_rate"]
)
@pytest.mark.parametrize("samples", [[], [_sample(Status.CANCELLED)]], ids=["none", "cancelled"])
def test_rate_of_nothing_is_refused(rate, samples):
    """Without a call that was waited for there is no rate, least of all a good one."""
    with pytest.raises(EmptyAggregate):
        getattr(Aggregate.of(samples), rate)


def test_samples_are_taken_in_parts(monkeypatch):
    """More samples than are held at a time are the aggregate of them all."""
    samples = [_stream() for _ in range(5)]
    expected = Aggregate.of(samples)
    monkeypatch.setattr(aggregate, "EXACT", 2)

    assert expected == Aggregate.of(iter(samples))


def test_limits_are_counted_by_metric():
    """What is over a named limit of a metric is counted while it is recorded."""
    seen = Aggregate.of([_stream(), _stream()], {"ttft": (150, 250)})

    assert ((150, 2), (250, 0)) == seen.ttft.counted
    assert () == seen.latency.counted


def test_limits_on_nothing_are_refused():
    """A limit on something that is no time would never be counted."""
    with pytest.raises(ValueError, match=r"limits on \['price'\]: known are latency, ttft"):
        Aggregate.of([], {"price": (1,)})


@given(_lists)
def test_a_string_reads_back_as_what_was_written(samples):
    """Encoding loses nothing, to the last digit shown."""
    seen = Aggregate.of(samples)

    assert repr(seen) == repr(decode_aggregate(encode_aggregate(seen)))
