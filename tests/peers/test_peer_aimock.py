"""
aimock, a scripted provider that we did not write, asked by the real SDKs.

What its script means (read in its writers of 1.43.0, and measured): ``ttft`` is the wait before
the first *event* and ``1000 / tps`` the wait before every later one, text or not. So the first
text comes after the events that open an answer, of which Chat Completions has one (the role),
Messages two (``message_start``, ``content_block_start``), Cohere two of the same kind and
Responses four; Gemini and Ollama have none. The gap is twice
the slack, so a decoder that took an opening event for a token would be found out. The headers
leave together with the first event.

Compared is the median of the calls: a foreign server's timers fire late, never early, now and
then by much on a busy machine, and that lateness is none of ours. On two shared cores the
median was 1 to 5 ms late, about one for each timer before the first text.
"""

import http.client
import json
from itertools import product
from statistics import median

import pytest
from peer_calls import CALLS, VENDORS, callable_protocols, make_calls

from llm_latency_lens.samples import Status

# The SDK of Google inherits from a class whose library, aiohttp, would not have it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Inheritance class AiohttpClientSession:DeprecationWarning"
)

MS = 1_000_000
SLACK_MS = 10
TPS = 50
GAP_MS = 1000 / TPS
OPENING_EVENTS = {
    "openai_chat": 1,
    "openai_responses": 4,
    "anthropic": 2,
    "gemini": 0,
    "cohere_v2": 2,
    "ollama": 0,
}
FINISH_REASONS = {
    "openai_chat": "stop",
    "openai_responses": "completed",
    "anthropic": "end_turn",
    "gemini": "STOP",
    "cohere_v2": "COMPLETE",
    "ollama": "stop",
}
# Of these the peer sends the model that was asked for, or none.
SAME_MODEL = {"gemini", "cohere_v2", "ollama"}
# Its lines for Ollama count no tokens, whatever the script says.
UNCOUNTED = {"ollama"}
# Another script for each client, so that no constant could pass for a measurement.
TTFT_MS = {"sync": 40, "async": 100}
WORDS = ("one ", "two ", "six!")
INPUT_TOKENS = 7


def _model(client):
    return f"lens-{TTFT_MS[client]}-ms"


def _fixture(client):
    return {
        "match": {"model": _model(client)},
        "response": {
            "content": "".join(WORDS),
            "model": f"{_model(client)}-2026-01-01",
            "usage": {
                "prompt_tokens": INPUT_TOKENS,
                "completion_tokens": len(WORDS),
                "total_tokens": INPUT_TOKENS + len(WORDS),
                "input_tokens": INPUT_TOKENS,
                "output_tokens": len(WORDS),
            },
        },
        "chunkSize": len(WORDS[0]),
        "streamingProfile": {"ttft": TTFT_MS[client], "tps": TPS, "jitter": 0},
    }


@pytest.fixture(scope="module")
def scripted(aimock):
    """The peer with our scripts; a running one that was named gets them too."""
    connection = http.client.HTTPConnection(aimock, timeout=10)
    body = json.dumps({"fixtures": [_fixture(client) for client in TTFT_MS]})
    connection.request("POST", "/__aimock/fixtures", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    if answer[0] != http.HTTPStatus.OK:
        pytest.fail(f"aimock at {aimock} did not take the scripts: {answer}")
    return aimock


@pytest.fixture(scope="module", params=product(callable_protocols(), TTFT_MS), ids="-".join)
def case(request):
    """A protocol and a client of its SDK."""
    return request.param


@pytest.fixture(scope="module")
def calls(scripted, case):
    """Some calls of one case, made once for all tests."""
    protocol, client = case
    return make_calls(scripted, protocol, client, _model(client), max_tokens=50)


def test_every_call_is_one_sample(calls):
    """There are as many samples as calls, all streamed and well, none of them odd to decode."""
    found = [(each.streamed, each.outcome.status, each.note) for each in calls.samples]

    assert [(True, Status.OK, "")] * CALLS == found


def test_the_sample_names_provider_and_protocol(calls, case):
    """The provider is the vendor that the host was named for, the protocol that of the path."""
    protocol, _ = case

    assert {(VENDORS[protocol], protocol)} == {
        (each.provider, each.protocol) for each in calls.samples
    }


def test_the_wire_ttft_is_that_of_the_script(calls, case):
    """The median wire TTFT is the script's wait for the first text, within the slack."""
    protocol, client = case
    expected_ms = TTFT_MS[client] + OPENING_EVENTS[protocol] * GAP_MS
    ttft_ms = median(each.wire_ttft_ns for each in calls.samples) / MS

    assert pytest.approx(expected_ms, abs=SLACK_MS) == ttft_ms


def test_the_gaps_are_those_of_the_script(calls, case):
    """The median gap between tokens is the inverse of the script's tokens a second."""
    protocol, _ = case
    gaps_ms = [gap / MS for each in calls.samples for gap in each.gaps_ns]
    if protocol in UNCOUNTED:
        # Whether an event carried one token each nobody can know then.
        assert [] == gaps_ms
        return

    assert pytest.approx(GAP_MS, abs=SLACK_MS) == median(gaps_ms)


def test_headers_leave_with_the_first_event(calls, case):
    """The headers come after the script's TTFT, not at once: the peer holds them back."""
    _, client = case
    waits_ms = [(each.timeline.headers_ns - each.timeline.sent_ns) / MS for each in calls.samples]

    assert pytest.approx(TTFT_MS[client], abs=SLACK_MS) == median(waits_ms)


def test_events_with_text_are_counted(calls):
    """Each piece of the scripted text is a token event; opening and closing events are none."""
    assert {len(WORDS)} == {each.token_events for each in calls.samples}


def test_the_finish_reason_is_the_peers(calls, case):
    """The finish reason is the protocol's word for an answer that came to its end."""
    protocol, _ = case

    assert {FINISH_REASONS[protocol]} == {each.finish_reason for each in calls.samples}


def test_the_model_is_the_answers(calls, case):
    """The sample has the model that was asked for and the one that answered."""
    protocol, client = case
    answered = "" if protocol in SAME_MODEL else "-2026-01-01"

    assert {(_model(client), f"{_model(client)}{answered}")} == {
        (each.requested_model, each.model) for each in calls.samples
    }


def test_the_usage_is_that_of_the_script(calls, case):
    """The tokens are those that the script counts."""
    protocol, _ = case
    told = (0, 0) if protocol in UNCOUNTED else (INPUT_TOKENS, len(WORDS))

    assert {told} == {(each.usage.input_tokens, each.usage.output_tokens) for each in calls.samples}


def test_the_sdk_reads_what_was_scripted(calls):
    """The caller gets the scripted text piece by piece, observed or not."""
    assert {WORDS} == set(calls.texts)
