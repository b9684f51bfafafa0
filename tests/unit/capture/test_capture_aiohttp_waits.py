"""The timer of a watched reader: what it notes of the bytes and of who waits for them."""

from types import SimpleNamespace

import pytest

from llm_latency_lens.capture import aiohttp_body
from llm_latency_lens.capture.aiohttp_body import Waits
from llm_latency_lens.capture.layers import Passage
from llm_latency_lens.capture.watch import LARGE_BYTES, Watch

MS = 1_000_000


class _Timer:
    """A timer of aiohttp that makes a timeout of a cancellation."""

    limit = 3

    def __enter__(self):
        return self

    def __exit__(self, kind, fault, trace):
        if kind is KeyError:
            raise TimeoutError from fault
        return False


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    clock = SimpleNamespace(now_ns=1)
    monkeypatch.setattr(aiohttp_body, "now_ns", lambda: clock.now_ns)
    return clock


@pytest.fixture
def read():
    """What was read of the body before its end, piece by piece."""
    return []


@pytest.fixture
def waits(clock, read):
    """The timer of one body."""

    def take(watch):
        read.extend(data for _, _, data in watch.chunks)

    watch = Watch(None, None, None, lambda _: None, take)
    return Waits(_Timer(), Passage(None, watch, ends_above=False))


def _end(waits):
    waits.watch.end()
    return waits.watch.slow_pulls


def test_a_piece_is_stamped_when_it_is_fed(clock, waits):
    """Whether somebody waits for it or not."""
    clock.now_ns = 5 * MS
    waits.take(b"one")
    clock.now_ns = 9 * MS
    waits.take(b"two")

    assert [(5 * MS, b"one"), (9 * MS, b"two")] == [
        (at_ns, data) for _, at_ns, data in waits.watch.chunks
    ]


def test_a_consumer_that_is_away_is_not_late_while_bytes_come_in(clock, waits):
    """The loop was free, so the stamps are true."""
    for number in range(5):
        clock.now_ns += 50 * MS
        waits.take(b"%d" % number)

    assert 0 == _end(waits)


def test_a_consumer_that_blocked_the_loop_was_late(clock, waits):
    """It comes back after long, and what it asks for is there at once."""
    waits.take(b"one")
    clock.now_ns += 50 * MS
    with waits:
        clock.now_ns += 1
        waits.take(b"two")

    assert 1 == _end(waits)


def test_a_wait_for_bytes_that_come_late_is_no_lateness(clock, waits):
    """The provider took its time."""
    waits.take(b"one")
    with waits:
        clock.now_ns += 50 * MS
        waits.take(b"two")

    assert 0 == _end(waits)


@pytest.mark.parametrize(("away_ns", "expected"), [(50 * MS, 1), (1 * MS, 0)])
def test_a_reader_that_was_full_for_long_was_late(clock, waits, away_ns, expected):
    """Not one that was full for a moment, as by a long answer in one piece."""
    waits.take(b"one")
    waits.paused_ns = clock.now_ns
    clock.now_ns += away_ns
    waits.take(b"two")

    assert expected == _end(waits)


def test_a_long_body_in_long_pieces_is_read_before_its_end(waits, read):
    """What aiohttp decompresses may be all of it; it must not be held beside that."""
    piece = b"x" * (LARGE_BYTES * 8)
    for _ in range(3):
        waits.take(piece)

    assert [piece, piece] == read[:2]
    assert sum(len(data) for _, _, data in waits.watch.chunks) <= len(piece)


def test_a_short_body_is_read_at_its_end_alone(waits, read):
    """While bytes flow, nothing is decoded."""
    for _ in range(100):
        waits.take(b"token")

    assert [] == read


def test_the_timer_is_what_it_was_to_aiohttp(waits):
    """Entered, asked and left like the one beneath."""
    with waits as entered:
        assert isinstance(entered, _Timer)

    assert 3 == waits.limit


@pytest.mark.parametrize(("raised", "told"), [(KeyError, TimeoutError), (OSError, OSError)])
def test_a_wait_that_failed_is_noted_as_its_consumer_sees_it(waits, raised, told):
    """A time that ran out comes as a cancellation, and goes on as a timeout."""
    with pytest.raises(told), waits:
        raise raised

    assert told is type(waits.fault)


def test_a_wait_that_went_well_forgets_the_one_before(waits):
    """A consumer may give up and come back."""
    with pytest.raises(OSError), waits:
        raise OSError
    with waits:
        pass

    assert waits.fault is None
