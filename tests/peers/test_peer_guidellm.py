"""
guidellm's mock server, which we did not write, asked by the real SDK.

What its options mean (read in its handlers of 0.8.1, and measured): ``--ttft-ms`` is the wait
before anything is sent, headers included, and the events that open an answer leave at once after
it; ``--itl-ms`` is the wait before every text but the first. So the first text is due after
``--ttft-ms`` over either protocol. Chat Completions has no role-only first chunk.

A running one that is named by ``LENS_GUIDELLM_URL`` must have been started with
``guidellm mock-server --ttft-ms 80 --itl-ms 20``: its times cannot be set later.

Compared is the median of the calls: a foreign server's timers fire late, now and then by much
on a busy machine, and that lateness is none of ours. It makes its fake text within its own TTFT;
on two shared cores the median was 1 to 4 ms late.
"""

from itertools import product
from statistics import median

import pytest
from peer_calls import CALLS, make_calls
from peer_installs import GUIDELLM_ITL_MS, GUIDELLM_TTFT_MS

from llm_latency_lens.samples import Status

MS = 1_000_000
SLACK_MS = 10
MODEL = "lens-peer"
TOKENS = 5
FINISH_REASONS = {"openai_chat": "stop", "openai_responses": "completed"}


@pytest.fixture(scope="module", params=product(FINISH_REASONS, ("sync", "async")), ids="-".join)
def case(request):
    """A protocol and a client of its SDK."""
    return request.param


@pytest.fixture(scope="module")
def calls(guidellm, case):
    """Some calls of one case, made once for all tests."""
    protocol, client = case
    return make_calls(guidellm, protocol, client, MODEL, max_tokens=TOKENS)


def test_every_call_is_one_sample(calls):
    """There are as many samples as calls, all streamed and well, none of them odd to decode."""
    found = [(each.streamed, each.outcome.status, each.note) for each in calls.samples]

    assert [(True, Status.OK, "")] * CALLS == found


def test_the_sample_names_provider_and_protocol(calls, case):
    """The provider is the vendor that the host was named for, the protocol that of the path."""
    protocol, _ = case

    assert {("openai", protocol)} == {(each.provider, each.protocol) for each in calls.samples}


def test_the_wire_ttft_is_that_of_the_option(calls):
    """The median wire TTFT is ``--ttft-ms``, within the slack."""
    ttft_ms = median(each.wire_ttft_ns for each in calls.samples) / MS

    assert pytest.approx(GUIDELLM_TTFT_MS, abs=SLACK_MS) == ttft_ms


def test_the_gaps_are_those_of_the_option(calls):
    """The median gap between tokens is ``--itl-ms``, within the slack."""
    gaps_ms = [gap / MS for each in calls.samples for gap in each.gaps_ns]

    assert pytest.approx(GUIDELLM_ITL_MS, abs=SLACK_MS) == median(gaps_ms)


def test_events_with_text_are_counted(calls):
    """Each piece of text is a token event; there are as many as tokens were asked for."""
    assert {TOKENS} == {each.token_events for each in calls.samples}


def test_the_finish_reason_is_the_peers(calls, case):
    """The finish reason is the protocol's word for an answer that came to its end."""
    protocol, _ = case

    assert {FINISH_REASONS[protocol]} == {each.finish_reason for each in calls.samples}


def test_the_model_is_the_answers(calls):
    """The peer answers in the name of the model that was asked for."""
    assert {(MODEL, MODEL)} == {(each.requested_model, each.model) for each in calls.samples}


def test_the_usage_is_the_peers(calls):
    """A greeting of one token, and as much output as was asked for."""
    assert {(1, TOKENS)} == {
        (each.usage.input_tokens, each.usage.output_tokens) for each in calls.samples
    }


def test_the_sdk_reads_every_piece(calls):
    """The caller gets as many pieces of text as were counted."""
    assert [each.token_events for each in calls.samples] == [len(text) for text in calls.texts]
