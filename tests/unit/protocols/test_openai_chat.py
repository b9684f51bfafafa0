"""OpenAI Chat Completions, its accents included, on small hand-written bodies."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.protocols import (
    PROTOCOLS,
    Choice,
    CountedUsage,
    ErrorFacts,
    RequestFacts,
    ToolCall,
)
from llm_latency_lens.samples import Usage

_PROTOCOL = PROTOCOLS["openai_chat"]
_DONE = "[DONE]"


def _body(*events):
    texts = (event if isinstance(event, str) else json.dumps(event) for event in events)
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def _chunk(index=0, reason=None, /, **delta):
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "model": "gpt-x",
        "choices": [{"index": index, "delta": delta, "finish_reason": reason}],
    }


def _usage_chunk(**usage):
    return {"object": "chat.completion.chunk", "choices": [], "usage": usage}


def _decode(body, *, keep_content=True, **options):
    decoder = _PROTOCOL.decoder(keep_content=keep_content, **options)
    decoder.feed(body, 7)
    return decoder.finish()


def _stream(*events, **options):
    return _decode(_body(*events), **options)


def _whole(message, **options):
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return _decode(json.dumps({"id": "c1", "model": "m", "choices": [choice]}).encode(), **options)


_HELLO = (
    _chunk(role="assistant", content=""),
    _chunk(content="Hel"),
    _chunk(content="lo"),
    _chunk(0, "stop"),
    _DONE,
)


def test_text_deltas_are_joined():
    """Text is the deltas in their order."""
    assert "Hello" == _stream(*_HELLO).text


def test_role_chunk_is_no_token():
    """The first chunk announces a role, with empty text."""
    answer = _stream(*_HELLO)

    assert (1, 2, 2) == (
        answer.first_output_event,
        answer.last_output_event,
        answer.token_events,
    )


def test_tokens_are_dated_by_their_events():
    """Each token event has the arrival of its own last byte."""
    decoder = _PROTOCOL.decoder()
    for at_ns, event in enumerate(_HELLO):
        decoder.feed(_body(event), at_ns)
    answer = decoder.finish()

    assert ((1, 2), 1, 1, 2) == (
        answer.token_at_ns,
        answer.first_token_ns,
        answer.first_output_ns,
        answer.last_token_ns,
    )


def test_answer_without_tokens_has_no_token_times():
    """No token, no time."""
    answer = _stream(_chunk(role="assistant"), _DONE)

    assert (None, None, None) == (
        answer.first_token_ns,
        answer.first_output_ns,
        answer.last_token_ns,
    )


def test_content_is_dropped_by_default():
    """No word of the answer outlives the decoder."""
    events = (
        _chunk(content="secret", reasoning_content="secret"),
        _chunk(tool_calls=[{"index": 0, "id": "t", "function": {"name": "f", "arguments": "{"}}]),
        {"error": {"message": "secret", "type": "t"}},
    )

    assert "secret" not in repr(_stream(*events, keep_content=False))


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_no_output_yet(name):
    """Reasoning is a token, but the first output comes after it."""
    decoder = _PROTOCOL.decoder(keep_content=True)
    decoder.feed(_body(_chunk(**{name: "hm"})), 1)
    decoder.feed(_body(_chunk(content="ah")), 2)
    answer = decoder.finish()

    assert ("hm", "ah", 1, 2, 1, "reasoning") == (
        answer.reasoning_text,
        answer.text,
        answer.first_token_ns,
        answer.first_output_ns,
        answer.reasoning_events,
        answer.first_output_kind,
    )


def test_reasoning_under_two_names_is_counted_once():
    """VLLM and OpenRouter repeat it."""
    details = [{"type": "reasoning.text", "text": "hm"}]
    answer = _stream(_chunk(reasoning="hm", reasoning_content="hm", reasoning_details=details))

    assert "hm" == answer.reasoning_text


def test_reasoning_details_alone_are_reasoning():
    """What can be read of them counts; an encrypted part does not."""
    details = [{"type": "reasoning.summary", "summary": "so"}, {"data": "xx"}, None]
    answer = _stream(_chunk(reasoning_details=details), _chunk(reasoning_details=[{"data": "x"}]))

    assert ("so", 1) == (answer.reasoning_text, answer.token_events)


def test_content_parts_are_text_and_reasoning():
    """Mistral sends lists of parts; one event can hold both."""
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "thinking", "thinking": "m"},
        {"type": "reference", "reference_ids": [1]},
        {"type": "text", "text": "a"},
        "h",
        None,
    ]
    answer = _stream(_chunk(content=parts))

    assert ("hmm", "ah", 1, 1, 1) == (
        answer.reasoning_text,
        answer.text,
        answer.text_deltas,
        answer.reasoning_deltas,
        answer.token_events,
    )


def test_content_of_an_unknown_shape_is_no_text():
    """An object or a number where text was expected is nothing."""
    assert 0 == _stream(_chunk(content={"a": 1}), _chunk(reasoning={"a": 1})).token_events


def test_refusal_is_output():
    """A refusal is what the user sees, but no text of the answer."""
    answer = _stream(_chunk(refusal="No."))

    assert ("refusal", 1, 0, "") == (
        answer.first_output_kind,
        answer.token_events,
        answer.text_deltas,
        answer.text,
    )


@pytest.mark.parametrize(
    "delta",
    [{"audio": {"data": "AAAA"}}, {"audio": {"transcript": "hi"}}, {"images": [{"url": "x"}]}],
)
def test_media_is_output(delta):
    """Sound and pictures are tokens too."""
    answer = _stream(_chunk(**delta))

    assert ("media", 1) == (answer.first_output_kind, answer.token_events)


def test_audio_without_sound_is_no_token():
    """The first piece of audio has an id, the last an expiry."""
    assert 0 == _stream(_chunk(audio={"id": "a"}), _chunk(audio={"expires_at": 1})).token_events


def test_tool_call_is_joined_by_its_index():
    """The first fragment has id and name, later ones have arguments."""
    answer = _stream(
        _chunk(tool_calls=[{"index": 0, "id": "t0", "function": {"name": "f", "arguments": ""}}]),
        _chunk(tool_calls=[{"index": 0, "function": {"arguments": '{"a"'}}]),
        _chunk(tool_calls=[{"index": 1, "id": "t1", "function": {"name": "g", "arguments": ""}}]),
        _chunk(tool_calls=[{"index": 0, "function": {"arguments": ":1}"}}]),
    )

    assert (
        ToolCall(0, "function", "t0", "f", '{"a":1}'),
        ToolCall(0, "function", "t1", "g", ""),
    ) == answer.tool_calls


def test_empty_tool_fragment_is_no_token():
    """It is counted as a fragment; nothing was generated."""
    answer = _stream(
        _chunk(tool_calls=[{"index": 0, "id": "t", "function": {"name": "f"}}]),
        _chunk(tool_calls=[{"index": 0, "function": {"arguments": ""}}]),
    )

    assert (2, 1) == (answer.tool_deltas, answer.token_events)


def test_tool_calls_without_index_are_told_apart_by_id():
    """Gemini's OpenAI endpoint and old Ollama leave the index out."""
    answer = _stream(
        _chunk(tool_calls=[{"id": "a", "function": {"name": "f", "arguments": "{}"}}]),
        _chunk(tool_calls=[{"id": "b", "function": {"name": "g", "arguments": "{"}}]),
        _chunk(tool_calls=[{"function": {"arguments": "}"}}]),
    )

    assert [("a", "{}"), ("b", "{}")] == [(call.id, call.arguments) for call in answer.tool_calls]


