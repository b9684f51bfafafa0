"""
The watch on one HTTP exchange: stamps and bytes, while they flow.

Nothing here reads JSON, takes a lock or logs: stamp, append, go on.
"""

from collections.abc import Callable
from typing import Any

from llm_latency_lens.clock import SystemClock

__all__ = ["MAX_BODY_BYTES", "Watch", "now_ns"]

# Far above any answer of a model, far below what would hurt the process under test.
MAX_BODY_BYTES = 8 * 1024 * 1024

# A read that waited took a turn of the event loop or a system call that blocked, well above
# this; a consumer that only keeps the text of an event is back well below the other.
_AT_ONCE_NS = 200_000
_BUSY_NS = 10_000_000

now_ns = _now_ns = SystemClock.now_ns


class Watch:
    """
    One attempt under observation.

    The owner of the connection calls ``trace`` and ``chunk``; exactly one of the endings
    (``end``, ``close`` or ``fail``) reports it to *on_end*, once.

    Attributes:
        ending: ``end`` for a body read to its last byte, ``close`` for one that its consumer
            closed, ``fail`` for an exception; empty while it goes on.
        fault: The exception of a failed attempt.
        traced: The HTTP library told of the network; nothing that stands in for it does.
        slow_pulls: How often the consumer came late for bytes that had already arrived.
    """

    __slots__ = (
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
        "is_too_long",
        "on_end",
        "place",
        "request",
        "sent_ns",
        "size",
        "slow_pulls",
        "started_ns",
        "traced",
        "wall_ns",
    )

    def __init__(self, request: Any, destination: Any, place: Any, on_end: Any) -> None:
        self.request = request
        self.destination = destination
        self.place = place
        self.on_end: Callable[[Watch], None] = on_end
        self.inner_trace: Any = None
        self.chunks: list[tuple[int, bytes]] = []
        self.size = 0
        self.is_too_long = False
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
        if event.endswith("send_request_body.complete"):
            self.sent_ns = _now_ns()
        elif event.endswith("receive_response_headers.complete"):
            self.headers_ns = _now_ns()
        elif event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.connected_ns = _now_ns()
        elif event == "connection.connect_tcp.started":
            self.connect_started_ns = _now_ns()

    def answered(self, http_status: int, headers: tuple[tuple[str, str], ...]) -> None:
        """Take the status line and headers."""
        self.http_status = http_status
        self.headers = headers
        if self.headers_ns is None:
            self.headers_ns = _now_ns()

    def chunk(self, data: bytes, asked_ns: int) -> None:
        """
        Take a piece of the body as it came off the connection.

        A consumer that was busy for long and then got its piece at once was late: the bytes had
        been waiting for it, and their stamp tells when they were read, not when they came.
        """
        now = _now_ns()
        if self.chunks and now - asked_ns < _AT_ONCE_NS < _BUSY_NS < asked_ns - self.ended_ns:
            self.slow_pulls += 1
        self.ended_ns = now
        self.size += len(data)
        if self.size <= MAX_BODY_BYTES:
            self.chunks.append((now, data))
        else:
            self.is_too_long = True

    def end(self) -> None:
        """The body was read to its last byte."""
        self._finish("end", None)

    def close(self) -> None:
        """The consumer closed the body; after its end this means nothing."""
        self._finish("close", None)

    def fail(self, fault: BaseException) -> None:
        """The attempt ended in an exception."""
        self.ended_ns = _now_ns()
        self._finish("fail", fault)

    def _finish(self, ending: str, fault: BaseException | None) -> None:
        if self.ending:
            return
        self.ending = ending
        self.fault = fault
        if not self.ended_ns:
            self.ended_ns = _now_ns()
        try:
            self.on_end(self)
        except Exception:
            # Observing must never break the call that is observed; without a sample the
            # budget of the test says that no call was seen.
            return
