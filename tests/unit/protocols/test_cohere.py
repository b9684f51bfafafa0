"""Cohere's chat: version 2 in events, version 1 in lines."""

import json

import pytest

from llm_latency_lens.protocols import PROTOCOLS, read_headers
from llm_latency_lens.samples import Usage


def _events(*payloads):
    return b"".join(
        f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in payloads
    )


def _lines(*payloads):
    return b"".join(json.dumps(each).encode() + b"\n" for each in payloads)


def _decode(protocol, body, **options):
    decoder = PROTOCOLS[protocol].decoder(keep_content=True, **options)
    decoder.feed(body, 7)
    return decoder.finish()


def _delta(kind, index=0, **message):
    return {"type": kind, "index": index, "delta": {"message": message}}


def _text(text):
    return _delta("content-delta", content={"text": text})


_END = {
    "type": "message-end",
    "delta": {
        "finish_reason": "COMPLETE",
        "usage": {
            "billed_units": {"input_tokens": 7, "output_tokens": 21},
            "tokens": {"input_tokens": 502, "output_tokens": 24, "reasoning_tokens": 9},
            "cached_tokens": 448,
        },
    },
}


def test_text_is_counted_by_event():
    """Starts, ends and citations are no tokens."""
    citation = _delta("citation-start", citations={"text": "a"})
    answer = _decode(
        "cohere_v2",
        _events(
            {"type": "message-start", "id": "m1", "delta": {"message": {"content": []}}},
            _delta("content-start", content={"type": "text", "text": ""}),
            _text("a"),
            _text("b"),
            citation,
            {"type": "content-end", "index": 0},
            _END,
        ),
    )

    assert ("ab", 2, 2, 3, "m1", "COMPLETE", True) == (
        answer.text,
        answer.text_deltas,
        answer.first_output_event,
        answer.last_output_event,
        answer.response_id,
        answer.finish_reason,
        answer.complete,
    )
    assert ("text",) == answer.content_blocks


def test_what_is_counted_and_what_is_billed_are_kept_apart():
    """A price is that of the billed units."""
    usage = _decode("cohere_v2", _events(_END)).usage

    assert (502, 24, 448, 9) == (
        usage.input_tokens,
        usage.output_tokens,
        usage.cached_input_tokens,
        usage.reasoning_tokens,
    )
    assert Usage(7, 21) == usage.billed


def test_a_plan_before_tools_is_reasoning():
    """So is a thinking block; the call itself is a tool's."""
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": ""}}
    answer = _decode(
        "cohere_v2",
        _events(
            _delta("tool-plan-delta", tool_plan="I will"),
            _delta("content-delta", content={"thinking": " look"}),
            _delta("tool-call-start", tool_calls=call),
            _delta("tool-call-delta", tool_calls={"function": {"arguments": ""}}),
            _delta("tool-call-delta", tool_calls={"function": {"arguments": '{"a":1}'}}),
            {"type": "tool-call-end", "index": 0},
        ),
    )

    assert ("I will look", 3, 4) == (
        answer.reasoning_text,
        answer.tool_deltas,
        answer.token_events,
    )
    assert [("c1", "look", '{"a":1}')] == [
        (call.id, call.name, call.arguments) for call in answer.tool_calls
    ]


def test_a_failure_at_the_end_of_a_stream_is_one():
    """With status 200, an empty usage, and no exception from the SDK."""
    delta = {"finish_reason": "ERROR", "usage": {}, "error": "bad tool", "error_type": "INVALID"}
    answer = _decode("cohere_v2", _events({"type": "message-end", "delta": delta}))

    assert ("INVALID", "bad tool", "ERROR") == (
        answer.error.type,
        answer.error.message,
        answer.finish_reason,
    )
    assert ({}, None, Usage()) == (answer.usage_raw, answer.usage_counted, answer.usage)


def test_a_whole_answer_says_the_same():
    """Blocks of content, plan, calls and usage stand in one object."""
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    body = {
        "id": "m1",
        "finish_reason": "TOOL_CALL",
        "message": {
            "tool_plan": "hm",
            "content": [{"type": "text", "text": "a"}],
            "tool_calls": [call],
        },
        "usage": _END["delta"]["usage"],
    }
    answer = _decode("cohere_v2", json.dumps(body).encode())

    assert ("a", "hm", "TOOL_CALL", "m1", False, 0) == (
        answer.text,
        answer.reasoning_text,
        answer.finish_reason,
        answer.response_id,
        answer.streamed,
        answer.token_events,
    )
    assert 502 == answer.usage.input_tokens
    assert ["look"] == [call.name for call in answer.tool_calls]


def test_an_end_mark_alone_is_an_end():
    """Even when the last event was lost."""
    assert _decode("cohere_v2", _events(_text("a")) + b"data: [DONE]\n\n").complete
    assert not _decode("cohere_v2", _events(_text("a"))).complete