def test_tool_calls_with_one_index_are_told_apart_by_id():
    """Some servers number every call 0."""
    answer = _stream(
        _chunk(tool_calls=[{"index": 0, "id": "a", "function": {"name": "f", "arguments": "1"}}]),
        _chunk(tool_calls=[{"index": 0, "id": "b", "function": {"name": "f", "arguments": "2"}}]),
    )

    assert [("a", "1"), ("b", "2")] == [(call.id, call.arguments) for call in answer.tool_calls]


def test_repeated_id_and_name_are_one_call():
    """Some servers repeat both in every fragment."""
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "x"}}
    answer = _stream(_chunk(tool_calls=[call]), _chunk(tool_calls=[call]))

    assert (ToolCall(0, "function", "a", "f", "xx"),) == answer.tool_calls


def test_arguments_as_an_object_become_json():
    """Arguments are a string by the specification, an object at some servers."""
    call = {"index": 0, "id": "a", "function": {"name": "f", "arguments": {"a": "ü"}}}

    assert '{"a":"ü"}' == _stream(_chunk(tool_calls=[call])).tool_calls[0].arguments


def test_custom_tool_input_is_its_arguments():
    """A custom tool takes text."""
    call = {"index": 0, "id": "a", "type": "custom", "custom": {"name": "f", "input": "do"}}

    assert (ToolCall(0, "custom", "a", "f", "do"),) == _stream(_chunk(tool_calls=[call])).tool_calls


