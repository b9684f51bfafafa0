"""The conformance kit passes what is right and names what is wrong."""

import re
from bisect import bisect_left
from dataclasses import replace

import pytest

from llm_latency_lens.protocols import PROTOCOLS, Answer
from llm_latency_lens.testing import check_decoder

_BODY = (
    'data: {"choices":[{"index":0,"delta":{"content":"h\u00e9"}}]}\n\n'
    'data: {"choices":[{"index":0,"delta":{"content":"y"},"finish_reason":"stop"}],'
    '"usage":{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":null}}\n\n'
    "data: [DONE]\n\n"
).encode()
_FACTS = {
    "text": "h\u00e9y",
    "reasoning_text": None,
    "data_events": 2,
    "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": None},
    "usage_raw": {"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": None},
    "choices": {"0": {"text": "h\u00e9y", "finish_reason": "stop"}},
    "in_stream_error": None,
    "complete": True,
}
_CALL = (
    b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t",'
    b'"function":{"name":"f","arguments":"{\\"a\\": 1}"}}]}}]}\n\n'
)
_WHOLE_CALL = (
    b'{"type":"message","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]}'
)
_ERROR = b'{"error":{"message":"m","type":null,"code":429}}'


def test_right_facts_pass():
    """Facts that are not named are not checked."""
    check_decoder("openai_chat", _BODY, _FACTS)


def test_empty_body_passes():
    """Nothing to cut, nothing to raise."""
    check_decoder(
        "anthropic", b"", {"text": "", "usage": None, "usage_raw": None}, content_type="text/plain"
    )


def test_error_and_header_facts_pass():
    """A code is compared as a word."""
    check_decoder(
        "openai_chat",
        _ERROR,
        {
            "status": 429,
            "error_type": None,
            "error_code": 429,
            "message": "m",
            "in_stream_error": {"message": "m", "type": None, "code": 429},
            "retry_after_headers": {"retry-after": "1"},
            "rate_limit_headers": [],
            "server_time_headers": {},
        },
        headers=[("Content-Type", "application/json"), ("Retry-After", "1")],
        http_status=429,
    )


@pytest.mark.parametrize(
    ("protocol", "body", "arguments"),
    [
        ("openai_chat", _CALL, '{"a": 1}'),
        ("openai_chat", _CALL, {"a": 1}),
        ("anthropic", _WHOLE_CALL, '{"a": 1}'),
        ("anthropic", _WHOLE_CALL, {"a": 1}),
    ],
)
def test_arguments_are_compared_as_they_came(protocol, body, arguments):
    """As text where they were streamed, as a value where they were not or are one."""
    call = {"id": "t", "name": "f", "arguments": arguments}

    check_decoder(protocol, body, {"tool_calls": [call]})


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("text", "other"),
        ("data_events", 3),
        ("usage", None),
        ("usage", {"input_tokens": 4}),
        ("usage_raw", {"prompt_tokens": 3}),
        ("usage_raw", None),
        ("choices", {"0": {"text": "", "finish_reason": None}}),
        ("error_type", "t"),
        ("error_code", None),
        ("tool_calls", [{"id": "t"}]),
        ("tool_calls", None),
        ("in_stream_error", {}),
    ],
)
def test_wrong_fact_is_named(fact, value):
    """The message has the fact, what was expected and how the body was fed."""
    body = _ERROR if fact == "error_code" else _BODY

    with pytest.raises(AssertionError, match=rf"^openai_chat: {fact}: expected .*\(fed whole\)$"):
        check_decoder("openai_chat", body, {fact: value})


@pytest.mark.parametrize("arguments", ['{"a":1}', "no json", {"a": 2}])
def test_other_arguments_are_wrong(arguments):
    """Streamed arguments have one spelling."""
    with pytest.raises(AssertionError, match="tool_calls"):
        check_decoder("openai_chat", _CALL, {"tool_calls": [{"arguments": arguments}]})


def test_arguments_that_are_no_json_are_compared_as_text():
    """What cannot be read has only its spelling."""
    with pytest.raises(AssertionError, match="tool_calls"):
        check_decoder("anthropic", _WHOLE_CALL, {"tool_calls": [{"arguments": "no json"}]})


def test_unknown_fact_is_named():
    """A slip of the pen is not a fact that holds."""
    with pytest.raises(AssertionError, match=r"no such fact: texts; there are .*choices, comments"):
        check_decoder("openai_chat", _BODY, {"texts": ""})


def test_long_values_are_cut_in_messages():
    """A message stays readable."""
    with pytest.raises(AssertionError) as caught:
        check_decoder("openai_chat", _BODY, {"text": "x" * 5000})

    assert len(str(caught.value)) < 1000


