"""OpenAI Responses: bodies written by hand after the documented events."""

import json

import pytest

from llm_latency_lens.protocols import PROTOCOLS, read_headers
from llm_latency_lens.samples import Usage
from llm_latency_lens.testing import check_decoder

_PROTOCOL = PROTOCOLS["openai_responses"]


def _response(status, **fields):
    return {"id": "resp_1", "object": "response", "model": "gpt-x", "status": status, **fields}


def _body(*events):
    return b"".join(
        b"event: %s\ndata: %s\n\n" % (event["type"].encode(), json.dumps(event).encode())
        for event in events
    )


_CREATED = {"type": "response.created", "response": _response("in_progress", usage=None)}
_USAGE = {
    "input_tokens": 20,
    "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 1},
    "output_tokens": 9,
    "output_tokens_details": {"reasoning_tokens": 4},
    "total_tokens": 29,
}
_COMPLETED = {"type": "response.completed", "response": _response("completed", usage=_USAGE)}


def _delta(kind, text, **fields):
    return {"type": f"response.{kind}.delta", "delta": text, **fields}


def _decode(body, **options):
    decoder = _PROTOCOL.decoder(content_type="text/event-stream", **options)
    decoder.feed(body, 7)
    return decoder.finish()


def test_text_and_reasoning():
    """Reasoning is a token but no output; the last event has usage and the end."""
    body = _body(
        _CREATED,
        _delta("reasoning_summary_text", "Thinking"),
        _delta("output_text", ""),
        _delta("output_text", "Grüße"),
        _COMPLETED,
    )

    check_decoder(
        "openai_responses",
        body,
        {
            "data_events": 5,
            "done_sentinel": False,
            "text": "Grüße",
            "text_deltas": 1,
            "reasoning_text": "Thinking",
            "reasoning_deltas": 1,
            "first_output_event": 1,
            "first_output_kind": "reasoning",
            "first_text_event": 3,
            "last_output_event": 3,
            "finish_reason": "completed",
            "model": "gpt-x",
            "response_id": "resp_1",
            "usage_raw": _USAGE,
            "usage": {
                "input_tokens": 20,
                "output_tokens": 9,
                "cached_input_tokens": 8,
                "cache_write_tokens": 1,
                "reasoning_tokens": 4,
                "total_tokens": 29,
            },
            "complete": True,
        },
    )


def test_usage_is_comparable():
    """Cached input is part of the input, reasoning part of the output, as everywhere else."""
    assert Usage(20, 9, 8, 1, 4) == _decode(_body(_CREATED, _COMPLETED)).usage


def test_usage_that_nobody_counted_is_unknown():
    """Answers that were cut at their limit are recorded with zeros: no count."""
    nothing = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    end = {"type": "response.incomplete", "response": _response("incomplete", usage=nothing)}

    assert Usage() == _decode(_body(_CREATED, _delta("output_text", "hi"), end)).usage


def test_limit_is_the_reason():
    """An incomplete answer says why apart from its status."""
    details = {"incomplete_details": {"reason": "max_output_tokens"}}
    body = _body({"type": "response.incomplete", "response": _response("incomplete", **details)})

    check_decoder(
        "openai_responses",
        body,
        {"finish_reason": "incomplete", "incomplete_reason": "max_output_tokens"},
    )


@pytest.mark.parametrize("kind", ["function_call", "custom_tool_call", "mcp_call"])
def test_tool_call_begins_with_its_name(kind):
    """The item that names the tool is the first token; its arguments follow."""
    item = {"type": kind, "call_id": "c1", "name": "weather", "arguments": ""}
    body = _body(
        _CREATED,
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning"}},
        {"type": "response.output_item.added", "output_index": 1, "item": item},
        _delta("function_call_arguments", "", output_index=1),
        _delta("function_call_arguments", '{"a":', output_index=1),
        _delta("function_call_arguments", "1}", output_index=1),
        _COMPLETED,
    )

    check_decoder(
        "openai_responses",
        body,
        {
            "first_output_event": 2,
            "first_output_kind": "tool",
            "tool_deltas": 2,
            "tool_calls": [{"id": "c1", "name": "weather", "arguments": '{"a":1}'}],
        },
    )


def _item(event, **fields):
    item = {"type": "function_call", "call_id": "c1", "name": "weather", **fields}
    return {"type": f"response.output_item.{event}", "output_index": 0, "item": item}


@pytest.mark.parametrize(
    "events",
    [
        (_item("added", arguments=""), _item("done", arguments="{}")),
        (_item("added", call_id=None, id="i1"), _item("done", arguments="{}", id="i1")),
        (_item("done", arguments="{}"),),
    ],
    ids=["without fragments", "with another id", "without a start"],
)
def test_arguments_that_come_at_the_end_are_read(events):
    """Some servers send them in no other way."""
    (call,) = _decode(_body(_CREATED, *events, _COMPLETED), keep_content=True).tool_calls

    assert ("weather", "{}") == (call.name, call.arguments)


