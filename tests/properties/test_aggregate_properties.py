"""Aggregates, whatever the samples: merging, order, counts and encoding."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.metrics import (
    Aggregate,
    decode_aggregate,
    encode_aggregate,
)
from llm_latency_lens.samples import Attempt, Cost, Outcome, Sample, Status, Timeline, Usage


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


@given(_lists)
def test_a_string_reads_back_as_what_was_written(samples):
    """Encoding loses nothing, to the last digit shown."""
    seen = Aggregate.of(samples)

    assert repr(seen) == repr(decode_aggregate(encode_aggregate(seen)))
