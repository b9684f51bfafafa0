"""Anthropic Messages, on small hand-written bodies."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.protocols import (
    PROTOCOLS,
    CountedUsage,
    ErrorFacts,
    RequestFacts,
    ToolCall,
)
from llm_latency_lens.samples import Usage

_PROTOCOL = PROTOCOLS["anthropic"]


def _event(kind, **fields):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}   \n\n"


def _start(**usage):
    return _event("message_start", message={"id": "m1", "model": "claude-x", "usage": usage})


def _block(**block):
    return _event("content_block_start", index=0, content_block=block)


def _delta(**delta):
    return _event("content_block_delta", index=0, delta=delta)


def _text(text):
    return _delta(type="text_delta", text=text)


def _end(reason="end_turn", **usage):
    return _event("message_delta", delta={"stop_reason": reason}, usage=usage)


_STOP = _event("message_stop")


def _decode(body, *, keep_content=True, **options):
    decoder = _PROTOCOL.decoder(keep_content=keep_content, **options)
    decoder.feed(body, 7)
    return decoder.finish()


def _stream(*events, **options):
    return _decode("".join(events).encode(), **options)


def _whole(*content, **fields):
    body = {"id": "m1", "type": "message", "model": "x", "content": content, **fields}
    return _decode(json.dumps(body).encode())


def test_text_is_read():
    """Neither the start, nor a ping, nor empty text is a token."""
    answer = _stream(
        _start(), _block(type="text", text=""), _event("ping"), _text(""), _text("a"), _text("b")
    )

    assert ("ab", "text", 4, 5, 2) == (
        answer.text,
        answer.first_output_kind,
        answer.first_output_event,
        answer.last_output_event,
        answer.token_events,
    )


def test_events_and_their_deltas_are_counted_by_type():
    """A delta counts twice: as an event and by its own type."""
    answer = _stream(_event("ping"), _text("a"), _text("b"))

    assert {"ping": 1, "content_block_delta": 2, "text_delta": 2} == answer.event_types


def test_message_start_names_the_answer():
    """Id and model come first."""
    answer = _stream(_start())

    assert ("m1", "claude-x") == (answer.response_id, answer.model)


def test_thinking_is_no_output_yet():
    """Thinking is a token, its signature is not."""
    answer = _stream(
        _block(type="thinking", thinking="", signature=""),
        _delta(type="thinking_delta", thinking="hm"),
        _delta(type="thinking_delta", thinking=""),
        _delta(type="signature_delta", signature="xx"),
    )

    assert ("hm", "reasoning", 1, None) == (
        answer.reasoning_text,
        answer.first_output_kind,
        answer.reasoning_events,
        answer.first_output_ns,
    )


@pytest.mark.parametrize(
    "event",
    [
        _block(type="redacted_thinking", data="xx"),
        _block(type="web_search_tool_result", content=[{"title": "t"}]),
        _block(type="text", text=None),
        _block(type="thinking", thinking=None),
        _delta(type="citations_delta", citation={"cited_text": "c"}),
        _delta(type="compaction_delta", content="c"),
        _delta(type="text_delta", text=5),
        _delta(type="thinking_delta", thinking=5),
        _delta(type="input_json_delta", partial_json=""),
        _event("content_block_stop", index=0),
        _event("something_new", text="a"),
        _event("message_delta", delta=None),
    ],
)
def test_what_the_model_did_not_write_is_no_token(event):
    """Results, signatures, citations and unknown events are no output."""
    answer = _stream(event)

    assert (0, "") == (answer.token_events, answer.note)


def test_block_that_starts_with_text_is_output():
    """The first words may come with the start."""
    answer = _stream(_block(type="text", text="a"), _text("b"))

    assert ("ab", 0, 2) == (answer.text, answer.first_text_event, answer.text_deltas)


def test_block_that_starts_with_thinking_is_reasoning():
    """As for text."""
    assert "hm" == _stream(_block(type="thinking", thinking="hm")).reasoning_text


@pytest.mark.parametrize("kind", ["tool_use", "server_tool_use", "mcp_tool_use"])
def test_start_of_a_tool_is_output(kind):
    """A tool without arguments has no fragment that is not empty."""
    answer = _stream(
        _block(type=kind, id="t", name="f", input={}),
        _delta(type="input_json_delta", partial_json=""),
    )

    assert ((ToolCall(0, kind, "t", "f", ""),), "tool", 1, 0) == (
        answer.tool_calls,
        answer.first_output_kind,
        answer.token_events,
        answer.tool_deltas,
    )


def test_tool_arguments_are_joined():
    """Each fragment that is not empty counts."""
    answer = _stream(
        _block(type="tool_use", id="t", name="f", input={}),
        _delta(type="input_json_delta", partial_json='{"a"'),
        _delta(type="input_json_delta", partial_json=":1}"),
    )

    assert ('{"a":1}', 2, 3) == (
        answer.tool_calls[0].arguments,
        answer.tool_deltas,
        answer.token_events,
    )


def test_tool_input_at_the_start_is_its_arguments():
    """Some servers send the tool call whole."""
    answer = _stream(_block(type="tool_use", id="t", name="f", input={"a": 1}))

    assert '{"a":1}' == answer.tool_calls[0].arguments


def test_whole_tool_call_without_arguments_has_an_empty_object():
    """In an answer in one piece the empty input is the input; in a stream its place."""
    (call,) = _whole({"type": "tool_use", "id": "t", "name": "f", "input": {}}).tool_calls

    assert "{}" == call.arguments


def test_content_blocks_are_listed():
    """In their order, by type."""
    answer = _stream(_block(type="thinking"), _block(type="text"))

    assert ("thinking", "text") == answer.content_blocks


def test_content_is_dropped_by_default():
    """No word of the answer outlives the decoder."""
    answer = _stream(
        _text("secret"),
        _delta(type="thinking_delta", thinking="secret"),
        _block(type="tool_use", id="t", name="f", input={"a": "secret"}),
        _delta(type="input_json_delta", partial_json="secret"),
        _event("error", error={"type": "t", "message": "secret"}),
        keep_content=False,
    )

    assert "secret" not in repr(answer)


def test_stop_reason_is_the_finish_reason():
    """It comes in the last delta."""
    assert "max_tokens" == _stream(_start(), _end("max_tokens"), _STOP).finish_reason


def test_usage_is_merged_from_both_ends():
    """The end may leave out or correct what the start said."""
    answer = _stream(
        _start(input_tokens=10, output_tokens=1, cache_read_input_tokens=5),
        _end(input_tokens=12, output_tokens=30, cache_read_input_tokens=None),
    )

    assert CountedUsage(12, 30, 5) == answer.usage_counted


def test_input_includes_the_cache():
    """Anthropic counts reads and writes apart."""
    answer = _stream(
        _start(input_tokens=10, cache_read_input_tokens=5, cache_creation_input_tokens=3),
        _end(output_tokens=2, output_tokens_details={"thinking_tokens": 1}),
    )

    assert Usage(18, 2, 5, 3, 1) == answer.usage


@pytest.mark.parametrize("last", [_text("a"), _end(output_tokens=None)])
def test_output_without_a_final_count_is_unknown(last):
    """The start has a placeholder, which is no count."""
    answer = _stream(_start(input_tokens=10, output_tokens=8), last)

    assert (Usage(10), 8) == (answer.usage, answer.usage_counted.output_tokens)


def test_input_that_was_not_counted_is_unknown():
    """A cache read alone is no input."""
    usage = _stream(_start(cache_read_input_tokens=5), _end(output_tokens=2)).usage

    assert Usage(None, 2, 5) == usage


def test_compaction_is_part_of_the_usage():
    """It is billed, though the sums leave it out."""
    steps = [
        {"type": "compaction", "input_tokens": 100, "output_tokens": 20},
        {"type": "message", "input_tokens": 10, "output_tokens": 2},
    ]
    answer = _stream(_start(input_tokens=10), _end(output_tokens=2, iterations=steps))

    assert Usage(110, 22) == answer.usage


def test_stream_is_complete_with_message_stop():
    """It is the last event."""
    assert _stream(_start(), _end(), _STOP).complete


def test_stream_without_message_stop_is_not_complete():
    """The connection broke off."""
    assert not _stream(_start(), _text("a"), _end()).complete


def test_done_mark_of_a_gateway_completes():
    """Gateways that translate may close in OpenAI's way."""
    assert _stream(_start(), "data: [DONE]\n\n").complete


