"""
Framing: a response body, as it arrives in chunks, to events or to one JSON value.

Sans I/O. Nothing here knows a provider. A frame's time is the arrival of its last byte: the
chunk that completed it. How a body is cut into chunks never changes what comes out of it,
only the times.
"""

import json
from typing import Any, NamedTuple

from llm_latency_lens.errors import DecodeError

__all__ = ["MAX_FRAME_BYTES", "JsonBody", "SseEvent", "SseFraming", "begin_body", "parse_json"]

# Above the largest answer with an inline image that we know of. What is longer is dropped: an
# observer must not be what fills the memory.
MAX_FRAME_BYTES = 5 * 2**20

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_LF = 10
# What is kept of a line that is too long, and of an event's name.
_KEPT_BYTES = 256
# Lines of one event: each costs memory of its own, however short it is.
_MAX_LINES = 16_384

# Lax about control characters inside strings: some servers forget to escape them. The scanner
# itself, since what json.loads puts around it costs twice as much for the event of one token.
_scan = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]


def parse_json(data: bytes) -> Any:
    """
    Return the one JSON value that *data* holds, spaces around it allowed.

    Raises:
        DecodeError: It is no JSON, or nested too deeply.
    """
    return _parse(data.decode("utf-8", "replace"))


def _parse(text: str) -> Any:
    text = text.strip()
    try:
        value, end = _scan(text, 0)
    except (StopIteration, ValueError, RecursionError) as fault:
        raise DecodeError("not decoded: no JSON") from fault
    if end != len(text):
        raise DecodeError("not decoded: more than one JSON value")
    return value


def begin_body(head: bytes) -> tuple[bytes, bool | None]:
    """
    Return the beginning of a body without blanks and byte order mark, and whether it is JSON.

    None means that *head* is too short to tell: what is returned is to be put before the next
    chunk. Content types lie in both directions: plain JSON errors come as
    ``text/event-stream``, streams as ``application/json``. But no line of an event stream
    begins with a bracket.
    """
    text = head.lstrip(_BLANK)
    if text.startswith(_BOM):
        text = text.removeprefix(_BOM).lstrip(_BLANK) or _BOM
    if len(text) <= len(_BOM) and _BOM.startswith(text):
        return text, None
    return text, text[:1] in b"{["


class SseEvent(NamedTuple):
    """
    One event that carries data.

    A tuple, since one is made per token and a frozen dataclass costs more to make.

    Attributes:
        name: Its ``event`` field; empty without one.
        data: Its ``data`` lines, joined by line feeds.
        at_ns: Arrival of its last byte.
    """

    name: str
    data: bytes
    at_ns: int


