"""Pacing: schedules and deliveries, on a clock that only moves when told."""


# ruff: noqa: D102, D103 - makers and stand-ins say it by their names

from itertools import repeat

from llm_latency_lens.clock import ManualClock
from llm_latency_lens.simulator.pacing import Delivery, Event, Part, schedule

MS = 1_000_000


class Loop:
    """Keeps the timers that were asked for, in seconds from now."""

    def __init__(self):
        self.waits = []
        self.cancelled = 0

    def call_later(self, wait_s, _callback):
        self.waits.append(wait_s)
        return self

    def cancel(self):
        self.cancelled += 1


class Transport:
    """Keeps what was written."""

    def __init__(self):
        self.written = []

    def write(self, data):
        self.written.append(data)


class Witness:
    """Keeps what it saw, in order."""

    def __init__(self):
        self.seen = []

    def saw_headers(self, sent_ns):
        self.seen.append(("headers", sent_ns))

    def saw_event(self, kind, tokens, due_ns, sent_ns):
        self.seen.append((kind, tokens, due_ns, sent_ns))

    def saw_end(self, ended_ns, *, is_complete):
        self.seen.append(("end", ended_ns, is_complete))


class Stage:
    """A delivery of the given parts on a manual clock."""

    def __init__(self, *parts):
        self.loop, self.transport, self.witness = Loop(), Transport(), Witness()
        self.clock = ManualClock()
        self.ends = 0
        self.delivery = Delivery(
            loop=self.loop,
            clock=self.clock,
            transport=self.transport,
            head=b"head ",
            parts=iter(parts),
            witness=self.witness,
            on_end=self.end,
        )

    def end(self):
        self.ends += 1

    def at_ms(self, milliseconds):
        self.clock.advance_ms(milliseconds - self.clock.now_ns() / MS)
        self.delivery.send_due()


def token(name):
    return Event("text", 1, name)


ROLE = Event("role", 0, b"r", is_prelude=True)
DONE = Event("done", 0, b"d")


def dues_ms(events, gaps_ms=None):
    gaps_ns = (gap * MS for gap in gaps_ms or repeat(5))
    return [part.due_ns / MS for part in schedule(events, 100 * MS, 30 * MS, gaps_ns)]


def test_events_are_due_on_an_absolute_schedule():
    """Start, time to first token, then the sum of the gaps; bookkeeping follows its event."""
    events = [ROLE, token(b"1"), token(b"2"), token(b"3"), DONE]

    assert [100, 130, 135, 140, 140] == dues_ms(events)


def test_gaps_are_taken_one_a_token_event():
    """Bookkeeping between two tokens takes no gap."""
    events = [ROLE, token(b"1"), Event("block", 0, b"b"), token(b"2"), token(b"3")]

    assert [100, 130, 130, 131, 133] == dues_ms(events, iter([1, 2]))


def test_an_answer_without_tokens_ends_after_the_time_to_first_token():
    """The end of an empty answer does not come with its headers."""
    assert [100, 130, 130] == dues_ms([ROLE, Event("finish", 0, b"f"), DONE])


def test_what_leads_up_to_the_first_token_comes_with_it():
    """Bookkeeping between the prelude and the first token waits, and takes no gap."""
    events = [ROLE, Event("block", 0, b"b"), Event("block", 0, b"b"), token(b"1"), token(b"2")]

    assert [100, 130, 130, 130, 135] == dues_ms(events)


def test_the_head_goes_with_the_first_part():
    """The head of the response waits for the first part and is sent once."""
    stage = Stage(Part(0, "role", 0, b"r"), Part(5 * MS, "text", 1, b"t"))
    stage.at_ms(0)
    stage.at_ms(5)

    assert [b"head r", b"t"] == stage.transport.written


def test_nothing_is_sent_before_it_is_due():
    """An early wake-up sends nothing and waits for the rest."""
    stage = Stage(Part(5 * MS, "text", 1, b"t"))
    stage.at_ms(4)

    assert ([], [0.001]) == (stage.transport.written, stage.loop.waits)


def test_a_late_event_does_not_delay_the_next():
    """After 3 ms of delay the next wait is 3 ms shorter."""
    stage = Stage(Part(5 * MS, "text", 1, b"1"), Part(10 * MS, "text", 1, b"2"))
    stage.at_ms(8)

    assert [0.002] == stage.loop.waits


def test_parts_that_are_due_together_share_a_write():
    """What is due by now leaves in one write."""
    stage = Stage(Part(1, "text", 1, b"1"), Part(1, "done", 0, b"d"), Part(1, "", 0, b"0"))
    stage.at_ms(1)

    assert [b"head 1d0"] == stage.transport.written


def test_one_turn_of_the_loop_sends_a_bounded_share():
    """A long backlog leaves in slices, so that other streams get their turn."""
    stage = Stage(*(Part(0, "text", 1, b"x") for _ in range(100)))
    stage.at_ms(0)

    assert ([b"head " + b"x" * 64], [0.0]) == (stage.transport.written, stage.loop.waits)


def test_a_slice_is_bounded_in_bytes_too():
    """Large parts end a slice early."""
    stage = Stage(*(Part(0, "", 0, b"x" * 20_000) for _ in range(3)))
    stage.at_ms(0)

    assert [5 + 40_000] == [len(data) for data in stage.transport.written]


def test_the_witness_sees_what_was_sent_when():
    """Headers, events and end are told with their moments; framing is not."""
    stage = Stage(
        Part(0, "role", 0, b"r"), Part(5 * MS, "text", 1, b"t"), Part(5 * MS, "", 0, b"0")
    )
    stage.at_ms(0)
    stage.at_ms(6)

    assert [
        ("headers", 0),
        ("role", 0, 0, 0),
        ("text", 1, 5 * MS, 6 * MS),
        ("end", 6 * MS, True),
    ] == stage.witness.seen


def test_the_end_is_told_once():
    """The owner hears of the end after the last part."""
    stage = Stage(Part(0, "", 0, b"x"))
    stage.at_ms(0)

    assert (1, []) == (stage.ends, stage.loop.waits)


def test_an_abandoned_delivery_is_incomplete():
    """When the client leaves, the timer is cancelled and the record says so."""
    stage = Stage(Part(0, "role", 0, b"r"), Part(5 * MS, "text", 1, b"t"))
    stage.at_ms(0)
    stage.clock.advance_ms(2)
    stage.delivery.abandon()

    assert ("end", 2 * MS, False) == stage.witness.seen[-1]
    assert (1, 0) == (stage.loop.cancelled, stage.ends)


def test_a_delivery_of_less_than_the_whole_is_incomplete():
    """Parts that the script breaks off end an incomplete answer, and the owner hears of it."""
    stage = Stage(Part(0, "text", 1, b"t"))
    stage.delivery._is_whole = False
    stage.at_ms(0)

    assert (("end", 0, False), 1) == (stage.witness.seen[-1], stage.ends)


def test_a_delivery_needs_no_witness():
    """Replies of the control API leave no record."""
    stage = Stage(Part(0, "text", 1, b"x"))
    stage.delivery._witness = None
    stage.at_ms(0)

    assert [b"head x"] == stage.transport.written