@pytest.mark.parametrize("kind", ["text", "thinking"])
def test_many_deltas_of_one_form_are_all_counted(kind):
    """They are known again by what is around their text."""
    events = [_delta("content-delta", content={kind: f"w{number} "}) for number in range(50)]
    body = _events(*events)
    decoder = PROTOCOLS["cohere_v2"].decoder(keep_content=True)
    for number, event in enumerate(body.split(b"\n\n")):
        decoder.feed(event + b"\n\n", number)
    answer = decoder.finish()

    assert tuple(range(50)) == answer.token_at_ns
    assert {"content-delta": 50} == answer.event_types
    assert "".join(f"w{number} " for number in range(50)) == answer.text + answer.reasoning_text


_STREAM_END = {
    "event_type": "stream-end",
    "finish_reason": "COMPLETE",
    "response": {
        "text": "ab",
        "meta": {
            "api_version": {"version": "1"},
            "billed_units": {"input_tokens": 7, "output_tokens": 2},
            "tokens": {"input_tokens": 69, "output_tokens": 3},
        },
    },
}


def test_version_1_comes_in_lines():
    """Each line is an event; the last repeats the text, which is no news."""
    body = _lines(
        {"event_type": "stream-start", "generation_id": "g1"},
        {"event_type": "text-generation", "text": "a"},
        {"event_type": "text-generation", "text": "b"},
        _STREAM_END,
    )
    answer = _decode("cohere_v1", body)

    assert ("ab", "ndjson", True, "g1", "COMPLETE", 2) == (
        answer.text,
        answer.framing,
        answer.complete,
        answer.response_id,
        answer.finish_reason,
        answer.token_events,
    )
    assert {"tokens", "billed_units"} == answer.usage_raw.keys()
    assert Usage(7, 2) == answer.usage.billed


def test_version_1_calls_tools_in_chunks():
    """A plan, then names and parameters; the whole calls after them are no news."""
    call = {"name": "look", "parameters": {"a": 1}}
    body = _lines(
        {"event_type": "tool-calls-chunk", "text": "I will"},
        {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "name": "look"}},
        {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "parameters": "{}"}},
        {"event_type": "tool-calls-generation", "tool_calls": [call]},
    )
    answer = _decode("cohere_v1", body)

    assert ("I will", 2, 3) == (answer.reasoning_text, answer.tool_deltas, answer.token_events)
    assert [("look", "{}")] == [(call.name, call.arguments) for call in answer.tool_calls]


def test_version_1_calls_tools_at_once():
    """Where no chunks came before, the whole calls are the news."""
    call = {"name": "look", "parameters": {"a": 1}}
    body = _lines(
        {"event_type": "stream-start"},
        {"event_type": "tool-calls-generation", "tool_calls": [call]},
    )
    answer = _decode("cohere_v1", body)

    assert [("look", '{"a":1}')] == [(call.name, call.arguments) for call in answer.tool_calls]
    assert 1 == answer.tool_deltas


def test_version_1_fails_by_its_reason():
    """There is no other word of it."""
    end = {"event_type": "stream-end", "finish_reason": "ERROR_TOXIC", "response": None}

    assert "ERROR_TOXIC" == _decode("cohere_v1", _lines(end)).error.type


def test_version_1_may_come_whole():
    """One object without the type of an event is the answer."""
    body = {"text": "a", "generation_id": "g1", "finish_reason": "COMPLETE", "tool_calls": []}
    answer = _decode("cohere_v1", json.dumps(body).encode() + b"\n")

    assert ("a", "json", False, "g1", True) == (
        answer.text,
        answer.framing,
        answer.streamed,
        answer.response_id,
        answer.complete,
    )


@pytest.mark.parametrize(
    ("protocol", "path", "body", "expected"),
    [
        ("cohere_v2", "/v2/chat", b'{"model":"m","messages":[]}', True),
        ("cohere_v2", "/v2/chat", b'{"message":"hello"}', False),
        ("cohere_v2", "/v1/chat", b'{"messages":[]}', False),
        ("cohere_v1", "/v1/chat", b'{"message":"hello"}', True),
        ("cohere_v1", "/v1/chat", b'{"messages":[]}', False),
        ("cohere_v1", "/v1/chat/completions", b'{"message":"hello"}', False),
    ],
)
def test_versions_are_told_by_path_and_body(protocol, path, body, expected, recognises):
    """One has messages, the other a message."""
    assert expected == recognises(PROTOCOLS[protocol], path, body)


@pytest.mark.parametrize("protocol", ["cohere_v2", "cohere_v1"])
def test_a_request_names_its_model(protocol, read_request):
    """And whether it wants a stream."""
    asked = read_request(PROTOCOLS[protocol], b'{"model":"command-a","stream":true}', "/v2/chat")

    assert ("command-a", True) == (asked.model, asked.streamed)


@pytest.mark.parametrize("protocol", ["cohere_v2", "cohere_v1"])
def test_a_trace_id_is_the_request_id(protocol):
    """There is no other; limits of calls have names of their own."""
    headers = [("x-debug-trace-id", "t1"), ("x-trial-endpoint-call-limit", "40")]
    told = read_headers(headers, PROTOCOLS[protocol].request_ids)

    assert ("t1", ("x-trial-endpoint-call-limit",)) == (told.request_id, told.rate_limits)