class SseFraming:
    """
    Server-sent events, by the WHATWG specification; all three line ends, byte order mark.

    Two deviations, both for the better view of a failing call: an event that the end of the
    body cut short is handed out by :meth:`flush`, and llama.cpp's ``error:`` field counts as
    data of an event named *error*. An event longer than *limit*, or of more than 16 384 lines, is
    dropped and counted.

    Attributes:
        comments: Comment lines so far; servers send them as a sign of life.
        is_idle: Nothing is held: the next chunk begins a line and an event.
        oversized: Events that were dropped.
    """

    __slots__ = (
        "_after_cr",
        "_at_ns",
        "_cut",
        "_data",
        "_fresh",
        "_limit",
        "_line",
        "_name",
        "_size",
        "comments",
        "is_idle",
        "oversized",
    )

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self.comments = 0
        self.oversized = 0
        self._limit = limit
        self._fresh = True
        self._after_cr = False
        self.is_idle = False
        self._at_ns = 0
        # The line that has not ended, and how much of it was cut off.
        self._line = bytearray()
        self._cut = 0
        # The event that has not ended.
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes, at_ns: int) -> list[SseEvent]:
        """Take the next *chunk*, which arrived at *at_ns*; return the events that it completes."""
        events: list[SseEvent] = []
        if not chunk:
            return events
        self._at_ns = at_ns
        # A whole event of one data line, as most of a stream of tokens is.
        if (
            self.is_idle
            and len(chunk) <= self._limit
            and chunk[:6] == b"data: "
            and chunk.find(b"\n") == len(chunk) - 2
            and chunk[-1] == _LF
            and b"\r" not in chunk
        ):
            events.append(SseEvent("", chunk[6:-2], at_ns))
            return events
        if self._after_cr or b"\r" in chunk:
            chunk = self._with_line_feeds(chunk)
        lines = chunk.split(b"\n")
        tail = lines.pop()
        if lines:
            self._end_line(lines)
            self._read_lines(lines, events, at_ns)
        if tail:
            self._hold(tail)
        self.is_idle = not (tail or self._line or self._data or self._name or self._after_cr)
        return events

    def _read_lines(self, lines: list[bytes], events: list[SseEvent], at_ns: int) -> None:
        for line in lines:
            if line[:6] == b"data: ":
                self._size += len(line)
                self._data.append(line[6:])
            elif line:
                self._take_field(line)
            elif self._data:
                self._end_event(events, at_ns)
            else:
                self._name = ""
        if self._size > self._limit or len(self._data) > _MAX_LINES:
            self._data[:] = [b""]
            self._size = self._limit + 1

    def flush(self) -> list[SseEvent]:
        """Return the event that the end of the body left open, timed by the last chunk."""
        events = self.feed(b"\n\n", self._at_ns)
        self._after_cr = False
        return events

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        # A CR ends its line at once: waiting for a LF would date the event by the next chunk.
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]
        self._after_cr = chunk[-1:] == b"\r"
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _hold(self, part: bytes) -> None:
        line = self._line
        line += part
        if len(line) > self._limit:
            # Not cut in place, which would keep the memory.
            self._line = line[:_KEPT_BYTES]
            self._cut += len(line) - len(self._line)

    def _end_line(self, lines: list[bytes]) -> None:
        if self._line:
            self._line += lines[0]
            lines[0] = bytes(self._line)
            self._line = bytearray()
        if self._fresh:
            self._fresh = False
            lines[0] = lines[0].removeprefix(_BOM)
        if self._cut:
            before = self._size
            self._take_field(lines.pop(0))
            if self._size > before:
                self._size += self._cut
            self._cut = 0

    def _take_field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        if not field:
            self.comments += 1
            return
        value = value.removeprefix(b" ")
        if field == b"data" or (field == b"error" and value[:1] == b"{"):
            self._size += len(line)
            self._data.append(value)
        if field == b"event":
            self._name = value[:_KEPT_BYTES].decode("utf-8", "replace")
        elif field == b"error":
            self._name = "error"

    def _end_event(self, events: list[SseEvent], at_ns: int) -> None:
        if self._size <= self._limit and len(self._data) <= _MAX_LINES:
            events.append(SseEvent(self._name, b"\n".join(self._data), at_ns))
        else:
            self.oversized += 1
        self._data.clear()
        self._size = 0
        self._name = ""


class JsonBody:
    """A body that is one JSON value, collected until it is whole."""

    __slots__ = ("_body", "_is_too_long", "_limit")

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self._limit = limit
        self._body = bytearray()
        self._is_too_long = False

    def feed(self, chunk: bytes) -> None:
        """Take the next *chunk*."""
        if len(self._body) + len(chunk) > self._limit:
            self._is_too_long = True
            self._body = bytearray()
        elif not self._is_too_long:
            self._body += chunk

    def value(self) -> Any:
        """
        Return the value, and forget the body: what it held would only stand beside the value.

        Raises:
            DecodeError: The body is too long, or no JSON: cut short, perhaps.
        """
        if self._is_too_long:
            raise DecodeError(f"not decoded: body above {self._limit} bytes")
        body, self._body = self._body, bytearray()
        text = body.decode("utf-8", "replace").removeprefix("\ufeff")
        del body
        return _parse(text)
