"""What holds for every body: kinds of framing, error bodies, notes, cuts."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.protocols import PROTOCOLS, ErrorFacts, decoding
from llm_latency_lens.wire import sse

_EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'


def _decode(*chunks, protocol="openai_chat", **options):
    decoder = PROTOCOLS[protocol].decoder(**options)
    for at_ns, chunk in enumerate(chunks):
        decoder.feed(chunk, at_ns)
    return decoder.finish()


def test_stream_is_told_by_its_first_bytes():
    """Content types lie."""
    assert _decode(_EVENT, content_type="application/json").streamed


def test_json_is_told_by_its_first_bytes():
    """Errors come as plain JSON where a stream was promised."""
    answer = _decode(b'{"error":{"type":"t"}}', content_type="text/event-stream")

    assert (ErrorFacts("t"), False) == (answer.error, answer.streamed)


def test_second_finish_returns_the_same():
    """An answer is made once."""
    decoder = PROTOCOLS["openai_chat"].decoder()
    decoder.feed(b'{"choices":[]}', 1)

    assert decoder.finish() is decoder.finish()


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (b"", "not decoded: empty body"),
        (b" \n", "not decoded: empty body"),
        (b"<html>", "not decoded: no event in the body (text/html)"),
        (b": alive\n\n", ""),
        (b"data: [DONE]\n\n", ""),
        (b'{"choices":', "not decoded: no JSON"),
        (b"[1]", "not decoded: the body is no JSON object"),
        (b'{"choices":[1]}', "not decoded: the body has an unknown shape"),
        (b"data: 5\n\n" + _EVENT, "not decoded: 1 of 2 events: of an unknown shape"),
        (b"data: ?\n\ndata: 5\n\n" + _EVENT, "not decoded: 2 of 3 events: no JSON"),
        (
            b"data: " + b"[" * 2000 + b"\n\n" + _EVENT,
            "not decoded: 1 of 2 events: JSON of more than 256 levels",
        ),
        (
            b"data: " + b"a b " * 200_000 + b"\n\n" + _EVENT,
            "not decoded: 1 of 2 events: above 655360 bytes",
        ),
    ],
)
def test_note_says_what_could_not_be_decoded(body, note):
    """It is empty when all was."""
    assert note == _decode(body, content_type="text/html; charset=utf-8").note


def test_note_says_from_where_on_nothing_was_read(monkeypatch):
    """Of a stream that is nothing but lines."""
    for module in (sse, decoding):
        monkeypatch.setattr(module, "MAX_STREAM_LINES", 100)

    assert "not decoded: all after 100 lines" == _decode(_EVENT + b":\n" * 101).note


def test_note_without_content_type_says_so():
    """A body that is neither is described by its header."""
    assert "not decoded: no event in the body (no content type)" == _decode(b"oops").note


def test_last_event_without_empty_line_is_read():
    """Some servers end one line early."""
    assert 1 == _decode(_EVENT.rstrip()).token_events


def test_rest_of_a_cut_event_is_left_out():
    """The answer is incomplete, not unreadable."""
    answer = _decode(_EVENT + _EVENT[:-20])

    assert (1, "", False) == (answer.data_events, answer.note, answer.complete)


def test_error_in_a_list_is_read():
    """Google's OpenAI endpoint wraps it, in bodies and in streams."""
    error = [{"error": {"status": "INVALID_ARGUMENT", "code": 400}}]
    body = json.dumps(error).encode()
    expected = ErrorFacts("INVALID_ARGUMENT", "400", 400)

    assert (expected, expected) == (
        _decode(body, http_status=400).error,
        _decode(b"data: " + body + b"\n\n").error,
    )


@pytest.mark.parametrize(
    ("protocol", "body", "expected"),
    [
        ("anthropic", {"type": "error", "error": {"type": "api_error"}}, ErrorFacts("api_error")),
        ("anthropic", {"type": "error"}, ErrorFacts()),
        ("openai_chat", {"object": "error", "type": "t", "code": 40303}, ErrorFacts("t", "40303")),
        ("openai_chat", {"error": "text", "error_type": "overloaded"}, ErrorFacts("overloaded")),
        ("openai_chat", {"error": {"type": "t", "status_code": "503"}}, ErrorFacts("t", None, 503)),
    ],
)
def test_error_inside_a_200_is_an_error(protocol, body, expected):
    """Whatever the status says."""
    assert expected == _decode(json.dumps(body).encode(), protocol=protocol).error


@pytest.mark.parametrize(
    "body",
    [
        {"detail": "no"},
        {"error": {"type": "no " * 40, "code": ["x"]}},
        {"error": {"type": "a\nb", "code": True}},
        {"type": None},
    ],
)
def test_what_is_no_word_is_no_type(body):
    """Sentences stay out: they may quote a prompt."""
    assert ErrorFacts() == _decode(json.dumps(body).encode(), http_status=400).error


def test_message_of_a_failed_request_is_kept_on_request():
    """FastAPI calls it a detail."""
    answer = _decode(b'{"detail":"no"}', http_status=401, keep_content=True)

    assert "no" == answer.error.message


def test_names_that_cannot_be_written_are_replaced():
    """A lone surrogate is legal JSON and illegal UTF-8."""
    assert "a?" == _decode(b'data: {"model":"a\\ud800"}\n\n').model


_ODD_STREAM = (
    b'\xef\xbb\xbf\r\n: x\r\ndata: {"choices":[{"delta":{"content":"\xc3\xa9"}}]}\r\r\n'
    b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]'
)
_ODD_JSON = b' \xef\xbb\xbf {"choices":[{"message":{"content":"\xf0\x9f\x98\x80"}}]} '
_BODIES = st.sampled_from([_ODD_STREAM, _ODD_JSON, b' data: {"choices":[]}\n\n'])


@given(_BODIES, st.lists(st.integers(1, 150), max_size=12))
def test_cuts_change_only_times(body, cuts):
    """The answer is the same for every way to cut a body."""
    ends = [*sorted(cut for cut in cuts if cut < len(body)), len(body)]
    starts = [0, *ends[:-1]]
    chunks = [body[start:end] for start, end in zip(starts, ends, strict=True)]
    cut = _decode(*chunks, keep_content=True)

    assert _decode(body, keep_content=True) == replace(
        cut,
        token_at_ns=(0,) * cut.token_events,
        first_output_ns=None if cut.first_output_ns is None else 0,
        last_token_ns=None if cut.last_token_ns is None else 0,
    )
