"""Lines of JSON, however their bytes arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.wire import Frame, NdjsonFraming
from llm_latency_lens.wire import ndjson as module

_noise = st.lists(
    st.sampled_from([b"\n", b"\r\n", b" ", b'{"a":1}', b"{", b"x" * 9]) | st.binary(max_size=3),
    max_size=25,
).map(b"".join)


def _framed(body, ends=None, **options):
    framing = NdjsonFraming(**options)
    frames = []
    start = 0
    for end in ends or [len(body)]:
        frames += framing.feed(body[start:end], end)
        start = end
    return frames + framing.flush(), framing


def test_a_line_is_dated_by_its_end():
    """The chunk with its line feed, not the one before."""
    framing = NdjsonFraming()

    assert [] == framing.feed(b'{"a":1}', 1)
    assert [Frame("", b'{"a":1}', 2)] == framing.feed(b'\n{"b"', 2)


def test_several_lines_of_a_chunk_come_at_once():
    """Each is a frame of its own, dated alike."""
    assert [("", b"a", 4), ("", b"b", 4)] == _framed(b"a\nb\n")[0]


def test_blank_lines_and_line_ends_are_nothing():
    """CR LF ends a line as well, and a server may send blanks as a sign of life."""
    assert [b"a", b"b"] == [frame.data for frame in _framed(b"\n a\r\n \n\nb\n")[0]]


def test_a_line_that_the_end_left_open_is_handed_out():
    """The last line often has no line feed; it is dated by the last chunk."""
    assert [Frame("", b"a", 1)] == _framed(b"a")[0]


def test_an_empty_body_has_no_line():
    """Nor is there one when a transport hands on nothing."""
    assert ([], []) == (_framed(b"")[0], NdjsonFraming().feed(b"", 1))


def test_a_line_above_the_limit_is_dropped_and_counted():
    """The lines around it stay."""
    body = b"a\n" + b"x" * 40 + b"\nb\n"
    frames, framing = _framed(body, [1, 9, 20, 30, 43, 45], limit=16)

    assert [b"a", b"b"] == [frame.data for frame in frames]
    assert 1 == framing.oversized


def test_a_body_of_too_many_lines_is_not_read_on(monkeypatch):
    """Each costs time, however short."""
    monkeypatch.setattr(module, "MAX_STREAM_LINES", 3)
    framing = NdjsonFraming()
    before = framing.feed(b"a\nb\n", 1)

    assert 2 == len(before)
    assert [] == framing.feed(b"c\nd\n", 2)
    assert [] == framing.feed(b"e", 3) + framing.flush()
    assert framing.is_spent


@given(_noise, st.data())
def test_cuts_change_nothing_but_times(body, data):
    """The same lines come out, and as many are dropped."""
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=8).map(sorted))
    whole, one = _framed(body, limit=8)
    cut, other = _framed(body, [*cuts, len(body)], limit=8)

    assert [frame.data for frame in whole] == [frame.data for frame in cut]
    assert one.oversized == other.oversized


@pytest.mark.parametrize("size", [7, 8, 9])
def test_the_limit_is_the_longest_line(size):
    """One byte more is too long."""
    frames, framing = _framed(b"x" * size + b"\n", range(1, size + 2), limit=8)

    assert (size <= 8) == bool(frames)
    assert (size > 8) == bool(framing.oversized)
