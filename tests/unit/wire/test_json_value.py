"""JSON values: what is read, what is refused before it could do harm."""

import json

import pytest

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.wire import JsonBody, begin_body, parse_json

_BOM = b"\xef\xbb\xbf"


def test_json_body_is_its_value():
    """The chunks together are one value."""
    body = JsonBody()
    body.feed(_BOM + b'{"a":')
    body.feed(b" 1}\n")

    assert {"a": 1} == body.value()


def test_json_body_above_the_limit_is_refused():
    """An observer is not what fills the memory."""
    body = JsonBody(limit=10)
    for _ in range(3):
        body.feed(b"[1,2,3]")

    with pytest.raises(DecodeError, match=r"not decoded: body above 10 bytes"):
        body.value()


@pytest.mark.parametrize(
    "text",
    [b"", b'{"a":', b"{} {}", b"[" * 100_000, b"1" * 5000],
    ids=["empty", "cut", "two", "deep", "huge number"],
)
def test_what_is_no_json_is_refused(text):
    """Every kind of broken JSON is one kind of error."""
    with pytest.raises(DecodeError, match=r"^not decoded: "):
        parse_json(text)


def test_json_with_raw_control_characters_is_read():
    """Some servers forget to escape them."""
    assert {"a": "x\ty"} == parse_json(b'{"a":"x\ty"}')


def test_broken_utf8_is_replaced():
    """One broken character does not lose its event."""
    assert {"a": "�"} == parse_json(b'{"a":"\xff"}')


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"", (b"", None)),
        (b" \r\n\t", (b"", None)),
        (b"\xef\xbb", (b"\xef\xbb", None)),
        (_BOM + b" ", (_BOM, None)),
        (_BOM + b" {", (b"{", True)),
        (b"\n  [1", (b"[1", True)),
        (b"\n\ndata: {", (b"data: {", False)),
        (_BOM + b": hi", (b": hi", False)),
        (b"<html>", (b"<html>", False)),
    ],
)
def test_first_bytes_tell_json_from_events(head, expected):
    """A bracket begins JSON; blanks and a byte order mark say nothing yet."""
    assert expected == begin_body(head)


def test_a_short_value_may_be_as_deep_as_python_allows():
    """Beyond that it is no JSON."""
    with pytest.raises(DecodeError, match=r"^not decoded: "):
        parse_json(b"[" * 1000)


def test_brackets_in_strings_are_no_levels():
    """Nor are those behind an escaped quote, wherever the text is cut to be looked through."""
    value = {"a": '[{"' * 30_000, "b": "\\" * 40_001, "c": ["]"]}

    assert value == parse_json(json.dumps(value).encode())


def test_few_logprobs_are_kept():
    """Nothing is changed in a value that can be read as it is."""
    value = {"logprobs": {"content": [{"token": "a", "top_logprobs": [{"token": "b"}]}] * 20}}

    assert value == parse_json(json.dumps(value).encode())
