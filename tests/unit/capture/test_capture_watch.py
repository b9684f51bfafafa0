"""The watch: stamps in order, one ending, and what a late consumer looks like."""

import pytest

from llm_latency_lens.capture import watch as module
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.clock import ManualClock


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves by hand, under the watch."""
    clock = ManualClock(now_ns=1_000)
    monkeypatch.setattr(module, "_now_ns", clock.now_ns)
    return clock


@pytest.fixture
def ended():
    """Watches that reported their end."""
    return []


@pytest.fixture
def watch(clock, ended):
    """A watch that begins now."""
    return Watch(None, None, None, ended.append)


@pytest.mark.parametrize(
    ("event", "stamp"),
    [
        ("connection.connect_tcp.started", "connect_started_ns"),
        ("connection.connect_tcp.complete", "connected_ns"),
        ("connection.start_tls.complete", "connected_ns"),
        ("http11.send_request_body.complete", "sent_ns"),
        ("http2.send_request_body.complete", "sent_ns"),
        ("http11.receive_response_headers.complete", "headers_ns"),
    ],
)
def test_events_of_the_network_are_stamped(watch, clock, event, stamp):
    """Each event of the library's trace that matters sets its own stamp."""
    clock.advance_ms(2)
    watch.stamp(event)

    assert 2_001_000 == getattr(watch, stamp)
    assert watch.traced


def test_the_last_event_of_a_name_counts(watch, clock):
    """Behind a proxy the second connect is the real server's."""
    watch.stamp("connection.connect_tcp.complete")
    clock.advance_ms(5)
    watch.stamp("connection.start_tls.complete")

    assert 5_001_000 == watch.connected_ns


def test_other_events_are_ignored(watch):
    """An event that says nothing about time to first token leaves no stamp."""
    watch.stamp("http11.receive_response_body.started")

    assert (None, None) == (watch.sent_ns, watch.headers_ns)


def test_headers_are_stamped_without_a_trace(watch, clock):
    """A transport that does not trace still has the time at which its answer was there."""
    clock.advance_ms(1)
    watch.answered(200, (("a", "b"),))

    assert (200, 1_001_000, False) == (watch.http_status, watch.headers_ns, watch.traced)


def test_chunks_keep_their_times(watch, clock):
    """Bytes are stored as they came, each with its stamp."""
    for data in (b"a", b"b"):
        clock.advance_ms(1)
        watch.chunk(data, clock.now_ns())

    assert [(1_001_000, b"a"), (2_001_000, b"b")] == watch.chunks
    assert 2_001_000 == watch.ended_ns


@pytest.mark.parametrize(
    ("finish", "ending"),
    [(Watch.end, "end"), (Watch.close, "close"), (lambda one: one.fail(OSError()), "fail")],
)
def test_an_ending_is_reported_once(watch, ended, finish, ending):
    """The first ending counts; what follows means nothing."""
    finish(watch)
    watch.close()
    watch.end()
    watch.fail(ValueError())

    assert ([watch], ending) == (ended, watch.ending)


def test_a_fault_ends_now(watch, clock):
    """A failed attempt ends when it fails, not at its last byte."""
    watch.chunk(b"a", clock.now_ns())
    clock.advance_ms(30)
    fault = OSError()
    watch.fail(fault)

    assert (30_001_000, fault) == (watch.ended_ns, watch.fault)


def test_an_end_without_bytes_is_now(watch, clock):
    """An empty body ends when that is known."""
    clock.advance_ms(3)
    watch.end()

    assert 3_001_000 == watch.ended_ns


def test_a_fault_of_the_owner_is_swallowed(clock):
    """Whatever the observer raises, the ending goes through."""

    def fail(_):
        raise RuntimeError

    watch = Watch(None, None, None, fail)
    watch.end()

    assert "end" == watch.ending


def test_a_body_above_the_limit_is_not_kept(watch, clock, monkeypatch):
    """The bytes that fit stay, the rest is counted, and the watch says so."""
    monkeypatch.setattr(module, "MAX_BODY_BYTES", 3)
    for data in (b"ab", b"cd"):
        watch.chunk(data, clock.now_ns())

    assert (4, True, 1) == (watch.size, watch.is_too_long, len(watch.chunks))


def test_a_consumer_that_was_busy_and_finds_bytes_waiting_is_slow(watch, clock):
    """Long between two reads, and the second at once: its bytes had been there."""
    watch.chunk(b"a", clock.now_ns())
    clock.advance_ms(50)
    watch.chunk(b"b", clock.now_ns())

    assert 1 == watch.slow_pulls


def test_a_consumer_that_waits_for_its_bytes_is_not_slow(watch, clock):
    """A read that had to wait came in time."""
    watch.chunk(b"a", clock.now_ns())
    clock.advance_ms(50)
    asked_ns = clock.now_ns()
    clock.advance_ms(1)
    watch.chunk(b"b", asked_ns)

    assert 0 == watch.slow_pulls
