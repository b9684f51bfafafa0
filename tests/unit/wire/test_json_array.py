"""A JSON array that is streamed, however its bytes arrive."""

import json

from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.wire import Frame, JsonArrayFraming
from llm_latency_lens.wire import json_array as module

_texts = st.text(alphabet='"\\{}[],é a', max_size=8)
_objects = st.dictionaries(
    _texts,
    st.recursive(_texts | st.integers(), lambda inner: st.lists(inner, max_size=3)),
    max_size=3,
)
_noise = st.lists(
    st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\\", b",", b'{"a":"}"}', b"1"])
    | st.binary(max_size=3),
    max_size=25,
).map(b"".join)


def _framed(body, ends=None, **options):
    framing = JsonArrayFraming(**options)
    frames = []
    start = 0
    for end in ends or [len(body)]:
        frames += framing.feed(body[start:end], end)
        start = end
    return frames + framing.flush(), framing


def _data(body, **options):
    return [frame.data for frame in _framed(body, **options)[0]]


def test_an_object_is_dated_by_its_bracket():
    """Not by the comma or the bracket after it."""
    framing = JsonArrayFraming()

    assert [] == framing.feed(b'[{"a":', 1)
    assert [Frame("", b'{"a":1}', 2)] == framing.feed(b"1}", 2)
    assert [] == framing.feed(b"\n,\n", 3)
    assert [Frame("", b"{}", 4)] == framing.feed(b"{}]", 4)


def test_brackets_in_strings_are_text():
    """Also behind an escaped quote."""
    body = rb'[{"a":"}]\"}"},{"b":"\\"}]'

    assert [rb'{"a":"}]\"}"}', rb'{"b":"\\"}'] == _data(body)
    assert [rb'{"a":"}]\"}"}', rb'{"b":"\\"}'] == [
        frame.data for frame in _framed(body, range(1, len(body) + 1))[0]
    ]


def test_what_follows_the_array_is_not_read():
    """Its end is the end of the answer."""
    assert [b"{}"] == _data(b"[{}] {} [{}]")


def test_an_object_that_stays_open_is_none():
    """A connection that broke off leaves a part of one."""
    assert [b"{}"] == _data(b'[{},{"a":"b')


def test_arrays_inside_are_elements_too_and_scalars_none():
    """Google wraps errors in arrays; numbers and texts say nothing."""
    assert [b"[1]"] == _data(b'[1,"{",[1],null]')


def test_an_object_above_the_limit_is_dropped_and_counted():
    """The objects around it stay."""
    body = b'[{},{"a":"' + b"x y" * 20 + b'"},{}]'
    frames, framing = _framed(body, [3, 9, 20, 30, 43, len(body)], limit=16)

    assert [b"{}", b"{}"] == [frame.data for frame in frames]
    assert 1 == framing.oversized


def test_a_body_of_too_many_brackets_is_not_read_on(monkeypatch):
    """Each costs time."""
    monkeypatch.setattr(module, "MAX_STREAM_LINES", 4)
    framing = JsonArrayFraming()

    assert 1 == len(framing.feed(b"[{},{}", 1))
    assert [] == framing.feed(b",{}]", 2)
    assert framing.is_spent


@given(st.lists(_objects, max_size=4), st.sampled_from([None, 1]), st.data())
def test_every_object_comes_out_as_it_was(objects, indent, data):
    """Whatever their texts hold, and however the bytes are cut."""
    body = json.dumps(objects, indent=indent, ensure_ascii=False).encode()
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=8).map(sorted))
    frames, _ = _framed(body, [*cuts, len(body)])

    assert objects == [json.loads(frame.data) for frame in frames]


@given(_noise, st.data())
def test_cuts_change_nothing_but_times(body, data):
    """The same objects come out of noise, and as many are dropped."""
    body = b"[" + body
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=8).map(sorted))
    whole, one = _framed(body, limit=8)
    cut, other = _framed(body, [*cuts, len(body)], limit=8)

    assert [frame.data for frame in whole] == [frame.data for frame in cut]
    assert one.oversized == other.oversized