def test_error_in_the_stream_is_read():
    """An overloaded server says so after a 200."""
    answer = _stream(
        _start(),
        _text("a"),
        _event("error", error={"type": "overloaded_error", "message": "m", "details": None}),
        keep_content=False,
    )

    assert (ErrorFacts("overloaded_error"), False, 1) == (
        answer.error,
        answer.complete,
        answer.event_types["error"],
    )


def test_type_may_be_left_to_the_event_name():
    """Some gateways do not repeat it in the data."""
    answer = _decode(b'event: message_stop\ndata: {}\n\ndata: {"a":1}\n\n')

    assert ({"message_stop": 1, "?": 1}, True) == (answer.event_types, answer.complete)


def test_broken_event_costs_only_itself():
    """It is counted and noted; the rest is read."""
    answer = _stream(
        _text("a"), "data: {broken\n\n", _event("content_block_delta"), "data:\n\n", _text("b")
    )

    assert ("ab", 5, "not decoded: 2 of 5 events: no JSON") == (
        answer.text,
        answer.data_events,
        answer.note,
    )


def test_unstreamed_answer_is_read():
    """All blocks at once; its output was counted to the end."""
    answer = _whole(
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
        stop_reason="tool_use",
        usage={"input_tokens": 3, "output_tokens": 4},
    )

    assert ("hm", "ab", '{"a":1}', "tool_use", Usage(3, 4), True, 0) == (
        answer.reasoning_text,
        answer.text,
        answer.tool_calls[0].arguments,
        answer.finish_reason,
        answer.usage,
        answer.complete,
        answer.token_events,
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/messages", True),
        ("/anthropic/v1/messages", True),
        ("/v1/messages?beta=true", True),
        ("/v1/messages/count_tokens", False),
        ("/v1/messages/batches", False),
        ("/v1/p/publishers/anthropic/models/claude-x:streamRawPredict", True),
        ("/v1/p/publishers/anthropic/models/claude-x:rawPredict", True),
        ("/v1/p/publishers/google/models/gemini:rawPredict", False),
    ],
)
def test_path_is_of_messages_or_vertex(path, expected):
    """Counting tokens and batches are no calls to a model."""
    assert expected == _PROTOCOL.is_call("POST", path)


