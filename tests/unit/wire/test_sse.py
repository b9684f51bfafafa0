"""Server-sent events, however their bytes arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.wire import Frame, SseFraming
from llm_latency_lens.wire import sse as module

_BOM = b"\xef\xbb\xbf"
# Bytes that matter to the framing come often, so that few examples meet many of its branches.
_noise = st.lists(
    st.sampled_from(
        [b"\n", b"\r", b"\r\n", b"data: ", b"data", b":", b"event: x", b"error: {}", b"a", _BOM]
    )
    | st.binary(max_size=3),
    max_size=25,
).map(b"".join)


def _frame(body, ends=None, **options):
    framing = SseFraming(**options)
    events = []
    start = 0
    for end in ends or [len(body)]:
        events += framing.feed(body[start:end], end)
        start = end
    return events + framing.flush(), framing


def _data(body, **options):
    return [event.data for event in _frame(body, **options)[0]]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_all_line_ends_are_read(end):
    """LF, CRLF and CR each end a line; an empty line ends an event."""
    body = b"data: a" + end + end + b"data: b" + end + end

    assert [b"a", b"b"] == _data(body)


def test_event_is_dated_by_its_last_byte():
    """The chunk that holds the end of the empty line dates the event."""
    framing = SseFraming()

    assert [] == framing.feed(b"data: a", 1)
    assert [] == framing.feed(b"\n", 2)
    assert [Frame("", b"a", 3)] == framing.feed(b"\ndata: b", 3)


def test_lone_cr_ends_an_event_at_once():
    """An event that ends in CR does not wait for a LF to be dated."""
    assert [Frame("", b"a", 1)] == SseFraming().feed(b"data: a\r\r", 1)


def test_lf_after_a_cr_of_the_chunk_before_is_no_line():
    """A CRLF that is cut in two is one line end."""
    framing = SseFraming()
    framing.feed(b"data: a\r", 1)

    assert [] == framing.feed(b"\n", 2)
    assert [Frame("", b"a", 3)] == framing.feed(b"\r", 3)


def test_data_lines_are_joined_by_line_feeds():
    """Several data lines are one value."""
    assert [b"a\n\nb"] == _data(b"data: a\ndata\ndata:b\n\n")


def test_one_space_after_the_colon_is_dropped():
    """The space is optional, and further ones belong to the value."""
    assert [b"a", b"a", b" a"] == _data(b"data:a\n\ndata: a\n\ndata:  a\n\n")


def test_event_field_names_its_event_only():
    """The name holds for one event, with data or without."""
    events, _ = _frame(b"event: x\ndata: a\n\nevent: y\n\ndata: b\n\n")

    assert [("x", b"a"), ("", b"b")] == [(event.name, event.data) for event in events]


def test_comments_are_counted():
    """A line that begins with a colon is a comment."""
    _, framing = _frame(b": hello\n\n:\ndata: a\n\n")

    assert framing.comments == 2


def test_other_fields_are_ignored():
    """``id``, ``retry`` and unknown fields carry no data."""
    assert [b"a"] == _data(b"id: 1\nretry: 2\ndata: a\nnonsense\nerror: no object\n\n")


def test_byte_order_mark_is_dropped_from_the_first_line():
    """A mark before the first field does not hide it."""
    assert [b"a"] == _data(_BOM + b"data: a\n\n")


def test_byte_order_mark_elsewhere_stays():
    """Only the beginning of the body may have one."""
    assert [b"a"] == _data(b"data: a\n\n" + _BOM + b"data: b\n\n")


def test_flush_hands_out_the_open_event():
    """What the end of the body cut off is dated by the last chunk."""
    assert [Frame("", b"a", 7)] == _frame(b"data: a")[0]


def test_flush_of_nothing_is_empty():
    """A body that ended with its last event leaves nothing."""
    framing = SseFraming()
    framing.feed(b"data: a\n\n", 1)

    assert [] == framing.flush()


def test_empty_chunk_changes_nothing():
    """Transports may hand out empty chunks."""
    framing = SseFraming()
    framing.feed(b"data: a\r", 1)
    framing.feed(b"", 2)

    assert [Frame("", b"a", 3)] == framing.feed(b"\n\n", 3)


@pytest.mark.parametrize("step", [1, 7, 1000], ids=["byte by byte", "in pieces", "whole"])
def test_oversized_event_is_dropped_and_counted(step):
    """An event above the limit is lost, its neighbours are not."""
    body = b"data: a\n\ndata: " + b"x" * 400 + b"\n\ndata: b\n\n"
    ends = [*range(step, len(body), step), len(body)]
    events, framing = _frame(body, ends, limit=100)

    assert ([b"a", b"b"], 1) == ([event.data for event in events], framing.oversized)


def test_many_short_lines_above_the_limit_are_an_oversized_event():
    """The limit holds for the event, not for its lines."""
    events, framing = _frame(b"data: xxxx\n" * 20 + b"\n", limit=100)

    assert ([], 1) == (events, framing.oversized)


@pytest.mark.parametrize("step", [1, 1000], ids=["byte by byte", "whole"])
def test_oversized_comment_costs_no_event(step):
    """A comment above the limit is a comment."""
    body = b"data: a\n:" + b"x" * 400 + b"\n\n"
    events, framing = _frame(body, [*range(step, len(body), step), len(body)], limit=100)

    assert ([b"a"], 1) == ([event.data for event in events], framing.comments)


@given(_noise, st.lists(st.integers(0, 120), max_size=8))
def test_cuts_do_not_change_the_events(body, cuts):
    """Names, data, comments and losses are the same for every way to cut a body."""
    ends = [*sorted(cut for cut in cuts if cut < len(body)), len(body)]
    whole, framing = _frame(body, limit=12)
    cut, cut_framing = _frame(body, ends, limit=12)

    assert [event[:2] for event in whole] == [event[:2] for event in cut]
    assert framing.comments == cut_framing.comments
    assert framing.oversized == cut_framing.oversized


def test_error_field_is_an_event_named_error():
    """llama.cpp reports a fault in a field of its own."""
    assert [Frame("error", b'{"code":500}', 21)] == _frame(b'error: {"code":500}\n\n')[0]


def _fed(*chunks, **options):
    framing = SseFraming(**options)
    return [event for at, chunk in enumerate(chunks) for event in framing.feed(chunk, at)], framing


def test_a_long_line_of_base64_is_an_event():
    """An image of any size leaves room for what stands beside it."""
    events, framing = _fed(b'data: {"b":"', *[b"QUJD" * 2**14] * 400, b'","a":1}', b"\n\n")
    (event,) = events

    assert 0 == framing.oversized
    assert (b'{"b":"QUJD', b'","a":1}') == (event.data[:10], event.data[-8:])
    assert len(event.data) < module.MAX_FRAME_BYTES


def test_a_long_line_is_the_same_event_for_every_way_to_cut_it():
    """What is left out of it does not depend on where the network cut it."""
    body = b'data: {"b":"' + b"QUJD" * 2**20 + b' a b","c":"' + b"a b " * 9 + b'"}\n\n'
    whole, _ = _fed(body)

    for size in (1_000, 65_536, 777_777):
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        assert [event.data for event in whole] == [event.data for event in _fed(*pieces)[0]]


@pytest.mark.parametrize("field", [b"data: ", b"data:", b"error: {"])
def test_a_long_line_of_words_is_dropped(field):
    """It is counted, and its neighbours are read."""
    long = [field, *[b"so many words " * 1000] * 80, b"\n\n"]
    events, framing = _fed(b"data: a\n\n", *long, b"data: b\n\n")

    assert ([b"a", b"b"], 1) == ([event.data for event in events], framing.oversized)


@pytest.mark.parametrize("step", [1, 1000], ids=["byte by byte", "whole"])
def test_a_long_line_that_begins_with_a_mark_is_read(step):
    """The byte order mark may come in a piece of its own."""
    body = _BOM + b"data: a\n\n"

    assert [b"a"] == [e.data for e in _frame(body, [*range(step, len(body), step), len(body)])[0]]


def test_a_stream_of_too_many_lines_is_not_read_to_its_end(monkeypatch):
    """A compressed body may hold millions of them in a few bytes."""
    monkeypatch.setattr(module, "MAX_STREAM_LINES", 10)
    events, framing = _fed(b"data: a\n\n" * 3, b":\n" * 20, b"data: b\n\n", b"data: c\n\n")

    assert ([b"a"] * 3, True) == ([event.data for event in events], framing.is_spent)
