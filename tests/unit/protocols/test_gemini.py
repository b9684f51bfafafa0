"""Gemini: what its objects say, in server-sent events, in an array and alone."""

import json

import pytest

from llm_latency_lens.protocols import PROTOCOLS, read_headers
from llm_latency_lens.samples import Usage

_PROTOCOL = PROTOCOLS["gemini"]
_PATH = "/v1beta/models/gemini-2.5-flash:streamGenerateContent"


def _object(*parts, **more):
    return {"candidates": [{"content": {"parts": [*parts]}, **more}]}


def _as_events(objects):
    return b"".join(b"data: " + json.dumps(each).encode() + b"\r\n\r\n" for each in objects)


def _as_array(objects):
    return b"[" + b"\n,\n".join(json.dumps(each, indent=2).encode() for each in objects) + b"\n]"


def _decode(*objects, write=_as_events, **options):
    decoder = _PROTOCOL.decoder(keep_content=True, **options)
    decoder.feed(write(objects), 7)
    return decoder.finish()


@pytest.fixture(params=[_as_events, _as_array], ids=["events", "array"])
def write(request):
    """Both ways in which a stream is framed."""
    return request.param


def test_text_and_thoughts_are_told_apart(write):
    """Thoughts are marked on their part; both are tokens, and only text is output."""
    answer = _decode(
        _object({"text": "hm", "thought": True}),
        _object({"text": "yes"}, finishReason="STOP"),
        write=write,
    )

    assert ("yes", "hm", "STOP", True) == (
        answer.text,
        answer.reasoning_text,
        answer.finish_reason,
        answer.complete,
    )
    assert ("reasoning", 0, 1) == (
        answer.first_output_kind,
        answer.first_output_event,
        answer.first_text_event,
    )


def test_each_object_of_an_array_is_dated_by_its_end():
    """A stream without alt=sse is measured like one with it."""
    decoder = _PROTOCOL.decoder(content_type="application/json; charset=UTF-8")
    one, two = (json.dumps(_object({"text": text})).encode() for text in "ab")
    decoder.feed(b"[" + one, 10)
    decoder.feed(b"\n,\n", 20)
    decoder.feed(two + b"]", 30)
    answer = decoder.finish()

    assert ("json-array", True, (10, 30)) == (
        answer.framing,
        answer.streamed,
        answer.token_at_ns,
    )


def test_a_call_of_a_function_comes_whole():
    """With or without an id, and several in one object."""
    answer = _decode(
        _object(
            {"functionCall": {"name": "a", "args": {"x": 1}, "id": "c1"}},
            {"functionCall": {"name": "b"}},
        )
    )

    assert [("c1", "a", '{"x":1}'), (None, "b", "{}")] == [
        (call.id, call.name, call.arguments) for call in answer.tool_calls
    ]
    assert (1, "tool") == (answer.tool_deltas, answer.first_output_kind)


def test_arguments_may_come_in_pieces():
    """Vertex AI begins a call, goes on with its arguments, and ends it with nothing."""
    pieces = [
        {"name": "look", "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.city", "stringValue": "Os"}], "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.city", "stringValue": "lo"}], "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.days", "numberValue": 3}], "willContinue": True},
        {},
    ]
    answer = _decode(*(_object({"functionCall": piece}) for piece in pieces))

    assert [("look", '{"city":"Oslo","days":3}')] == [
        (call.name, call.arguments) for call in answer.tool_calls
    ]
    assert (4, 4) == (answer.tool_deltas, answer.token_events)


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"executableCode": {"language": "PYTHON", "code": "1"}}, "tool"),
        ({"inlineData": {"mimeType": "image/png", "data": "AA=="}}, "media"),
        ({"codeExecutionResult": {"output": "1"}}, None),
        ({"text": "", "thoughtSignature": "AA=="}, None),
    ],
)
def test_parts_that_are_not_text(part, kind):
    """Code is written by the model, its result is not; a signature is nothing to see."""
    assert kind == _decode(_object(part)).first_output_kind


def test_the_last_usage_counts():
    """It grows with the answer, and the first can be wrong."""
    answer = _decode(
        _object({"text": "a"}) | {"usageMetadata": {"promptTokenCount": 8, "totalTokenCount": 8}},
        _object({"text": "b"}, finishReason="STOP")
        | {
            "usageMetadata": {
                "promptTokenCount": 7,
                "cachedContentTokenCount": 4,
                "candidatesTokenCount": 5,
                "thoughtsTokenCount": 20,
                "toolUsePromptTokenCount": 100,
                "totalTokenCount": 132,
            }
        },
    )

    assert Usage(107, 25, cached_input_tokens=4, reasoning_tokens=20) == answer.usage
    assert (7, 5, 132) == (
        answer.usage_counted.input_tokens,
        answer.usage_counted.output_tokens,
        answer.usage_counted.total_tokens,
    )