class _Changed:
    """A protocol whose decoder is changed by a test."""

    name = "changed"
    request_ids = ()

    def __init__(self, decoder):
        self._decoder = decoder

    def decoder(self, *, content_type, http_status, keep_content):
        return self._decoder(PROTOCOLS["openai_chat"].decoder(keep_content=keep_content))


class _Fails:
    def __init__(self, inner):
        self._inner = inner

    def feed(self, chunk, at_ns):
        if b"\xc3" in chunk and b"\xa9" not in chunk:
            raise UnicodeDecodeError("utf-8", chunk, 0, 1, "cut")
        self._inner.feed(chunk, at_ns)

    def finish(self):
        return self._inner.finish()


class _LosesCutEvents(_Fails):
    def feed(self, chunk, at_ns):
        if chunk.startswith(b"data") or len(chunk) < 2:
            self._inner.feed(chunk, at_ns)


class _DatesTooLate(_Fails):
    """Dates an event by the chunk in which the next one begins."""

    def __init__(self, inner):
        super().__init__(inner)
        self._held = b""

    def feed(self, chunk, at_ns):
        self._inner.feed(self._held, at_ns)
        self._held = chunk

    def finish(self):
        self._inner.feed(self._held, 10_000)
        return self._inner.finish()


class _DatesAhead(_Fails):
    """Dates all by the first chunk."""

    def feed(self, chunk, at_ns):
        self._inner.feed(chunk, 1)


class _DatesAlways(_Fails):
    """Dates all the same, however the body is fed."""

    def feed(self, chunk, at_ns):
        self._inner.feed(chunk, 40)


class _KeepsContent(_Fails):
    def __init__(self, _):
        super().__init__(PROTOCOLS["openai_chat"].decoder(keep_content=True))

    def feed(self, chunk, at_ns):
        self._inner.feed(chunk, at_ns)


class _Waits(_Fails):
    """Dates each event by the first byte of the next: it looks one byte ahead."""

    def __init__(self, inner):
        super().__init__(inner)
        self._last = b""

    def feed(self, chunk, at_ns):
        data = self._last + chunk
        self._last = data[-1:]
        self._inner.feed(data[:-1], at_ns)

    def finish(self):
        self._inner.feed(self._last, len(_BODY))
        return self._inner.finish()


class _DatesFirstBytes(_Fails):
    """Dates each event by its first byte, before anyone could know what it is."""

    def __init__(self, inner):
        super().__init__(inner)
        self._body = b""
        self._ends = []

    def feed(self, chunk, at_ns):
        self._body += chunk
        self._ends.append(at_ns)
        self._inner.feed(chunk, at_ns)

    def finish(self):
        answer = self._inner.finish()
        starts = [found.end() for found in re.finditer(b"data: {", self._body)]
        dates = [self._ends[bisect_left(self._ends, start)] for start in starts]
        dates = tuple(dates[: answer.token_events])
        first, last = (min(dates), dates[-1]) if dates else (None, None)
        return replace(answer, token_at_ns=dates, first_output_ns=first, last_token_ns=last)


class _ForgetsFirstOutput(_Fails):
    """Dates the first output by one constant."""

    def feed(self, chunk, at_ns):
        self._inner.feed(chunk, at_ns)

    def finish(self):
        return replace(self._inner.finish(), first_output_ns=3)


@pytest.mark.parametrize(
    ("decoder", "message"),
    [
        (_Fails, "the decoder raised UnicodeDecodeError"),
        (_LosesCutEvents, "depends on the cuts"),
        (_DatesTooLate, "token_at_ns"),
        (_DatesAhead, "dated before its event was whole|not the piece"),
        (_DatesAlways, "not the piece|dated"),
        (_Waits, "dated after the last byte|not the piece"),
        (_DatesFirstBytes, "token 1 is dated before its event was whole"),
        (_ForgetsFirstOutput, "first_output_ns: expected"),
        (_KeepsContent, "without keeping content"),
    ],
)
def test_wrong_decoder_is_caught(decoder, message):
    """Each kind of fault is found without any fact that is wrong."""
    with pytest.raises(AssertionError, match=message):
        check_decoder(_Changed(decoder), _BODY, {})


def test_answer_without_times_is_the_kits_own_business():
    """A protocol of a third party may give a bare answer for an empty body."""

    class Bare:
        def feed(self, chunk, at_ns):
            pass

        def finish(self):
            return Answer()

    check_decoder(_Changed(lambda _: Bare()), b"", {"data_events": 0})
