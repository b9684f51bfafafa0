"""Ollama's own protocol: lines, and the times that the server measured."""

import json

import pytest

from llm_latency_lens.protocols import PROTOCOLS, read_headers
from llm_latency_lens.samples import ServerTime, Usage

_PROTOCOL = PROTOCOLS["ollama"]
_END = {
    "model": "m",
    "done": True,
    "done_reason": "stop",
    "total_duration": 900,
    "load_duration": 100,
    "prompt_eval_count": 5,
    "prompt_eval_duration": 200,
    "eval_count": 2,
    "eval_duration": 600,
}


def _decode(*lines, **options):
    decoder = _PROTOCOL.decoder(keep_content=True, **options)
    for number, line in enumerate(lines, start=1):
        decoder.feed(json.dumps(line).encode() + b"\n", number)
    return decoder.finish()


def _chat(text="", **message):
    return {"model": "m", "message": {"content": text, **message}, "done": False}


def test_each_line_is_dated_on_its_own():
    """The first as well, though only the second shows that it is a stream."""
    answer = _decode(_chat("a"), _chat("b"), _END)

    assert ((1, 2), "ab", "ndjson", "stop", "m", True) == (
        answer.token_at_ns,
        answer.text,
        answer.framing,
        answer.finish_reason,
        answer.model,
        answer.complete,
    )


def test_text_is_generated_under_another_word():
    """``/api/generate`` has no messages."""
    answer = _decode({"response": "", "thinking": "hm"}, {"response": "a"}, _END)

    assert ("a", "hm", 1) == (answer.text, answer.reasoning_text, answer.reasoning_deltas)


def test_the_server_tells_its_times():
    """In nanoseconds, and what it did in them."""
    assert (
        ServerTime("total_duration", 900, "whole call"),
        ServerTime("load_duration", 100, "load"),
        ServerTime("prompt_eval_duration", 200, "prompt"),
        ServerTime("eval_duration", 600, "generation"),
    ) == _decode(_chat("a"), _END).server_times


def test_times_that_are_none_are_left_out():
    """What cannot be a duration is not told."""
    wrong = {"total_duration": -1, "load_duration": "5", "eval_duration": 10**18}

    assert () == _decode(_chat("a"), {"done": True, **wrong}).server_times


def test_tokens_are_those_of_the_last_line():
    """A prompt that was cached as a whole is not counted, and so unknown."""
    told = {name: value for name, value in _END.items() if name != "prompt_eval_count"}

    assert Usage(5, 2) == _decode(_chat("a"), _END).usage
    assert Usage(None, 2) == _decode(_chat("a"), told).usage


def test_a_stream_that_broke_off_told_nothing():
    """Usage and times come with the last line."""
    answer = _decode(_chat("a"), _chat("b"))

    assert (False, Usage(), None) == (answer.complete, answer.usage, answer.usage_counted)


def test_a_stream_that_broke_off_after_one_line_is_a_stream():
    """It is not done, so it is no whole answer."""
    answer = _decode(_chat("a"))

    assert (True, (1,)) == (answer.streamed, answer.token_at_ns)


@pytest.mark.parametrize(
    ("content_type", "is_streamed"),
    [("application/json; charset=utf-8", False), ("application/x-ndjson", True)],
)
def test_one_line_that_is_done_is_what_its_type_says(content_type, is_streamed):
    """Whole answers are sent as one line, and so is a stream without a word."""
    answer = _decode(_END | {"response": "a"}, content_type=content_type)

    assert (is_streamed, "a", True) == (answer.streamed, answer.text, answer.complete)


@pytest.mark.parametrize("indent", [None, 1])
def test_a_whole_answer_may_be_spread_over_lines(indent):
    """A proxy may write it anew; its inner lines are no events."""
    call = {"id": "c1", "function": {"name": "look", "arguments": {"city": "Oslo"}}}
    body = _END | {"message": {"content": "a", "tool_calls": [call]}}
    decoder = _PROTOCOL.decoder(keep_content=True)
    decoder.feed(json.dumps(body, indent=indent).encode(), 1)
    answer = decoder.finish()

    assert ("a", False, "json", 0) == (
        answer.text,
        answer.streamed,
        answer.framing,
        answer.token_events,
    )
    assert [("c1", "look", '{"city":"Oslo"}')] == [
        (call.id, call.name, call.arguments) for call in answer.tool_calls
    ]


def test_calls_come_whole_in_a_line():
    """Several are several, whatever their index says."""
    call = {"function": {"name": "look", "arguments": {}}}
    answer = _decode(_chat(tool_calls=[call, call]), _chat(tool_calls=[call]), _END)

    assert (3, 2, "tool") == (
        len(answer.tool_calls),
        answer.tool_deltas,
        answer.first_output_kind,
    )


def test_a_picture_is_output():
    """Models that draw send it in one line."""
    assert "media" == _decode({"image": "AA==", "done": False}, _END).first_output_kind


def test_an_error_may_follow_a_text():
    """After a 200, as a line of its own."""
    answer = _decode(_chat("a"), {"error": "out of memory"})

    assert ("out of memory", False, 1) == (
        answer.error.message,
        answer.complete,
        answer.token_events,
    )


def test_a_refusal_is_no_stream():
    """It comes as one line too."""
    answer = _decode({"error": "not found"}, http_status=404)

    assert (False, "not found") == (answer.streamed, answer.error.message)


def test_a_line_that_is_no_json_is_noted():
    """The lines around it stay."""
    decoder = _PROTOCOL.decoder()
    decoder.feed(b'{"response":"a"}\n?\n{"response":"b"}\n', 1)
    answer = decoder.finish()

    assert (2, "not decoded: 1 of 3 events: no JSON") == (answer.token_events, answer.note)


@pytest.mark.parametrize(
    ("body", "is_streamed"),
    [(b'{"model":"m"}', True), (b'{"stream":false}', False), (b'{"stream":true}', True)],
)
def test_a_request_is_a_stream_unless_it_says_otherwise(body, is_streamed, read_request):
    """Unlike with everybody else."""
    assert is_streamed == read_request(_PROTOCOL, body, "/api/chat").streamed


@pytest.mark.parametrize(
    ("options", "limit"), [({"num_predict": 64}, 64), ({"num_predict": -1}, None), ([], None)]
)
def test_a_limit_stands_in_the_options(options, limit, read_request):
    """Below 1 it means that there is none."""
    body = json.dumps({"model": "m", "options": options}).encode()

    assert limit == read_request(_PROTOCOL, body, "/api/chat").max_output_tokens


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/api/chat", {"model": "m", "messages": []}, True),
        ("/api/generate", {"model": "m", "prompt": "hello", "options": {}}, True),
        ("/api/generate", {"model": "m"}, False),
        ("/api/chat", {"messages": []}, False),
        ("/api/chat", {"model": "m", "messages": [], "id": "chat-1"}, False),
        ("/api/embed", {"model": "m", "prompt": "hello"}, False),
    ],
)
def test_an_unknown_host_needs_a_body_without_words_of_others(path, body, expected, recognises):
    """Web applications have paths of that name as well."""
    assert expected == recognises(_PROTOCOL, path, json.dumps(body).encode())


def test_a_proxy_may_send_a_request_id():
    """Ollama itself sends none."""
    assert "r1" == read_headers([("x-request-id", "r1")], _PROTOCOL.request_ids).request_id
