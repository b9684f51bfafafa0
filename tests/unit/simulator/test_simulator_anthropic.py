"""Messages as the simulator writes them."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import json

import pytest

from llm_latency_lens.simulator.answer import compose
from llm_latency_lens.simulator.anthropic import AnthropicMessages
from llm_latency_lens.simulator.dialect import Ticket
from llm_latency_lens.simulator.script import read_script

TICKET = Ticket("req_1", "claude", 1_700_000_000, 40)
TOOL = {"name": "look", "arguments": {"city": "Oslo"}}
MESSAGES = AnthropicMessages()


def answer(limit=None, **fields):
    return compose(read_script(fields), limit, show_reasoning=True)


def stream(made, *, with_usage=True):
    return list(MESSAGES.events(TICKET, made, made.usage if with_usage else None))


def data(made, *, with_usage=True):
    read = []
    for event in stream(made, with_usage=with_usage):
        name, payload, *rest = event.payload.decode().split("\n")
        value = json.loads(payload.removeprefix("data: "))
        assert (name, rest) == (f"event: {value['type']}", ["", ""])
        read.append(value)
    return read


def test_a_stream_has_the_order_of_the_real_one():
    """Start, block, ping, deltas, block end, final usage, end."""
    assert [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ] == [value["type"] for value in data(answer(text="a b"))]


def test_what_comes_before_the_first_token_is_no_token():
    """Start, block start and ping go out with the headers."""
    events = stream(answer(text="a"))

    assert [("start", 0), ("block", 0), ("ping", 0)] == [
        (event.kind, event.tokens) for event in events if event.is_prelude
    ]
    assert [1] == [event.tokens for event in events if event.tokens]


def test_every_kind_of_content_has_a_block():
    """Thinking, text and tool come in blocks of their own, numbered."""
    made = answer(text="a", reasoning_tokens=2, tool_call=TOOL)
    starts = [value for value in data(made) if value["type"] == "content_block_start"]

    assert [(0, "thinking"), (1, "text"), (2, "tool_use")] == [
        (start["index"], start["content_block"]["type"]) for start in starts
    ]


def test_a_stream_has_one_ping():
    """The ping comes right after the first block start."""
    types = [value["type"] for value in data(answer(text="a", reasoning_tokens=2))]

    assert (1, "ping") == (types.count("ping"), types[2])


def test_thinking_ends_with_a_signature():
    """The last delta of a thinking block is its signature, which is no token."""
    made = answer(text="a", reasoning_tokens=2)
    deltas = [value["delta"] for value in data(made) if value["type"] == "content_block_delta"]

    assert ["thinking_delta", "thinking_delta", "signature_delta", "text_delta"] == [
        delta["type"] for delta in deltas
    ]
    assert ["signature"] == [event.kind for event in stream(made) if "sig" in event.kind]


def test_the_name_of_a_tool_is_its_first_token():
    """The block start of a tool carries a token and waits its turn; its first fragment is empty."""
    made = answer(tool_call=TOOL)
    opening = stream(made)[1]
    fragments = [
        value["delta"]["partial_json"]
        for value in data(made)
        if value["type"] == "content_block_delta"
    ]

    assert ("tool", 1, False) == (opening.kind, opening.tokens, opening.is_prelude)
    assert ("", TOOL["arguments"]) == (fragments[0], json.loads("".join(fragments)))


def test_the_deltas_add_up_to_the_text():
    """The text arrives in text deltas, quotes and all."""
    text = 'He said "ça va"\n twice'
    values = data(answer(text=text))

    assert text == "".join(
        value["delta"]["text"] for value in values if value["type"] == "content_block_delta"
    )


def test_an_empty_answer_has_an_empty_block():
    """An answer without tokens still opens and closes a block."""
    assert ["message_start", "content_block_start", "ping", "content_block_stop"] == [
        value["type"] for value in data(answer(text=""))
    ][:4]


def test_usage_is_split_as_the_api_does():
    """The input excludes the cache; the start has a placeholder, the end the final count."""
    made = answer(
        text="a b",
        reasoning_tokens=3,
        input_tokens=100,
        cached_input_tokens=40,
        cache_write_tokens=8,
    )
    values = data(made)
    start, final = values[0]["message"]["usage"], values[-2]["usage"]

    assert (52, 40, 8) == (
        final["input_tokens"],
        final["cache_read_input_tokens"],
        final["cache_creation_input_tokens"],
    )
    assert (1, 5) == (start["output_tokens"], final["output_tokens"])
    assert 3 == final["output_tokens_details"]["thinking_tokens"]


def test_usage_can_be_left_out():
    """Without usage neither start nor end has the field."""
    values = data(answer(text="a"), with_usage=False)

    assert "usage" not in values[0]["message"]
    assert "usage" not in values[-2]


@pytest.mark.parametrize(
    ("fields", "limit", "reason"),
    [
        ({"text": "a b"}, None, "end_turn"),
        ({"text": "a b"}, 1, "max_tokens"),
        ({"tool_call": TOOL}, None, "tool_use"),
    ],
)
def test_the_end_has_its_reason(fields, limit, reason):
    """Stream and body say why the answer ended."""
    made = answer(limit, **fields)

    assert reason == data(made)[-2]["delta"]["stop_reason"]
    assert reason == json.loads(MESSAGES.body(TICKET, made, None))["stop_reason"]


def test_a_body_holds_the_whole_answer():
    """The answer in one piece has all blocks and the final usage."""
    made = answer(text="a b", reasoning_tokens=1, tool_call=TOOL)
    body = json.loads(MESSAGES.body(TICKET, made, made.usage))

    assert ["the", "a b", {"city": "Oslo"}] == [
        body["content"][0]["thinking"],
        body["content"][1]["text"],
        body["content"][2]["input"],
    ]
    assert made.usage.output_tokens == body["usage"]["output_tokens"]


def test_cut_arguments_are_an_empty_object():
    """Half a JSON object is none, so a cut tool call has no input."""
    body = json.loads(MESSAGES.body(TICKET, answer(2, tool_call=TOOL), None))

    assert {} == body["content"][0]["input"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (418, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (529, "overloaded_error"),
    ],
)
def test_errors_have_the_shape_of_the_api(status, kind):
    """An error has its type and the request id."""
    body = json.loads(MESSAGES.error(TICKET, status))

    assert ("error", kind, "req_1") == (body["type"], body["error"]["type"], body["request_id"])


def test_headers_have_id_and_limits():
    """The request id and the rate limits with a reset in RFC 3339 are in the headers."""
    headers = dict(MESSAGES.headers(TICKET))

    assert ("req_1", "4000", "2023-11-14T22:13:20Z") == (
        headers["request-id"],
        headers["anthropic-ratelimit-requests-limit"],
        headers["anthropic-ratelimit-requests-reset"],
    )


def test_a_request_is_read():
    """Stream and limit are read; usage needs no wish."""
    asked = MESSAGES.asked({"model": "m", "messages": [], "stream": True, "max_tokens": 9})

    assert (True, 9, True) == (asked.is_streamed, asked.token_limit, asked.wants_usage)
