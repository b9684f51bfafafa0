"""Gemini, Cohere and Ollama as the simulator writes them, read as plain text and JSON."""

import json

import pytest

from llm_latency_lens.simulator.answer import compose
from llm_latency_lens.simulator.dialect import Ticket
from llm_latency_lens.simulator.routes import route
from llm_latency_lens.simulator.script import read_script
from llm_latency_lens.simulator.stream_errors import stream_error

TICKET = Ticket("req_1", "some-model", 1_700_000_000, 40)
GEMINI = "/v1beta/models/some-model:streamGenerateContent"
TOOL = {"name": "look", "arguments": {"city": "Oslo"}}
SCRIPTS = {
    "text": {"text": "one two"},
    "reasoning": {"text": "one", "reasoning_tokens": 2, "show_reasoning": True},
    "tool": {"tool_call": TOOL},
}


def _dialect(target):
    return route(target)[0]


def _made(target, fields=SCRIPTS["text"], limit=None):
    dialect, answer = _dialect(target), compose(read_script(fields), limit, show_reasoning=True)
    return dialect, answer, [*dialect.events(TICKET, answer, answer.usage)]


def _body(events):
    return b"".join(event.payload for event in events)


def _array(events):
    return json.loads(_body(events))


def _events(events):
    lines = [line for line in _body(events).splitlines() if line.startswith(b"data: {")]
    return [json.loads(line[6:]) for line in lines]


def _lines(events):
    return [json.loads(line) for line in _body(events).splitlines()]


def _cohere_text(each):
    if each["type"] != "content-delta":
        return ""
    return each["delta"]["message"]["content"]["text"]


