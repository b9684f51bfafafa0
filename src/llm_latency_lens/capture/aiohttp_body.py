"""
Bodies that aiohttp receives, stamped when they arrive and not when their consumer pulls them.

The reader of a body is created inside aiohttp's parser, so it is made to be watched afterwards: it
gets another class, and its timer, which aiohttp enters for each wait of the consumer, another
timer around it, which carries what is noted. At the end of the body it is what it was.
"""

from functools import cache
from typing import Any

from llm_latency_lens.capture.layers import Passage
from llm_latency_lens.capture.watch import BUSY_NS, LARGE_BYTES, STOCK_CHUNKS, now_ns

__all__ = ["Waits", "watch_body"]


class Waits:
    """
    The timer of a reader, with what its consumer waits for and what went wrong meanwhile.

    Attributes:
        is_over: The body was received to its last byte, or broke; the watch has been told.
        fault: What the last wait of the consumer ended in.
    """

    __slots__ = (
        "asked_ns",
        "fault",
        "is_over",
        "is_waiting",
        "last_ns",
        "passing",
        "paused_ns",
        "stock_at",
        "timer",
        "watch",
    )

    def __init__(self, timer: Any, passing: Passage) -> None:
        self.timer = timer
        self.passing = passing
        self.watch = passing.watch
        self.stock_at = STOCK_CHUNKS
        self.is_over = False
        self.is_waiting = False
        self.fault: BaseException | None = None
        self.asked_ns = self.last_ns = now_ns()
        self.paused_ns = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.timer, name)

    def __enter__(self) -> Any:
        entered = self.timer.__enter__()
        self.asked_ns, self.is_waiting = now_ns(), True
        return entered

    def __exit__(self, *raised: object) -> Any:
        self.is_waiting = False
        try:
            is_swallowed = self.timer.__exit__(*raised)
        except BaseException as told:
            self.fault = told  # a time that ran out, made of the cancellation that told it
            raise
        # A consumer may give up one wait and come back with another.
        self.fault = raised[1] if isinstance(raised[1], BaseException) else None
        return is_swallowed

    def take(self, data: bytes) -> None:
        """Stamp the next piece of the body."""
        at_ns = now_ns()
        if self.paused_ns:
            # Too much was left unread, so what came next was left in the kernel.
            if at_ns - self.paused_ns > BUSY_NS:
                self.watch.slow_pulls += 1
            self.paused_ns = 0
        chunks = self.watch.chunks
        # While nobody waits, the consumer is away and the bytes come in all the same.
        chunks.append((self.asked_ns if self.is_waiting else self.last_ns, at_ns, data))
        self.last_ns = at_ns
        # What aiohttp decompresses may come in one piece, however long it is.
        if len(chunks) >= self.stock_at or len(data) > LARGE_BYTES:
            self.stock_at = self.watch.take_stock()


def watch_body(reader: Any, passing: Passage, reader_class: type) -> Waits:
    """Watch what a *reader* that still receives will be fed; *reader_class* is aiohttp's own."""
    waits = Waits(reader._timer, passing)  # noqa: SLF001 - as the module tells
    reader.__class__ = _watched_reader(reader_class)
    reader._timer = waits  # noqa: SLF001 - as above
    return waits


@cache
def _watched_reader(reader_class: Any) -> Any:
    """Return the class of readers that are watched; it has no room of its own."""

    class WatchedReader(reader_class):  # type: ignore[misc]
        __slots__ = ()

        def feed_data(self, data: bytes, *given: Any, **named: Any) -> Any:
            waits = self._timer
            try:
                waits.take(data)
            except Exception as fault:
                waits.watch.fail(fault)
            returned = reader_class.feed_data(self, data, *given, **named)
            if getattr(self._protocol, "_reading_paused", False):
                waits.paused_ns = waits.last_ns
            return returned

        def feed_eof(self) -> None:
            waits = _unwatch(self, reader_class)
            try:
                reader_class.feed_eof(self)
            finally:
                if not waits.passing.ends_above:
                    waits.watch.end()

        def set_exception(self, exc: BaseException, *given: Any, **named: Any) -> None:
            # This very class is how a response says to its reader that it has been closed.
            if type(exc).__name__ != "ClientConnectionError":
                waits = _unwatch(self, reader_class)
                if not waits.passing.ends_above:
                    waits.watch.fail(exc)
            reader_class.set_exception(self, exc, *given, **named)

    return WatchedReader


def _unwatch(reader: Any, reader_class: type) -> Waits:
    waits: Waits = reader._timer  # noqa: SLF001 - as the module tells
    waits.is_over = True
    reader._timer = waits.timer  # noqa: SLF001 - as above
    reader.__class__ = reader_class
    return waits
