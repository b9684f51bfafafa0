"""Samples: the times and tokens of one call."""

from dataclasses import FrozenInstanceError

import pytest

from llm_latency_lens.samples import Attempt, Outcome, Sample, Status, Timeline, Usage


def _sample(
    *, started=100, ended=1000, events=0, reasoning_events=0, usage=None, attempts=(), **stamps
):
    return Sample(
        id="1",
        provider="openai",
        protocol="openai-chat",
        requested_model="gpt",
        model="gpt-1",
        streamed=True,
        outcome=Outcome(Status.OK),
        timeline=Timeline(started_ns=started, ended_ns=ended, **stamps),
        wall_ns=0,
        usage=usage or Usage(),
        token_events=events,
        reasoning_events=reasoning_events,
        attempts=tuple(Attempt(start, ended, Outcome(Status.OK)) for start in attempts),
    )


def _stream(tokens, events=2, first=300, last=900):
    usage = Usage(output_tokens=tokens)
    return _sample(events=events, usage=usage, first_token_ns=first, last_token_ns=last)


@pytest.mark.parametrize("status", [Status.ERROR, Status.TIMEOUT, Status.CUT])
def test_failed_statuses(status):
    """An error, a timeout and a cut count as failed."""
    assert Outcome(status).failed


@pytest.mark.parametrize("status", [Status.OK, Status.CANCELLED])
def test_statuses_that_did_not_fail(status):
    """A success did not fail, and neither did what the consumer gave up."""
    assert not Outcome(status).failed


def test_sample_is_frozen():
    """A sample cannot be changed."""
    with pytest.raises(FrozenInstanceError):
        _sample().run = 1


def test_latency_is_start_to_end():
    """Latency spans the whole call."""
    assert 900 == _sample(started=100, ended=1000).latency_ns


@pytest.mark.parametrize("attempts", [(), (150,)], ids=["unseen", "one"])
def test_call_without_retry_lost_no_time(attempts):
    """A first attempt is no retry, however late it began."""
    assert 0 == _sample(attempts=attempts).retry_ns


def test_retries_last_until_the_last_attempt():
    """What retries cost is all between the first and the last attempt, waits included."""
    assert 590 == _sample(started=100, attempts=(110, 400, 700)).retry_ns


def test_send_delay_ends_with_the_first_attempt():
    """It counts from the start that a schedule fixed; a call that was never sent has none."""
    assert 10 == _sample(started=100, attempts=(110, 400)).send_delay_ns
    assert 0 == _sample(started=100).send_delay_ns


def test_ttft_counts_from_the_start():
    """Time to first token is what the caller waited, not what the wire took."""
    assert 200 == _sample(sent_ns=250, first_token_ns=300).ttft_ns


def test_ttft_needs_a_token():
    """Without a first token there is no time to it."""
    assert _sample().ttft_ns is None


def test_ttfo_skips_reasoning():
    """Time to first output token does not stop at reasoning."""
    assert 500 == _sample(first_token_ns=300, first_output_ns=600).ttfo_ns


def test_ttfo_needs_output():
    """An answer of reasoning alone has no first output token."""
    assert _sample(first_token_ns=300).ttfo_ns is None


def test_wire_ttft_counts_from_the_sent_request():
    """The wire's time to first token leaves out queueing, connect and send."""
    assert 50 == _sample(sent_ns=250, first_token_ns=300).wire_ttft_ns


@pytest.mark.parametrize("stamps", [{"sent_ns": 250}, {"first_token_ns": 300}, {}])
def test_wire_ttft_needs_both_ends(stamps):
    """One stamp makes no interval."""
    assert _sample(**stamps).wire_ttft_ns is None


def test_visible_tokens_need_usage():
    """Unknown output is not zero output."""
    assert _sample().visible_output_tokens is None


def test_output_without_reasoning_is_all_visible():
    """Without reasoning each output token was streamed."""
    assert 8 == _sample(usage=Usage(output_tokens=8)).visible_output_tokens


def test_hidden_reasoning_is_not_visible():
    """Reasoning that was counted but not streamed is left out."""
    usage = Usage(output_tokens=8, reasoning_tokens=5)

    assert 3 == _sample(usage=usage).visible_output_tokens


def test_streamed_reasoning_is_visible():
    """Reasoning that came as events was streamed like the rest."""
    usage = Usage(output_tokens=8, reasoning_tokens=5)

    assert 8 == _sample(usage=usage, reasoning_events=2).visible_output_tokens


def test_tpot_divides_by_the_intervals():
    """Four tokens have three intervals between them."""
    assert 200.0 == _stream(tokens=4).tpot_ns


@pytest.mark.parametrize(
    "sample",
    [
        _stream(tokens=4, first=None),
        _stream(tokens=4, last=None),
        _stream(tokens=None),
        _stream(tokens=1),
        _stream(tokens=4, events=1),
    ],
    ids=["no first", "no last", "no usage", "one token", "one event"],
)
def test_tpot_needs_an_interval(sample):
    """Without two stamps, two tokens and two events there is no time per token."""
    assert sample.tpot_ns is None


def test_tokens_per_second_inverts_tpot():
    """200 ns a token are five million tokens a second."""
    assert 5_000_000.0 == _stream(tokens=4).tokens_per_second


def test_tokens_at_one_instant_have_no_rate():
    """Tokens that came in the same nanosecond have no finite rate."""
    assert _stream(tokens=4, first=300, last=300).tokens_per_second is None


def test_single_event_has_no_rate():
    """An answer in one event has no rate."""
    assert _stream(tokens=4, events=1).tokens_per_second is None