READERS = {
    GEMINI: _array,
    f"{GEMINI}?alt=sse": _events,
    "/v2/chat": _events,
    "/api/chat": _lines,
    "/api/generate": _lines,
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("target", READERS)
def test_every_token_is_in_an_event(target, script):
    """As many as the answer has, wherever they stand."""
    _, answer, events = _made(target, SCRIPTS[script])

    assert answer.tokens == sum(event.tokens for event in events)
    assert READERS[target](events)


@pytest.mark.parametrize(
    ("target", "text_of"),
    [
        (GEMINI, lambda each: each["candidates"][0]["content"]["parts"][0]["text"]),
        (f"{GEMINI}?alt=sse", lambda each: each["candidates"][0]["content"]["parts"][0]["text"]),
        ("/v2/chat", _cohere_text),
        ("/api/chat", lambda each: each["message"]["content"]),
        ("/api/generate", lambda each: each["response"]),
    ],
)
def test_the_text_is_that_of_the_script(target, text_of):
    """Put together from its pieces."""
    _, _, events = _made(target)

    assert "one two" == "".join(text_of(each) for each in READERS[target](events))


def test_gemini_counts_thoughts_apart():
    """They are no candidates; the sum has all."""
    _, answer, events = _made(GEMINI, SCRIPTS["reasoning"])
    told = _array(events)[-1]["usageMetadata"]

    assert (3, 2) == (answer.usage.output_tokens, answer.usage.reasoning_tokens)
    assert {
        "promptTokenCount": 12,
        "candidatesTokenCount": 1,
        "thoughtsTokenCount": 2,
        "totalTokenCount": 15,
    } == told


def test_gemini_marks_thoughts():
    """On the part."""
    _, _, events = _made(GEMINI, SCRIPTS["reasoning"])
    parts = [each["candidates"][0]["content"]["parts"][0] for each in _array(events)]

    assert [True, True, None, None] == [part.get("thought") for part in parts]


def test_gemini_calls_a_function_whole():
    """In one part, whatever the script's pieces; the end says that it stopped."""
    _, _, events = _made(GEMINI, SCRIPTS["tool"])
    call, last = _array(events)

    assert [{"functionCall": {"name": "look", "args": {"city": "Oslo"}}}] == (
        call["candidates"][0]["content"]["parts"]
    )
    assert "STOP" == last["candidates"][0]["finishReason"]


def test_cohere_bills_less_than_it_counts():
    """What is put around the prompt is free."""
    _, _, events = _made("/v2/chat", {"text": "one", "input_tokens": 12, "cached_input_tokens": 5})

    assert {
        "billed_units": {"input_tokens": 8, "output_tokens": 1},
        "tokens": {"input_tokens": 12, "output_tokens": 1},
        "cached_tokens": 5,
    } == _events(events)[-1]["delta"]["usage"]


def test_cohere_begins_a_call_with_its_name():
    """And goes on with pieces of its arguments."""
    _, _, events = _made("/v2/chat", SCRIPTS["tool"])
    pieces = [
        each["delta"]["message"]["tool_calls"]["function"]
        for each in _events(events)
        if each["type"] in {"tool-call-start", "tool-call-delta"}
    ]

    assert ("look", '{"city": "Oslo"}') == (
        pieces[0]["name"],
        "".join(piece["arguments"] for piece in pieces),
    )


def test_ollama_ends_with_counts_and_times():
    """In nanoseconds, of which the whole is the sum."""
    _, _, events = _made("/api/chat")
    last = _lines(events)[-1]
    parts = ("load_duration", "prompt_eval_duration", "eval_duration")

    assert (True, "stop", 12, 2) == (
        last["done"],
        last["done_reason"],
        last["prompt_eval_count"],
        last["eval_count"],
    )
    assert last["total_duration"] == sum(last[part] for part in parts)


def test_an_answer_that_was_cut_says_so():
    """Each with its own word."""
    reasons = {}
    for target in READERS:
        _, _, events = _made(target, SCRIPTS["text"], limit=1)
        reasons[target] = json.dumps(READERS[target](events)[-1])

    assert ["MAX_TOKENS", "MAX_TOKENS", "MAX_TOKENS", "length", "length"] == [
        next(word for word in ("MAX_TOKENS", "length") if f'"{word}"' in reason)
        for reason in reasons.values()
    ]


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("target", READERS)
def test_a_whole_answer_has_the_same_end(target, script):
    """The usage is that of the stream."""
    dialect, answer, events = _made(target, SCRIPTS[script])
    whole = json.loads(dialect.body(TICKET, answer, answer.usage))
    last = READERS[target](events)[-1]

    for name in ("usageMetadata", "usage", "eval_count"):
        assert last.get(name, last.get("delta", {}).get(name)) == whole.get(name)


@pytest.mark.parametrize("target", READERS)
def test_without_usage_none_is_sent(target):
    """A script may leave it out."""
    dialect, answer, _ = _made(target)
    told = _body(dialect.events(TICKET, answer, None)) + dialect.body(TICKET, answer, None)

    assert not any(word in told for word in (b"usage", b"eval_count", b"Token"))


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
@pytest.mark.parametrize("target", READERS)
def test_an_error_is_an_object_with_a_message(target, status):
    """In the shape of each API."""
    dialect = _dialect(target)
    told = json.loads(dialect.error(TICKET, status, "too bad"))
    inner = told.get("error", told)

    assert "too bad" == (inner if isinstance(inner, str) else inner["message"])
    assert json.loads(dialect.error(TICKET, status))


@pytest.mark.parametrize("sent", [0, 1])
@pytest.mark.parametrize("target", READERS)
def test_a_failure_inside_a_stream_keeps_its_framing(target, sent):
    """What was sent before and the failure are one body."""
    dialect, _, events = _made(target)
    before = events[:sent] if target.startswith("/v1beta") else events[:1]
    body = [*before, *stream_error(dialect, TICKET, "error", sent)]

    assert "error" in json.dumps(READERS[target](body)[-1])


@pytest.mark.parametrize(
    ("target", "fields", "expected"),
    [
        (
            GEMINI,
            {
                "model": "m",
                "stream": True,
                "contents": [],
                "generationConfig": {
                    "maxOutputTokens": 9,
                    "thinkingConfig": {"includeThoughts": True},
                },
            },
            (True, 9, True),
        ),
        (GEMINI, {"model": "m", "stream": False, "contents": []}, (False, None, False)),
        ("/v2/chat", {"model": "m", "messages": [], "max_tokens": 9}, (False, 9, True)),
        ("/api/chat", {"model": "m", "messages": []}, (True, None, False)),
        (
            "/api/generate",
            {"model": "m", "prompt": "a", "stream": False, "options": {"num_predict": 9}},
            (False, 9, False),
        ),
        (
            "/api/chat",
            {"model": "m", "messages": [], "think": True, "options": {"num_predict": -1}},
            (True, None, True),
        ),
    ],
)
def test_what_is_asked_for(target, fields, expected):
    """Stream, limit and whether thoughts are shown."""
    asked = _dialect(target).asked(fields)

    assert expected == (asked.is_streamed, asked.token_limit, asked.shows_reasoning)


def test_gemini_needs_contents():
    """A request without them is refused."""
    with pytest.raises(ValueError, match="contents is not specified"):
        _dialect(GEMINI).asked({"model": "m"})


@pytest.mark.parametrize(
    ("target", "model", "is_streamed", "stream_type"),
    [
        (GEMINI, "some-model", True, "application/json; charset=UTF-8"),
        (f"{GEMINI}?alt=sse", "some-model", True, "text/event-stream"),
        (
            "/v1/projects/p/locations/l/publishers/google/models/a%2Fb:generateContent",
            "a/b",
            False,
            "text/event-stream",
        ),
    ],
)
def test_the_path_of_gemini_says_model_and_stream(target, model, is_streamed, stream_type):
    """And its query how the stream is framed."""
    dialect, fields = route(target)

    assert {"model": model, "stream": is_streamed} == fields
    assert stream_type == dialect.stream_type


@pytest.mark.parametrize("target", ["/v1beta/models/m:countTokens", "/v1/chat", "/", "/api/tags"])
def test_other_paths_are_nobodys(target):
    """The simulator says so."""
    assert route(target) is None


@pytest.mark.parametrize(
    ("target", "name"),
    [("/v2/chat", "x-debug-trace-id"), (GEMINI, "server-timing"), ("/api/chat", None)],
)
def test_headers_are_those_of_the_api(target, name):
    """Ollama has none of its own."""
    assert name in dict(_dialect(target).headers(TICKET)) or name is None
