"""
Pacing: when each event of an answer is due, and sending it then.

The schedule is absolute: an event that goes out late does not delay the ones after it, so the
error of one wake-up never adds up. Nothing here knows a wire protocol.
"""

from asyncio import AbstractEventLoop, TimerHandle, WriteTransport
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from llm_latency_lens.clock import Clock

__all__ = ["Delivery", "Event", "Part", "Witness", "schedule"]

_MOST_PARTS = 64
_MOST_BYTES = 32_768
_NS_PER_SECOND = 1_000_000_000


class Event(NamedTuple):
    """One event of a stream as its protocol writes it; ``tokens`` is 0 for bookkeeping."""

    kind: str
    tokens: int
    payload: bytes
    is_prelude: bool = False


class Part(NamedTuple):
    """Bytes with the moment they are due; an empty kind is framing and leaves no record."""

    due_ns: int
    kind: str
    tokens: int
    payload: bytes


class Witness(Protocol):
    """Whoever keeps what was sent when."""

    def saw_headers(self, sent_ns: int) -> None:
        """The head of the response was handed to the socket."""
        ...

    def saw_event(self, kind: str, tokens: int, due_ns: int, sent_ns: int) -> None:
        """An event was handed to the socket."""
        ...

    def saw_end(self, ended_ns: int, *, is_complete: bool) -> None:
        """Nothing more is sent: all of it was, the script breaks off, or the client has left."""
        ...


def schedule(
    events: Iterable[Event], start_ns: int, ttft_ns: int, gaps_ns: Iterator[int]
) -> Iterator[Part]:
    """
    Yield every event with the moment it is due.

    The prelude is due at *start_ns*, the first token *ttft_ns* later, every further token event
    one of the gaps after the one before. Bookkeeping goes with the event that it follows.
    """
    due_ns = start_ns
    has_waited = has_token = False
    for event in events:
        if has_token and event.tokens:
            due_ns += next(gaps_ns)
        elif not has_waited and not event.is_prelude:
            # What leads up to the first token; or the end of an answer that has none.
            due_ns += ttft_ns
            has_waited = True
        has_token = has_token or event.tokens > 0
        yield Part(due_ns, event.kind, event.tokens, event.payload)


class Delivery:
    """
    Sends parts at their moments on one transport, the head in front of the first.

    One part is held ready, so that its moment costs one write and the building of a long answer
    is spread over its duration. Parts that are due together share a write. ``on_end`` is called
    once, after the last byte was handed over; not after ``abandon``. Parts that are not
    the whole answer end an incomplete one.
    """

    __slots__ = (
        "_clock",
        "_head",
        "_is_whole",
        "_loop",
        "_next",
        "_on_end",
        "_parts",
        "_timer",
        "_transport",
        "_witness",
    )

    def __init__(
        self,
        *,
        loop: AbstractEventLoop,
        clock: Clock,
        transport: WriteTransport,
        head: bytes,
        parts: Iterator[Part],
        witness: Witness | None,
        on_end: Callable[[], None],
        is_whole: bool = True,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._transport = transport
        self._head = head
        self._parts = parts
        self._witness = witness
        self._on_end = on_end
        self._is_whole = is_whole
        self._next = next(parts, None)
        self._timer: TimerHandle | None = None

    def send_due(self) -> None:
        """Send what is due by now and come back when the next part is."""
        self._timer = None
        due = self._take_due()
        if due:
            self._write(due)
        if self._next is None:
            if self._witness is not None:
                self._witness.saw_end(self._clock.now_ns(), is_complete=self._is_whole)
            self._on_end()
            return
        # In the past where more was due than one turn of the loop may send.
        wait_ns = max(0, self._next.due_ns - self._clock.now_ns())
        self._timer = self._loop.call_later(wait_ns / _NS_PER_SECOND, self.send_due)

    def abandon(self) -> None:
        """Send nothing more: the client has left."""
        if self._timer is not None:
            self._timer.cancel()
        if self._witness is not None:
            self._witness.saw_end(self._clock.now_ns(), is_complete=False)

    def _take_due(self) -> list[Part]:
        now_ns = self._clock.now_ns()
        due: list[Part] = []
        size = 0
        while (part := self._next) is not None and part.due_ns <= now_ns:
            due.append(part)
            size += len(part.payload)
            self._next = next(self._parts, None)
            if len(due) == _MOST_PARTS or size >= _MOST_BYTES:
                break
        return due

    def _write(self, due: list[Part]) -> None:
        payload = due[0].payload if len(due) == 1 else b"".join([part.payload for part in due])
        head, self._head = self._head, b""
        # Stamped before the write: no client can have a byte earlier than its stamp.
        sent_ns = self._clock.now_ns()
        self._transport.write(head + payload)
        if self._witness is None:
            return
        if head:
            self._witness.saw_headers(sent_ns)
        for part in due:
            if part.kind:
                self._witness.saw_event(part.kind, part.tokens, part.due_ns, sent_ns)
