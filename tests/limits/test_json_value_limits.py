"""JSON values: what they may cost, in memory and in levels of the stack."""

import json
import subprocess
import sys
import tracemalloc
from contextlib import suppress

import pytest

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.wire import MAX_FRAME_BYTES, JsonBody, parse_json
from llm_latency_lens.wire import json_value as module

_MB = 10**6


@pytest.mark.parametrize("bracket", ["[", '{"a":'], ids=["arrays", "objects"])
def test_depth_is_found_before_it_is_gone_into(bracket):
    """A user who raised the limit of recursion does not lose the process."""
    script = (
        "import sys; sys.setrecursionlimit(10**8)\n"
        "from llm_latency_lens.wire import parse_json\n"
        f"parse_json({bracket!r}.encode() * 10**5)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )

    assert 1 == done.returncode
    assert done.stderr.rstrip().endswith("not decoded: JSON of more than 256 levels")


def _array(unit):
    return b"[" + (unit + b",") * (620_000 // (len(unit) + 1)) + unit + b"]"


_DENSE = {
    "empty arrays": _array(b"[]"),
    "empty objects": _array(b"{}"),
    "objects": _array(b'{"a":1}'),
    "short words": _array(b'"ab"'),
    "numbers": _array(b"1.5"),
    "keys": b"{" + b",".join(b'"k%d":1' % number for number in range(50_000)) + b"}",
    "one emoji": b'"' + b"words and " * 62_000 + "\U0001f600".encode() + b'"',
    "invalid UTF-8": b'"' + b"\xff" * 620_000 + b'"',
    "words": b'"' + b"words and " * 62_000 + b'"',
    "pairs": _array(b"[[]]"),
    "escapes": b'"' + b"\\u00e9" * 100_000 + b'"',
    "wide escapes": b'"' + b"\\ud83d\\ude00" * 50_000 + b'"',
    "one wide escape": b'"\\ud83d\\ude00' + b"words and " * 62_000 + b'"',
}


@pytest.mark.parametrize("name", _DENSE)
def test_no_small_value_becomes_a_large_one(name):
    """What is not looked through takes no more than what is."""
    data = _DENSE[name][: module._SMALL]
    tracemalloc.start()
    with suppress(DecodeError):
        parse_json(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < module._MAX_VALUE_BYTES


@pytest.mark.parametrize("name", _DENSE)
def test_no_value_takes_much_memory(name):
    """Read or refused, the text and its values stay below the limit."""
    data = _DENSE[name]
    assert len(data) <= MAX_FRAME_BYTES
    tracemalloc.start()
    with suppress(DecodeError):
        parse_json(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4.5 * _MB


def test_alternatives_to_tokens_are_left_out_where_there_are_many():
    """What no protocol reads does not stand in the way of what is read."""
    other = {"token": "]", "logprob": -1.5, "bytes": [93]}
    entry = {**other, "top_logprobs": [other] * 20}
    chat = {"choices": [{"logprobs": {"content": [entry] * 200, "refusal": None}}], "usage": 5}
    responses = {"output": [{"logprobs": [entry] * 200, "text": '"logprobs":[x'}], "usage": 5}

    for value in (chat, responses):
        assert 5 == parse_json(json.dumps(value).encode())["usage"]


def test_an_answer_with_a_large_image_is_read():
    """Its base64 is left out, whatever its size."""
    body = JsonBody()
    body.feed(b'{"image":"')
    for _ in range(400):
        body.feed(b"QUJD" * 2**14)
    body.feed(b'","usage":5}')

    assert 5 == body.value()["usage"]