@pytest.mark.parametrize(("reason", "output"), [("STOP", 0), (None, None)])
def test_an_output_that_is_not_told_is_what_the_total_leaves(reason, output):
    """Only once the answer has ended: before, the total is that of the prompt."""
    usage = {"usageMetadata": {"promptTokenCount": 8, "totalTokenCount": 8}}

    assert output == _decode(_object(finishReason=reason) | usage).usage.output_tokens


def test_a_blocked_prompt_is_an_end():
    """There is no candidate, and a reason elsewhere."""
    answer = _decode({"promptFeedback": {"blockReason": "SAFETY"}})

    assert ("SAFETY", None, True, None) == (
        answer.incomplete_reason,
        answer.finish_reason,
        answer.complete,
        answer.usage_counted,
    )


def test_a_stream_without_a_reason_is_not_complete(write):
    """There is no end mark: the reason in the last object is all that tells."""
    assert not _decode(_object({"text": "a"}), write=write).complete


def test_candidates_are_choices():
    """Each by its index, which is left out for the first."""
    answer = _decode(
        {
            "candidates": [
                {"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"},
                {"index": 1, "content": {"parts": [{"text": "b"}]}, "finishReason": "SAFETY"},
            ]
        }
    )

    assert [(0, "a", "STOP"), (1, "b", "SAFETY")] == [
        (choice.index, choice.text, choice.finish_reason) for choice in answer.choices
    ]


def test_an_error_in_a_stream_is_one(write):
    """After a 200, with the status in the body."""
    answer = _decode({"error": {"code": 503, "status": "UNAVAILABLE"}}, write=write)

    assert ("UNAVAILABLE", 503, False) == (
        answer.error.type,
        answer.error.http_status,
        answer.complete,
    )


def test_a_refusal_in_an_array_is_no_stream():
    """Without alt=sse even the error of a failed request is wrapped."""
    answer = _decode(
        {"error": {"code": 429, "status": "X", "details": [{"retryDelay": "48s"}]}},
        write=_as_array,
        http_status=429,
    )

    assert (False, "X", 48_000_000_000) == (
        answer.streamed,
        answer.error.type,
        answer.error.retry_after_ns,
    )


@pytest.mark.parametrize(
    ("path", "model", "is_streamed"),
    [
        (_PATH, "gemini-2.5-flash", True),
        ("/v1beta/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash", False),
        (
            "/v1/projects/p/locations/l/publishers/google/models/gemini-3-pro:generateContent",
            "gemini-3-pro",
            False,
        ),
    ],
)
def test_the_path_names_model_and_stream(path, model, is_streamed, read_request):
    """The body says neither."""
    asked = read_request(_PROTOCOL, b'{"contents":[]}', path)

    assert (model, is_streamed, None, 1) == (
        asked.model,
        asked.streamed,
        asked.max_output_tokens,
        asked.choices,
    )


def test_limits_stand_in_the_configuration(read_request):
    """Of tokens and of candidates."""
    body = b'{"generationConfig":{"maxOutputTokens":64,"candidateCount":2}}'
    asked = read_request(_PROTOCOL, body, _PATH)

    assert (64, 2) == (asked.max_output_tokens, asked.choices)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", _PATH, True),
        ("GET", _PATH, False),
        ("POST", "/v1beta/models/gemini-2.5-flash:countTokens", False),
        ("POST", "/v1beta/models/gemini-embedding-001:embedContent", False),
    ],
)
def test_calls_are_known_by_their_verb(method, path, expected):
    """Counting and embedding are no answers."""
    assert expected == _PROTOCOL.is_call(method, path)


@pytest.mark.parametrize(("body", "expected"), [(b'{"contents":[]}', True), (b"{}", False)])
def test_an_unknown_host_needs_contents(body, expected, recognises):
    """The body has the last word."""
    assert expected == recognises(_PROTOCOL, _PATH, body)


def test_a_gateway_may_send_a_request_id():
    """Google itself sends none."""
    assert "r1" == read_headers([("X-Request-Id", "r1")], _PROTOCOL.request_ids).request_id
