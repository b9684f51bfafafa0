"""Holding: what is left out of a long frame, and how long that takes."""

import json

import pytest

from llm_latency_lens.wire.holding import Held, squeezed

_OTHER = {"token": '"]', "logprob": -1.5, "bytes": [34, 93]}
_ENTRY = {**_OTHER, "top_logprobs": [_OTHER] * 3}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"logprobs": {"content": [_ENTRY, _ENTRY], "refusal": None}, "usage": 5},
            {"logprobs": {"content": [], "refusal": None}, "usage": 5},
        ),
        ({"logprobs": [_ENTRY], "a": [1]}, {"logprobs": [], "a": [1]}),
        ({"logprobs": []}, {"logprobs": []}),
        ({"logprobs": None, "a": "b"}, {"logprobs": None, "a": "b"}),
        ({"a": '"logprobs":[1]', "b": [1]}, {"a": '"logprobs":[1]', "b": [1]}),
        ({"logprobs": [[[[1]]]]}, {"logprobs": [[[[1]]]]}),
    ],
    ids=["chat", "responses", "empty", "none", "in a text", "deep"],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["dense", "spaced"])
def test_logprobs_are_left_out(value, expected, separators):
    """They, and nothing else."""
    frame = json.dumps(value, separators=separators).encode()

    assert expected == json.loads(squeezed(frame))


def test_base64_keeps_what_could_end_an_escape():
    """A block may begin behind a backslash."""
    frame = b"x" * 4000 + b" " * 94 + b"\\u" + b"00e9" + b"A" * 8188 + b'"'

    assert frame[:4104] + frame[8192:8200] + frame[12288:] == squeezed(frame)


@pytest.mark.parametrize(
    "unit",
    [
        b'"logprobs":["\\",',
        b'"logprobs":[["\\",',
        b'"logprobs":[',
        b'"logprobs":[1,',
        b'"logprobs":[0]"logprobs":["',
        b'"\\"logprobs\\":[',
        b'\\"',
        b'"',
    ],
)
def test_no_frame_is_gone_through_again_and_again(unit):
    """Hostile ones of 640 KiB take as long as others: this test would not end in a minute."""
    frame = b'{"logprobs":[' + unit * (655_360 // len(unit))

    assert len(squeezed(frame)) <= len(frame)


def test_a_frame_that_stays_long_is_cut():
    """Its first bytes and the number of the others are left."""
    held = Held(1000, 10)
    for _ in range(200):
        held.add(b"0123456 89" * 2)

    assert (3990, 10, 10) == (held.cut, len(held), len(held.take()))
    assert (0, 0) == (held.cut, len(held))