def test_function_call_is_the_old_form_of_a_tool_call():
    """It has no id and no index."""
    answer = _stream(
        _chunk(function_call={"name": "f", "arguments": ""}),
        _chunk(function_call={"arguments": "{}"}),
    )

    assert ((ToolCall(0, "function", None, "f", "{}"),), 2, "tool") == (
        answer.tool_calls,
        answer.tool_deltas,
        answer.first_output_kind,
    )


def test_choices_are_kept_apart():
    """With n above 1 the first choice is the text; an event counts once."""
    answer = _stream(
        _chunk(1, content="b"),
        _chunk(0, content="a"),
        _chunk(0, "stop"),
        _chunk(1, "length"),
    )

    assert ("a", "stop", (Choice(0, "stop", "a"), Choice(1, "length", "b"))) == (
        answer.text,
        answer.finish_reason,
        answer.choices,
    )


def test_stream_is_complete_with_its_mark():
    """``[DONE]`` ends a stream, even one without finish reasons."""
    assert _stream(_chunk(content="a"), _DONE).complete


def test_stream_is_complete_when_every_choice_has_its_reason():
    """Some servers send no mark."""
    assert _stream(_chunk(content="a"), _chunk(0, "stop")).complete


def test_stream_is_complete_with_a_done_object():
    """Perplexity ends with one of its own."""
    assert _stream({"object": "chat.completion.done", "choices": []}).complete


@pytest.mark.parametrize(
    "events",
    [(), (_chunk(content="a"),), (_chunk(0, "stop"), _chunk(1, content="b"))],
    ids=["empty", "no reason", "one choice open"],
)
def test_stream_that_breaks_off_is_not_complete(events):
    """Without mark and reasons the connection was cut."""
    assert not _stream(*events).complete


def test_done_mark_may_be_followed_by_anything():
    """The SDK looks at how the data begins."""
    assert _stream("[DONE] ").done_sentinel


def test_repeated_text_is_read_once():
    """Together repeats the delta beside it, Perplexity the answer at the end."""
    doubled = _chunk(content="a")
    doubled["choices"][0]["text"] = "a"
    last = _chunk(0, "stop", content="")
    last["choices"][0]["message"] = {"content": "a"}

    assert "a" == _stream(doubled, last).text


