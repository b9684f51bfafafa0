"""Framing: events and JSON values, however their bytes arrive."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.wire import JsonBody, SseEvent, SseFraming, begin_body, parse_json

_BOM = b"\xef\xbb\xbf"
_quick = settings(deadline=None, max_examples=60, derandomize=True)
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
    assert [SseEvent("", b"a", 3)] == framing.feed(b"\ndata: b", 3)


def test_lone_cr_ends_an_event_at_once():
    """An event that ends in CR does not wait for a LF to be dated."""
    assert [SseEvent("", b"a", 1)] == SseFraming().feed(b"data: a\r\r", 1)


def test_lf_after_a_cr_of_the_chunk_before_is_no_line():
    """A CRLF that is cut in two is one line end."""
    framing = SseFraming()
    framing.feed(b"data: a\r", 1)

    assert [] == framing.feed(b"\n", 2)
    assert [SseEvent("", b"a", 3)] == framing.feed(b"\r", 3)


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
    assert [SseEvent("", b"a", 7)] == _frame(b"data: a")[0]


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

    assert [SseEvent("", b"a", 3)] == framing.feed(b"\n\n", 3)


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


@_quick
@given(_noise, st.lists(st.integers(0, 120), max_size=8))
def test_cuts_do_not_change_the_events(body, cuts):
    """Names, data, comments and losses are the same for every way to cut a body."""
    ends = [*sorted(cut for cut in cuts if cut < len(body)), len(body)]
    whole, framing = _frame(body, limit=12)
    cut, cut_framing = _frame(body, ends, limit=12)

    assert [event[:2] for event in whole] == [event[:2] for event in cut]
    assert framing.comments == cut_framing.comments
    assert framing.oversized == cut_framing.oversized


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


def test_error_field_is_an_event_named_error():
    """llama.cpp reports a fault in a field of its own."""
    assert [SseEvent("error", b'{"code":500}', 21)] == _frame(b'error: {"code":500}\n\n')[0]