def test_request_is_recognised_by_path_and_messages(recognises):
    """Both must fit."""
    body = b'{"model":"m","messages":[]}'

    assert (True, False, False) == (
        recognises(_PROTOCOL, "/v1/messages", body),
        recognises(_PROTOCOL, "/v1/other", body),
        recognises(_PROTOCOL, "/v1/messages", b"{}"),
    )


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        (b'{"model":"m","stream":true}', "/v1/messages", RequestFacts("m", streamed=True)),
        (
            b"{}",
            "/v1/publishers/anthropic/models/claude-x:streamRawPredict",
            RequestFacts("claude-x"),
        ),
        (b"nonsense", "/v1/messages", RequestFacts()),
    ],
)
def test_request_names_model_and_stream(body, path, expected, read_request):
    """Vertex AI has the model in the path."""
    assert expected == read_request(_PROTOCOL, body, path)


_values = st.recursive(
    st.none()
    | st.integers(-3, 600)
    | st.sampled_from(
        [
            "",
            "text",
            "tool_use",
            "text_delta",
            "message_start",
            "message_delta",
            "error",
            "content_block_delta",
            "content_block_start",
            "input_json_delta",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "message",
                    "delta",
                    "content_block",
                    "usage",
                    "text",
                    "error",
                    "index",
                    "partial_json",
                    "iterations",
                    "input",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(_values, max_size=3))
def test_no_shape_of_events_raises(events):
    """Every event is counted, whatever it looks like."""
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)

    assert len(events) == _stream(body).data_events
