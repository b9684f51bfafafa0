"""Chat Completions as the simulator writes them."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import json

import pytest

from llm_latency_lens.simulator.answer import compose
from llm_latency_lens.simulator.dialect import Ticket
from llm_latency_lens.simulator.openai_chat import OpenAIChat
from llm_latency_lens.simulator.script import read_script

TICKET = Ticket("req_1", "gpt-4o-mini", 1_700_000_000, 40)
MESSAGES = {"model": "m", "messages": []}
TOOL = {"name": "look", "arguments": {"city": "Oslo"}}
CHAT = OpenAIChat()


def answer(**fields):
    return compose(read_script(fields), None, show_reasoning=True)


def stream(made, usage=None):
    return list(CHAT.events(TICKET, made, usage))


def chunks(made, usage=None):
    payloads = [event.payload for event in stream(made, usage)]
    assert all(payload.startswith(b"data: ") for payload in payloads)
    assert all(payload.endswith(b"\n\n") for payload in payloads)
    return [json.loads(payload[6:]) for payload in payloads[:-1]]


def test_a_stream_has_the_order_of_the_real_one():
    """Role, tokens, finish, usage, end."""
    made = answer(text="a b")

    assert ["role", "text", "text", "finish", "usage", "done"] == [
        event.kind for event in stream(made, made.usage)
    ]


def test_only_tokens_have_tokens():
    """Role, finish, usage and end are bookkeeping; the role alone comes before the wait."""
    events = stream(answer(text="a b"))

    assert [0, 1, 1, 0, 0] == [event.tokens for event in events]
    assert [True, False, False, False, False] == [event.is_prelude for event in events]


def test_the_first_chunk_has_a_role_and_no_text():
    """The role comes with an empty text."""
    delta = chunks(answer(text="a"))[0]["choices"][0]["delta"]

    assert {"role": "assistant", "content": "", "refusal": None} == delta


def test_the_deltas_add_up_to_the_text():
    """The text arrives in content deltas, quotes and all."""
    text = 'He said "ça va"\n twice'
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks(answer(text=text))]

    assert text == "".join(delta.get("content", "") for delta in deltas)


def test_reasoning_has_its_own_field():
    """Shown reasoning arrives as reasoning_content, before the text."""
    deltas = [
        chunk["choices"][0]["delta"] for chunk in chunks(answer(text="a", reasoning_tokens=1))
    ]

    assert [{"reasoning_content": "the"}, {"content": "a"}] == deltas[1:3]


def test_a_tool_call_is_named_first_and_then_filled():
    """The first fragment has id and name and empty arguments, the others arguments only."""
    parts = [
        chunk["choices"][0]["delta"]["tool_calls"][0]
        for chunk in chunks(answer(tool_call=TOOL))[1:-1]
    ]

    assert {
        "index": 0,
        "id": "call_1",
        "type": "function",
        "function": {"name": "look", "arguments": ""},
    } == parts[0]
    assert TOOL["arguments"] == json.loads(
        "".join(part["function"]["arguments"] for part in parts[1:])
    )
    assert {"index", "function"} == set(parts[1])


@pytest.mark.parametrize(
    ("fields", "limit", "reason"),
    [
        ({"text": "a b"}, None, "stop"),
        ({"text": "a b"}, 1, "length"),
        ({"tool_call": TOOL}, None, "tool_calls"),
    ],
)
def test_the_finish_has_its_reason(fields, limit, reason):
    """The last chunk of the choice says why it ended and has an empty delta."""
    made = compose(read_script(fields), limit, show_reasoning=False)
    choice = chunks(made)[-1]["choices"][0]

    assert (reason, {}) == (choice["finish_reason"], choice["delta"])


def test_usage_comes_without_choices():
    """The usage chunk has no choices, and every other chunk says null."""
    made = answer(
        text="a b",
        reasoning_tokens=3,
        input_tokens=100,
        cached_input_tokens=40,
        cache_write_tokens=8,
    )
    *others, last = chunks(made, made.usage)

    assert {None} == {chunk["usage"] for chunk in others}
    assert [] == last["choices"]
    assert (100, 5, 105) == (
        last["usage"]["prompt_tokens"],
        last["usage"]["completion_tokens"],
        last["usage"]["total_tokens"],
    )
    assert (40, 8) == (
        last["usage"]["prompt_tokens_details"]["cached_tokens"],
        last["usage"]["prompt_tokens_details"]["cache_write_tokens"],
    )
    assert 3 == last["usage"]["completion_tokens_details"]["reasoning_tokens"]


def test_unasked_usage_is_not_mentioned():
    """Without usage no chunk has the field."""
    assert not any("usage" in chunk for chunk in chunks(answer(text="a b")))


def test_every_chunk_names_the_response():
    """Id, date and model are the same in every chunk."""
    named = {
        (chunk["id"], chunk["object"], chunk["created"], chunk["model"])
        for chunk in chunks(answer(text="a b"), answer(text="a b").usage)
    }

    assert {("chatcmpl-1", "chat.completion.chunk", 1_700_000_000, "gpt-4o-mini")} == named


def test_a_body_holds_the_whole_answer():
    """The answer in one piece has text, reasoning, tool call, reason and usage."""
    made = answer(text="a b", reasoning_tokens=1, tool_call=TOOL)
    body = json.loads(CHAT.body(TICKET, made, made.usage))
    choice = body["choices"][0]

    assert ("a b", "the") == (choice["message"]["content"], choice["message"]["reasoning_content"])
    assert {"name": "look", "arguments": '{"city": "Oslo"}'} == choice["message"]["tool_calls"][0][
        "function"
    ]
    assert ("tool_calls", made.usage.output_tokens) == (
        choice["finish_reason"],
        body["usage"]["completion_tokens"],
    )


def test_a_tool_call_alone_has_no_content():
    """Beside a lone tool call the content is null, streamed or not."""
    made = answer(tool_call=TOOL)

    assert chunks(made)[0]["choices"][0]["delta"]["content"] is None
    assert json.loads(CHAT.body(TICKET, made, None))["choices"][0]["message"]["content"] is None


def test_a_body_without_usage_has_no_usage():
    """Usage that is not sent leaves no field."""
    assert "usage" not in json.loads(CHAT.body(TICKET, answer(text="a"), None))


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, "invalid_request_error", "invalid_api_key"),
        (418, "invalid_request_error", None),
        (429, "tokens", "rate_limit_exceeded"),
        (500, "server_error", None),
        (599, "server_error", None),
    ],
)
def test_errors_have_the_shape_of_the_api(status, kind, code):
    """An error has message, type, param and code."""
    error = json.loads(CHAT.error(TICKET, status))["error"]

    assert (kind, code, None) == (error["type"], error["code"], error["param"])


def test_an_error_may_bring_its_own_words():
    """A message given replaces the usual one."""
    assert "no model" == json.loads(CHAT.error(TICKET, 400, "no model"))["error"]["message"]


def test_headers_have_ids_time_and_limits():
    """The request id, the server's time and the rate limits are in the headers."""
    headers = dict(CHAT.headers(TICKET))

    assert ("req_1", "40") == (headers["x-request-id"], headers["openai-processing-ms"])
    assert "10000" == headers["x-ratelimit-limit-requests"]


@pytest.mark.parametrize(
    ("more", "is_streamed", "limit", "wants_usage"),
    [
        ({}, False, None, True),
        ({"stream": True}, True, None, False),
        ({"stream": True, "stream_options": {"include_usage": True}}, True, None, True),
        ({"stream": True, "stream_options": None}, True, None, False),
        ({"max_tokens": 5}, False, 5, True),
        ({"max_tokens": 5, "max_completion_tokens": 3}, False, 3, True),
    ],
)
def test_a_request_is_read(more, is_streamed, limit, wants_usage):
    """Stream, limit and the wish for usage are read; usage of a body needs no wish."""
    asked = CHAT.asked({**MESSAGES, **more})

    assert (is_streamed, limit, wants_usage) == (
        asked.is_streamed,
        asked.token_limit,
        asked.wants_usage,
    )
