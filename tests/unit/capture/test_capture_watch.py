"""The watch: stamps in order, one ending, and what a late consumer looks like."""

import pytest

from llm_latency_lens.capture import watch as module
from llm_latency_lens.capture.watch import STOCK_CHUNKS, Watch
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
    return Watch(None, None, None, ended.append, lambda watch: None)


@pytest.mark.parametrize(
    ("event", "stamp"),
    [
        ("connection.connect_tcp.started", "connect_started_ns"),
        ("connection.connect_tcp.complete", "connected_ns"),
        ("connection.start_tls.complete", "connected_ns"),
        ("connection.connect_unix_socket.started", "connect_started_ns"),
        ("connection.connect_unix_socket.complete", "connected_ns"),
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


def _pull(watch, clock, data, wait_ms=0):
    """Read a piece of the body that comes after *wait_ms*."""
    asked_ns = clock.now_ns()
    clock.advance_ms(wait_ms)
    watch.chunks.append((asked_ns, clock.now_ns(), data))


def test_a_body_ends_with_its_last_byte(watch, clock):
    """However late its consumer closes it."""
    for data in (b"a", b"b"):
        _pull(watch, clock, data, wait_ms=1)
    clock.advance_ms(30)
    watch.close()

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
    _pull(watch, clock, b"a")
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

    watch = Watch(None, None, None, fail, fail)
    watch.end()

    assert "end" == watch.ending


@pytest.mark.parametrize(
    ("data", "chunks"), [(b"x" * 2**16, 32), (b"x", 8208)], ids=["large", "many"]
)
def test_a_long_body_is_handed_over_in_parts(clock, data, chunks):
    """What is held stays small; nothing is lost, nothing comes twice."""
    parts = []
    watch = Watch(None, None, None, lambda _: None, lambda one: parts.append(list(one.chunks)))
    stock_at = STOCK_CHUNKS
    for _ in range(2 * chunks):
        _pull(watch, clock, data)
        if len(watch.chunks) >= stock_at:
            stock_at = watch.take_stock()

    assert [chunks, chunks] == [len(part) for part in parts]
    assert [] == watch.chunks


def test_a_compressed_body_is_handed_over_sooner(clock):
    """Its bytes stand for many more."""
    parts = []
    watch = Watch(None, None, None, lambda _: None, lambda one: parts.append(len(one.chunks)))
    watch.answered(200, (("content-encoding", "gzip"),))
    stock_at = STOCK_CHUNKS
    for _ in range(STOCK_CHUNKS):
        _pull(watch, clock, b"x" * 2**13)
        if len(watch.chunks) >= stock_at:
            stock_at = watch.take_stock()

    assert [STOCK_CHUNKS] == parts


def test_a_fault_in_taking_over_is_swallowed(clock):
    """The bytes are dropped, the user's call goes on."""

    def fail(_):
        raise RuntimeError

    watch = Watch(None, None, None, fail, fail)
    _pull(watch, clock, b"x" * 2**21)
    watch.take_stock()

    assert [] == watch.chunks


@pytest.mark.parametrize("is_handed_over", [False, True])
def test_a_consumer_that_was_busy_and_finds_bytes_waiting_is_slow(watch, clock, is_handed_over):
    """Long between two reads, and the second at once: its bytes had been there."""
    _pull(watch, clock, b"a" * 2**21)
    if is_handed_over:
        watch.take_stock()
    clock.advance_ms(50)
    _pull(watch, clock, b"b")
    watch.end()

    assert 1 == watch.slow_pulls


def test_a_consumer_that_waits_for_its_bytes_is_not_slow(watch, clock):
    """A read that had to wait came in time."""
    _pull(watch, clock, b"a")
    clock.advance_ms(50)
    _pull(watch, clock, b"b", wait_ms=3)
    watch.end()

    assert 0 == watch.slow_pulls


def test_a_read_that_a_busy_machine_delays_waited_for_nothing(watch, clock):
    """It took a small part of the time that the consumer was away."""
    _pull(watch, clock, b"a")
    clock.advance_ms(50)
    _pull(watch, clock, b"b", wait_ms=2)
    watch.end()

    assert 1 == watch.slow_pulls
