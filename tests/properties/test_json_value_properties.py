"""JSON values, whatever they are: to look through them changes nothing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_latency_lens.wire import json_value as module
from llm_latency_lens.wire import parse_json

_ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('"\\[]{},:aé\U0001f600', max_size=9),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@settings(max_examples=2 * settings().max_examples)
@given(_ODD, st.booleans(), st.integers(1, 50))
def test_what_is_looked_through_is_the_same_value(value, is_ascii, step):
    """Looking through it changes nothing."""
    data = json.dumps(value, ensure_ascii=is_ascii).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SHORT", 0)
        patch.setattr(module, "_SMALL", 0)
        patch.setattr(module, "_STEP", step)
        seen = parse_json(data)

    assert value == seen


@settings(max_examples=2 * settings().max_examples)
@given(_ODD, st.integers(1, 50))
def test_brackets_are_told_from_those_in_strings(value, step):
    """What is found outside of strings has the depth of the value."""
    data = json.dumps(value).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_STEP", step)
        outside = b"".join(text for _, text in module._outside_strings(data))

    assert _depth(value) == _depth_of(outside)


def _depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    is_nest = isinstance(value, dict | list)
    return is_nest + max(map(_depth, inner), default=0)


def _depth_of(text):
    level = deepest = 0
    for byte in text:
        level += (byte in b"[{") - (byte in b"]}")
        deepest = max(deepest, level)
    return deepest
