"""Server-sent events, by the WHATWG specification: lines to events."""

from llm_latency_lens.wire.frame import MAX_STREAM_LINES, Frame
from llm_latency_lens.wire.holding import MAX_FRAME_BYTES, Held

__all__ = ["SseFraming"]

_BOM = b"\xef\xbb\xbf"
_DATA = b"data: "
_LF = 10
# What is kept of a line that is too long, and of an event's name.
_KEPT_BYTES = 256
# Lines of one event: each costs memory of its own, however short it is.
_MAX_EVENT_LINES = 16_384


class SseFraming:
    """
    Server-sent events; all three line ends, byte order mark.

    Two deviations, both for the better view of a failing call: an event that the end of the
    body cut short is handed out by :meth:`flush`, and llama.cpp's ``error:`` field counts as
    data of an event named *error*. An event longer than *limit*, even without its base64, or of
    more than 16 384 lines, is dropped and counted.

    Attributes:
        comments: Comment lines so far; servers send them as a sign of life.
        is_idle: Nothing is held: the next chunk begins a line and an event.
        is_spent: MAX_STREAM_LINES were read one by one; the rest of the body is not read.
        oversized: Events that were dropped.
    """

    __slots__ = (
        "_after_cr",
        "_at_ns",
        "_data",
        "_fresh",
        "_limit",
        "_line",
        "_lines",
        "_name",
        "_size",
        "comments",
        "is_idle",
        "is_spent",
        "oversized",
    )

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self.comments = 0
        self.oversized = 0
        self._limit = limit
        self._fresh = True
        self._after_cr = False
        self.is_idle = False
        self.is_spent = False
        self._at_ns = 0
        self._lines = 0
        # The line that has not ended.
        self._line = Held(max(limit, 2 * _KEPT_BYTES), _KEPT_BYTES)
        # The event that has not ended.
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes, at_ns: int) -> list[Frame]:
        """Take the next *chunk*, which arrived at *at_ns*; return the events that it completes."""
        events: list[Frame] = []
        if not chunk:
            return events
        self._at_ns = at_ns
        # A whole event of one data line, as most of a stream of tokens is.
        if (
            self.is_idle
            and len(chunk) <= self._limit
            and chunk[:6] == _DATA
            and chunk.find(b"\n") == len(chunk) - 2
            and chunk[-1] == _LF
            and b"\r" not in chunk
        ):
            events.append(Frame("", chunk[6:-2], at_ns))
            return events
        if self._after_cr or b"\r" in chunk:
            chunk = self._with_line_feeds(chunk)
        # No line of a part is above the limit, so that each of those passes through what holds.
        for at in range(0, len(chunk), self._limit):
            self._take(chunk[at : at + self._limit], events, at_ns)
        self.is_idle = not (
            self._line or self._data or self._name or self._after_cr or self.is_spent
        )
        return events

    def flush(self) -> list[Frame]:
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

    def _take(self, part: bytes, events: list[Frame], at_ns: int) -> None:
        if self.is_spent:
            return
        lines = part.split(b"\n")
        tail = lines.pop()
        if lines:
            if self._line:
                self._line.add(lines.pop(0))
                self._end_line(events, at_ns)
            elif self._fresh:
                lines[0] = lines[0].removeprefix(_BOM)
            self._fresh = False
            self._read_lines(lines, events, at_ns)
        if tail:
            self._line.add(tail)

    def _end_line(self, events: list[Frame], at_ns: int) -> None:
        """Read the line that came in several parts."""
        self._lines += 1
        cut = self._line.cut
        line = self._line.take()
        if self._fresh and line.startswith(_BOM):
            del line[: len(_BOM)]
        if line.startswith(_DATA):
            self._size += len(line) + cut
            # A long line is copied once.
            self._data.append(bytes(memoryview(line)[len(_DATA) :]))
            return
        before = self._size
        self._read_lines([bytes(line)], events, at_ns)
        if cut and self._size > before:
            self._size += cut

    def _read_lines(self, lines: list[bytes], events: list[Frame], at_ns: int) -> None:
        self._lines += len(lines)
        self.is_spent = self._lines > MAX_STREAM_LINES
        for line in lines:
            if line[:6] == _DATA:
                self._size += len(line)
                self._data.append(line[6:])
            elif line:
                self._take_field(line)
            elif self._data:
                self._end_event(events, at_ns)
            else:
                self._name = ""
        if self._size > self._limit or len(self._data) > _MAX_EVENT_LINES:
            self._data[:] = [b""]
            self._size = self._limit + 1

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

    def _end_event(self, events: list[Frame], at_ns: int) -> None:
        if self._size <= self._limit and len(self._data) <= _MAX_EVENT_LINES:
            events.append(Frame(self._name, b"\n".join(self._data), at_ns))
        else:
            self.oversized += 1
        self._data.clear()
        self._size = 0
        self._name = ""
