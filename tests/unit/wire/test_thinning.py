"""Thinning: vectors and long texts are left out, whatever the network cuts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_latency_lens.wire import Thinning, thinned
from llm_latency_lens.wire.thinning import LONGEST_TEXT

_many = settings(max_examples=2 * settings().max_examples)
_texts = st.text(alphabet='"\\{}[],1é a', max_size=300)
_values = st.recursive(
    _texts | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
_noise = st.lists(
    st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\\", b",", b"1.5", b"x" * 250])
    | st.binary(max_size=3),
    max_size=25,
).map(b"".join)


def _pieces(body, size):
    thinning = Thinning()
    return b"".join(thinning.feed(body[at : at + size]) for at in range(0, len(body), size))


def _keys(value):
    """Return the keys of all objects outside arrays, in their order."""
    if isinstance(value, dict):
        return [(key, _keys(one)) for key, one in value.items()]
    return None


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (b"[1, -2.5e3]", b"[]"),
        (b"[[1,2],[3,null]]", b"[[],[]]"),
        (b'{"data":[{"embedding":[0.1,0.2],"index":0}]}', b'{"data":[{"embedding":[],"index":0}]}'),
        (b'[true,"a",1]', b'["a",1]'),
        (b'[1,{"a":2}]', b'[{"a":2}]'),
        (b'{"a":"]["}', b'{"a":"]["}'),
        (rb'{"a":"\"[1]\\","b":[1]}', rb'{"a":"\"[1]\\","b":[]}'),
        (b'"%b"' % (b"x" * LONGEST_TEXT), b'"%b"' % (b"x" * LONGEST_TEXT)),
        (b'"%b"' % (b"x" * (LONGEST_TEXT + 1)), b'""'),
        (b'{"usage":{"prompt_tokens":8}}', b'{"usage":{"prompt_tokens":8}}'),
    ],
)
def test_vectors_and_long_texts_are_left_out(body, left):
    """What is left has the same shape."""
    assert left == thinned(body)


@_many
@given(_values)
def test_what_is_left_of_json_is_json(value):
    """Its objects outside arrays have all their keys."""
    body = json.dumps({"it": value}, ensure_ascii=False).encode()

    assert _keys({"it": value}) == _keys(json.loads(thinned(body)))


@_many
@given(_noise, st.integers(1, 9))
def test_cuts_change_nothing(body, size):
    """However the bytes arrive, the same is left."""
    assert thinned(body) == _pieces(body, size)


def test_a_text_that_ends_with_an_escaped_quote_is_too_long_all_the_same():
    """Its last byte that is held is no end."""
    body = b'"%b\\""' % (b"x" * LONGEST_TEXT)

    assert [b'""', b'""'] == [thinned(body), _pieces(body, 1)]


def test_megabytes_become_little():
    """Of two thousand vectors their frames are left."""
    vector = b"[" + b",".join([b"-0.012345678"] * 512) + b"]"
    body = b'{"data":[' + b",".join([b'{"embedding":%b}' % vector] * 2000) + b'],"n":1}'

    assert len(body) > 12_000_000
    assert {"data": [{"embedding": []}] * 2000, "n": 1} == json.loads(_pieces(body, 65_536))


@pytest.mark.parametrize("gap", [0, 1, 255, 256, 257, 5000])
@pytest.mark.parametrize("mark", [b'"a"', b"[2]", b"{}", b""])
def test_a_mark_is_found_wherever_it_stands(gap, mark):
    """Near the beginning of an array, and far from it."""
    flat = b"1" * gap
    left = b"[%b]" % mark.replace(b"2", b"")

    assert left == thinned(b"[%b%b]" % (flat, mark))
