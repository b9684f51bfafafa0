"""
The watch on one HTTP exchange: stamps and bytes, while they flow.

Nothing here reads JSON, takes a lock or logs: stamp, append, go on. What is kept of a long body
is handed to its owner in between, so that it never fills the memory.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from llm_latency_lens.clock import SystemClock

__all__ = ["STOCK_CHUNKS", "Watch", "now_ns"]

# Above nearly every answer, so that nothing is read while its bytes flow; far below what would
# hurt the process under test. A chunk costs memory of its own, however small it is.
MAX_HELD_BYTES = 2**20
MAX_HELD_CHUNKS = 8192
STOCK_CHUNKS = 16
# Compressed bytes stand for many more, and what decompresses them holds memory of its own.
_MAX_COMPRESSED_BYTES = MAX_HELD_BYTES // 16
_ENCODING = "content-encoding"

# A consumer that only keeps the text of an event is back well below this. One that was away for
# longer got its piece at once if its read took a small part of that: a read takes the longer the
# busier the machine is, and a piece that came in this last part of the time was hardly waited for.
_BUSY_NS = 10_000_000
_AT_ONCE_PART = 20

_STAMPS = {
    "connection.connect_tcp.started": "connect_started_ns",
    "connection.connect_tcp.complete": "connected_ns",
    "connection.connect_unix_socket.started": "connect_started_ns",
    "connection.connect_unix_socket.complete": "connected_ns",
    "connection.start_tls.complete": "connected_ns",
    "http11.send_request_body.complete": "sent_ns",
    "http11.receive_response_headers.complete": "headers_ns",
    "http2.send_request_body.complete": "sent_ns",
    "http2.receive_response_headers.complete": "headers_ns",
}

now_ns = _now_ns = SystemClock.now_ns


class Watch:
    """
    One attempt under observation.

    The owner of the connection calls ``stamp`` and appends to ``chunks``, taking stock now and
    then; exactly one of the endings (``end``, ``close`` or ``fail``) reports it to *on_end*,
    once. *on_full* is to read the chunks before they are dropped.

    Attributes:
        chunks: Of the body, as they came off the connection: when each was asked for, when it
            was there, and its bytes.
        reading: For the owner: how far it has read the body.
        reservation: For the owner: what it has reserved for the attempt to cost.
        ending: ``end`` for a body read to its last byte, ``close`` for one that its consumer
            closed, ``fail`` for an exception; empty while it goes on.
        fault: The exception of a failed attempt.
        traced: The HTTP library told of the network; nothing that stands in for it does.
        slow_pulls: How often the consumer came late for bytes that had already arrived.
    """

    __slots__ = (
        "_held",
        "_most_held",
        "_read_ns",
        "chunks",
        "connect_started_ns",
        "connected_ns",
        "destination",
        "ended_ns",
        "ending",
        "fault",
        "headers",
        "headers_ns",
        "http_status",
        "inner_trace",
        "on_end",
        "on_full",
        "place",
        "reading",
        "request",
        "reservation",
        "sent_ns",
        "slow_pulls",
        "started_ns",
        "traced",
        "wall_ns",
    )

    def __init__(
        self, request: Any, destination: Any, place: Any, on_end: Any, on_full: Any
    ) -> None:
        self.request = request
        self.destination = destination
        self.place = place
        self.on_end: Callable[[Watch], None] = on_end
        self.on_full: Callable[[Watch], None] = on_full
        self.reading: Any = None
        self.inner_trace: Any = None
        self.reservation: str | None = None
        self.chunks: list[tuple[int, int, bytes]] = []
        self._held = 0
        self._most_held = MAX_HELD_BYTES
        self._read_ns = 0
        self.slow_pulls = 0
        self.traced = False
        self.connect_started_ns: int | None = None
        self.connected_ns: int | None = None
        self.sent_ns: int | None = None
        self.headers_ns: int | None = None
        self.http_status: int | None = None
        self.headers: tuple[tuple[str, str], ...] = ()
        self.ending = ""
        self.fault: BaseException | None = None
        self.ended_ns = 0
        self.wall_ns = SystemClock.wall_ns()
        self.started_ns = _now_ns()

    def stamp(self, event: str) -> None:
        """Take the time of an event of the HTTP library's trace."""
        self.traced = True
        # A later event of one name overwrites: behind a proxy the last one is the real server's.
        name = _STAMPS.get(event)
        if name is not None:
            setattr(self, name, _now_ns())

    def answered(self, http_status: int, headers: tuple[tuple[str, str], ...]) -> None:
        """Take the status line and headers."""
        self.http_status = http_status
        self.headers = headers
        if any(name == _ENCODING for name, _ in headers):
            self._most_held = _MAX_COMPRESSED_BYTES
        if self.headers_ns is None:
            self.headers_ns = _now_ns()

    def take_stock(self) -> int:
        """Hand over what is held if it is much; return at how many chunks to ask again."""
        self._held += sum(len(data) for _, _, data in self.chunks[-STOCK_CHUNKS:])
        if self._held > self._most_held or len(self.chunks) > MAX_HELD_CHUNKS:
            self._settle()
            # As at the end: whatever happens in here, the bytes go on to whom they belong.
            with suppress(Exception):
                self.on_full(self)
            self.chunks.clear()
            self._held = 0
        return len(self.chunks) + STOCK_CHUNKS

    def end(self) -> None:
        """The body was read to its last byte."""
        self._finish("end", None)

    def close(self) -> None:
        """The consumer closed the body; after its end this means nothing."""
        self._finish("close", None)

    def fail(self, fault: BaseException) -> None:
        """The attempt ended in an exception."""
        self._finish("fail", fault)

    def _settle(self) -> None:
        """
        Read from the times of the chunks when the last came and which were pulled late.

        A consumer that was busy for long and then got its piece at once was late: the bytes had
        been waiting for it, and their stamp tells when they were read, not when they came.
        """
        before_ns = self._read_ns
        for asked_ns, at_ns, _ in self.chunks:
            away_ns = asked_ns - before_ns
            if before_ns and away_ns > _BUSY_NS and (at_ns - asked_ns) * _AT_ONCE_PART < away_ns:
                self.slow_pulls += 1
            before_ns = at_ns
        self._read_ns = before_ns

    def _finish(self, ending: str, fault: BaseException | None) -> None:
        if self.ending:
            return
        self.ending = ending
        self.fault = fault
        now_ns = _now_ns()
        self._settle()
        # A body ends with its last byte, whenever its consumer closes it.
        self.ended_ns = now_ns if fault is not None or not self._read_ns else self._read_ns
        # Observing must never break the call that is observed; without a sample the budget of
        # the test says that no call was seen.
        with suppress(Exception):
            self.on_end(self)