def test_whole_message_as_one_event_is_read():
    """Servers that cannot stream send the answer as a single event."""
    choice = {"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}
    answer = _stream({"object": "chat.completion", "choices": [choice]}, _DONE)

    assert ("hi", 1, True) == (answer.text, answer.token_events, answer.streamed)


def test_repeated_message_without_delta_is_no_news():
    """A message after the deltas repeats them."""
    choice = {"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}

    assert "a" == _stream(_chunk(content="a"), {"choices": [choice]}).text


@pytest.mark.parametrize(
    "event",
    [
        {"choices": None},
        {"choices": []},
        {"choices": [{"index": 0, "delta": None}]},
        {"choices": [{"delta": {}}]},
        {"choices": [{"index": None, "delta": {"content": None, "tool_calls": None}}]},
        {"object": "", "id": "", "model": "", "prompt_filter_results": []},
        {"x_groq": None},
        {},
    ],
)
def test_bookkeeping_events_are_no_tokens(event):
    """Null and absence mean that there is nothing, and no fault."""
    answer = _stream(event)

    assert (0, 1, "") == (answer.token_events, answer.data_events, answer.note)


def test_first_name_that_is_not_empty_counts():
    """Azure's first chunk has no id and no model."""
    answer = _stream({"id": "", "model": "", "object": "", "choices": []}, _chunk(content="a"))

    assert ("c1", "gpt-x", {"?": 1, "chat.completion.chunk": 1}) == (
        answer.response_id,
        answer.model,
        answer.event_types,
    )


def test_usage_is_the_last_value_of_each_counter():
    """It may come in every chunk, and a later one may leave something out."""
    answer = _stream(
        _usage_chunk(
            prompt_tokens=9, completion_tokens=1, prompt_tokens_details={"cached_tokens": 4}
        ),
        _usage_chunk(
            prompt_tokens=None, completion_tokens=5, prompt_tokens_details={"cached_tokens": None}
        ),
        _chunk(0, "stop"),
    )

    assert (CountedUsage(9, 5, 4), Usage(9, 5, 4)) == (answer.usage_counted, answer.usage)


def test_usage_that_was_not_sent_is_unknown():
    """Null is no number."""
    answer = _stream(_chunk(content="a") | {"usage": None}, {"usage": "many"})

    assert (None, None, Usage()) == (answer.usage_counted, answer.usage_raw, answer.usage)


def test_usage_of_groq_is_read_where_it_hides():
    """Older streams have it at ``x_groq``."""
    event = {"choices": [], "x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 2}}}

    assert CountedUsage(3, 2) == _stream(event).usage_counted


def test_groq_tells_why_it_stopped():
    """A reason to stop early is an error."""
    assert ErrorFacts() == _stream({"x_groq": {"error": "over"}}, keep_content=False).error


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 4}, Usage(9, None, 4)),
        ({"prompt_tokens": 9, "cached_tokens": 4}, Usage(9, None, 4)),
        (
            {"prompt_tokens": 9, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 1},
            Usage(9, None, 4, 1),
        ),
        ({"completion_tokens": 5, "reasoning_tokens": 2}, Usage(None, 5, reasoning_tokens=2)),
        ({"prompt_tokens": 9.0, "completion_tokens": True}, Usage(9)),
        ({"prompt_tokens": -1, "completion_tokens": "5"}, Usage()),
        ({"prompt_tokens": 9, "prompt_tokens_details": [4]}, Usage(9)),
    ],
    ids=["deepseek", "together", "litellm", "perplexity", "float", "nonsense", "list"],
)
def test_usage_of_other_servers_is_comparable(usage, expected):
    """Each name for the same number is read, what is no number is not."""
    assert expected == _stream(_usage_chunk(**usage)).usage


def test_reasoning_outside_the_completion_is_added():
    """The total betrays servers, xAI for one, that count it apart."""
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "completion_tokens_details": {"reasoning_tokens": 20},
        "total_tokens": 35,
    }

    assert Usage(10, 25, reasoning_tokens=20) == _stream(_usage_chunk(**usage)).usage


def test_error_in_the_stream_is_read():
    """It comes after a 200, and the stream ends."""
    answer = _stream(
        _chunk(content="a"),
        {"error": {"message": "m", "type": "server_error", "code": 502}},
        keep_content=False,
    )

    assert (ErrorFacts("server_error", "502", 502), False, 1) == (
        answer.error,
        answer.complete,
        answer.event_types["error"],
    )


def test_error_message_is_kept_on_request():
    """Conformance wants to see all of it."""
    error = {"message": "m", "type": "t"}

    assert ErrorFacts("t", message="m", raw=error) == _stream({"error": error}).error


def test_error_of_one_choice_is_read():
    """OpenRouter puts it beside the finish reason."""
    event = _chunk(0, "error")
    event["choices"][0]["error"] = {"code": 502, "message": "m"}

    assert ErrorFacts(None, "502", 502) == _stream(event, keep_content=False).error


def test_error_of_a_choice_without_a_reason_is_read():
    """The reason may be missing, or come later."""
    event = _chunk(content="a")
    event["choices"][0]["error"] = {"code": 502, "message": "m"}

    assert ErrorFacts(None, "502", 502) == _stream(event, keep_content=False).error


def test_usage_inside_the_last_choice_is_read():
    """Moonshot counts there."""
    event = _chunk(0, "stop")
    event["choices"][0]["usage"] = {"prompt_tokens": 3, "completion_tokens": 5}

    assert Usage(input_tokens=3, output_tokens=5) == _stream(_chunk(content="a"), event).usage


def test_event_of_a_failed_request_is_its_error():
    """Whatever its shape: some servers fail in the framing that was asked for."""
    answer = _stream({"message": "no", "type": "bad_request"}, http_status=400, keep_content=False)

    assert ErrorFacts("bad_request") == answer.error


