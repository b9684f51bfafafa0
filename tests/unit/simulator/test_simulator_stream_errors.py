"""Errors inside a stream."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import json

import pytest

from llm_latency_lens.simulator.anthropic import AnthropicMessages
from llm_latency_lens.simulator.dialect import Ticket
from llm_latency_lens.simulator.openai_chat import OpenAIChat
from llm_latency_lens.simulator.openai_responses import OpenAIResponses
from llm_latency_lens.simulator.stream_errors import stream_error

TICKET = Ticket("req_1", "m", 0, 0)


def payloads(dialect, shape="both", sent=7):
    events = list(stream_error(dialect, TICKET, shape, sent))
    assert {("error", 0)} == {(event.kind, event.tokens) for event in events}
    return [event.payload.decode() for event in events]


def data(payload):
    return json.loads(payload.partition("data: ")[2])


def test_chat_has_a_data_line_with_an_error():
    """Chat Completions has no event name and no end marker."""
    (payload,) = payloads(OpenAIChat())

    assert payload.startswith("data: {")
    assert "server_error" == data(payload)["error"]["type"]


def test_messages_has_an_error_event():
    """Messages names the event and the request."""
    (payload,) = payloads(AnthropicMessages())

    assert payload.startswith("event: error\n")
    assert ("error", "overloaded_error", "req_1") == (
        data(payload)["type"],
        data(payload)["error"]["type"],
        data(payload)["request_id"],
    )


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ("both", ["error", "response.failed"]),
        ("error", ["error"]),
        ("flat", ["error"]),
        ("failed", ["response.failed"]),
    ],
)
def test_responses_has_shapes_to_choose_from(shape, names):
    """The events of a shape go on in the sequence."""
    values = [data(payload) for payload in payloads(OpenAIResponses(), shape)]

    assert names == [value["type"] for value in values]
    assert [7, 8][: len(names)] == [value["sequence_number"] for value in values]


def test_an_error_of_responses_is_nested_or_flat():
    """As recorded the error is an object, as documented its fields are those of the event."""
    nested, flat = (data(payloads(OpenAIResponses(), shape)[0]) for shape in ("error", "flat"))

    assert "server_error" == nested["error"]["code"] == flat["code"]
    assert "error" not in flat


def test_a_failed_response_holds_its_error():
    """response.failed has a response with status and error."""
    response = data(payloads(OpenAIResponses(), "failed")[0])["response"]

    assert ("failed", "server_error") == (response["status"], response["error"]["code"])