def test_arguments_at_the_end_repeat_the_fragments():
    """They are not added to them."""
    fragment = _delta("function_call_arguments", '{"a":1}', output_index=0)
    events = (_item("added", arguments=""), fragment, _item("done", arguments='{"a":1}'))

    check_decoder(
        "openai_responses",
        _body(_CREATED, *events, _COMPLETED),
        {"tool_calls": [{"id": "c1", "name": "weather", "arguments": '{"a":1}'}]},
    )


def test_text_that_is_no_text_is_left_out():
    """Whatever stands where the text should."""
    item = {"type": "message", "content": [{"text": 5}, {"text": "a"}, {}]}

    assert (
        "a"
        == _decode(
            json.dumps(_response("completed", output=[item])).encode(), keep_content=True
        ).text
    )


@pytest.mark.parametrize(
    ("event", "kind"),
    [(_delta("refusal", "No."), "refusal"), (_delta("audio", "AAAA"), "media")],
)
def test_refusals_and_audio_are_output(event, kind):
    """What is no text can be the first output too."""
    check_decoder("openai_responses", _body(_CREATED, event), {"first_output_kind": kind})


@pytest.mark.parametrize("delta", ["", None, {"text": "x"}])
def test_empty_deltas_are_no_tokens(delta):
    """A delta without text carries nothing."""
    events = [_delta(kind, delta) for kind in ("output_text", "reasoning_text")]
    events += [_delta("audio", ""), _delta("mcp_call_arguments", "")]

    assert 0 == _decode(_body(_CREATED, *events)).token_events


@pytest.mark.parametrize(
    ("events", "error_type", "code"),
    [
        ([{"type": "error", "error": {"type": "quota", "code": "q1"}}], "quota", "q1"),
        ([{"type": "error", "code": "q1", "message": "secret"}], None, "q1"),
        (
            [
                {"type": "error", "error": {"type": "quota", "code": "q1"}},
                {"type": "response.failed", "response": _response("failed", error={"code": "q1"})},
            ],
            "quota",
            "q1",
        ),
        (
            [{"type": "response.failed", "response": _response("failed", error={"code": "q2"})}],
            None,
            "q2",
        ),
    ],
)
def test_errors_inside_a_stream(events, error_type, code):
    """An error event, a failed response or both: one error with its type and code."""
    error = _decode(_body(_CREATED, *events)).error

    assert (error_type, code, "") == (error.type, error.code, error.message)


def test_stream_that_breaks_off_is_incomplete():
    """Without one of the four ends a stream is not complete."""
    assert not _decode(_body(_CREATED, _delta("output_text", "hi"))).complete


def test_whole_answer():
    """An answer that was not streamed has its text, reasoning and tools in its output."""
    output = [
        {"type": "reasoning", "summary": [{"text": "Think"}], "content": None},
        {"type": "message", "content": [{"type": "output_text", "text": "Hi"}, {}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a":1}'},
        {"type": "custom_tool_call", "call_id": "d", "name": "g", "input": {"b": 2}},
        {"type": "mcp_call", "id": "e", "name": "h"},
        {"type": "web_search_call", "id": "w"},
    ]
    body = json.dumps(_response("completed", output=output, usage=_USAGE)).encode()

    check_decoder(
        "openai_responses",
        body,
        {
            "text": "Hi",
            "reasoning_text": "Think",
            "finish_reason": "completed",
            "tool_calls": [
                {"id": "c", "name": "f", "arguments": '{"a":1}'},
                {"id": "d", "name": "g", "arguments": '{"b":2}'},
                {"id": "e", "name": "h", "arguments": ""},
            ],
        },
        content_type="application/json",
    )


def test_output_that_is_null_is_empty():
    """A queued answer has no output and no usage yet."""
    body = json.dumps(_response("queued", output=None, usage=None)).encode()

    answer = _decode(body)

    assert (None, Usage(), "") == (answer.finish_reason, answer.usage, answer.note)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/v1/responses", {"model": "m", "input": "hi"}, True),
        ("/openai/v1/responses/", {"model": "m", "input": [{}]}, True),
        ("/v1/responses", {"model": "m"}, False),
        ("/v1/responses", {"input": "hi"}, False),
        ("/v1/chat/completions", {"model": "m", "input": "hi"}, False),
    ],
)
def test_requests_are_recognised(path, body, expected, recognises):
    """A call has the path, a model and an input."""
    assert expected == recognises(_PROTOCOL, path, json.dumps(body).encode())


def test_request_facts(read_request):
    """Model and stream are read from the request."""
    facts = read_request(_PROTOCOL, b'{"model": "m", "input": "hi", "stream": true}')

    assert ("m", True) == (facts.model, facts.streamed)


def test_request_id_is_a_header():
    """The request id is that of the API."""
    assert "r1" == read_headers([("X-Request-Id", "r1")], _PROTOCOL.request_ids).request_id