@pytest.mark.parametrize("number", [10**400, 1e308, -1, 10**13])
def test_numbers_that_count_nothing_are_no_usage(number):
    """No call has so many tokens."""
    assert Usage() == _stream({"choices": [], "usage": {"prompt_tokens": number}}).usage


def test_error_object_is_read():
    """Old vLLM has the error at the top."""
    event = {"object": "error", "message": "m", "type": "BadRequestError", "code": 400}

    assert ErrorFacts("BadRequestError", "400", 400) == _stream(event, keep_content=False).error


def test_error_event_of_plain_text_is_an_error():
    """What is in it is nobody's business."""
    answer = _decode(b"event: error\ndata: it broke\n\n", keep_content=False)

    assert (ErrorFacts(), "") == (answer.error, answer.note)


def test_first_error_is_the_cause():
    """Later ones follow from it."""
    answer = _stream({"error": {"type": "a"}}, {"error": {"type": "b"}}, keep_content=False)

    assert ErrorFacts("a") == answer.error


def test_unstreamed_answer_is_read():
    """One JSON object, with blanks before it that keep the connection alive."""
    choice = {"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}
    body = {"id": "c1", "model": "m", "choices": [choice], "usage": {"prompt_tokens": 3}}
    answer = _decode(b" \n\n " + json.dumps(body).encode())

    assert ("hi", "stop", "c1", "m", Usage(3), True, False, ()) == (
        answer.text,
        answer.finish_reason,
        answer.response_id,
        answer.model,
        answer.usage,
        answer.complete,
        answer.streamed,
        answer.token_at_ns,
    )


def test_unstreamed_tool_calls_are_read():
    """They have no index."""
    calls = [
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        {"id": "b", "type": "function", "function": {"name": "f", "arguments": "[]"}},
    ]
    answer = _whole({"content": None, "tool_calls": calls})

    assert [("a", "{}"), ("b", "[]")] == [(call.id, call.arguments) for call in answer.tool_calls]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/chat/completions", True),
        ("/chat/completions", True),
        ("/openai/deployments/x/chat/completions", True),
        ("/openai/deployments/x/chat/completions?api-version=1", True),
        ("/v1/chat/completions/", True),
        ("/v1/completions", False),
        ("/v1/chat/completions/c1/messages", False),
        ("/v1/messages", False),
    ],
)
def test_path_ends_in_chat_completions(path, expected):
    """Whatever stands before it is the server's own."""
    assert expected == _PROTOCOL.is_call("POST", path)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"model":"m","messages":[]}', True),
        (b'{"messages":[]}', True),
        (b'{"model":"m","messages":"hi"}', False),
        (b"[]", False),
        (b"\xff", False),
        (b"", False),
    ],
)
def test_request_is_recognised_by_its_messages(body, expected, recognises):
    """A model may be missing: Azure has it in the path."""
    assert expected == recognises(_PROTOCOL, "/v1/chat/completions", body)


def test_fitting_body_on_another_path_is_not_recognised(recognises):
    """Both must fit."""
    assert not recognises(_PROTOCOL, "/v1/messages", b'{"model":"m","messages":[]}')


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        (b'{"model":"m","stream":true}', "", RequestFacts("m", streamed=True)),
        (b'{"model":"m","stream":1}', "/v1/chat/completions", RequestFacts("m")),
        (b"{}", "/openai/deployments/gpt/chat/completions", RequestFacts("gpt")),
        (b'{"model":7}', "", RequestFacts()),
        (b"\x00garbage", "", RequestFacts()),
    ],
)
def test_request_names_model_and_stream(body, path, expected, read_request):
    """What cannot be read stays empty."""
    assert expected == read_request(_PROTOCOL, body, path)


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 600) | st.sampled_from(["", "a", "error"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "content",
                    "error",
                    "usage",
                    "index",
                    "tool_calls",
                    "function",
                    "message",
                    "object",
                    "x_groq",
                    "audio",
                    "finish_reason",
                    "name",
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
    assert len(events) == _stream(*events).data_events


@given(st.binary(max_size=40), st.sampled_from([200, 429, 500]))
def test_no_bytes_raise(body, http_status):
    """Any bytes give an answer."""
    assert _decode(body, http_status=http_status) == _decode(body, http_status=http_status)
