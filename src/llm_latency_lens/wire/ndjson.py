"""JSON lines (NDJSON): one value a line, each line a frame."""

from llm_latency_lens.wire.frame import MAX_STREAM_LINES, Frame
from llm_latency_lens.wire.holding import MAX_FRAME_BYTES, Held

__all__ = ["NdjsonFraming"]


class NdjsonFraming:
    """
    Lines, without those that are blank. A line longer than *limit*, even squeezed, is dropped.

    Attributes:
        comments: None; there is nothing of the kind.
        is_spent: MAX_STREAM_LINES were read; the rest of the body is not.
        oversized: Lines that were dropped.
    """

    __slots__ = ("_at_ns", "_limit", "_line", "_lines", "comments", "is_spent", "oversized")

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self.comments = 0
        self.oversized = 0
        self.is_spent = False
        self._limit = limit
        self._at_ns = 0
        self._lines = 0
        # The line that has not ended.
        self._line = Held(limit, 0)

    def feed(self, chunk: bytes, at_ns: int) -> list[Frame]:
        """Take the next *chunk*, which arrived at *at_ns*; return the lines that it completes."""
        frames: list[Frame] = []
        if not chunk:
            return frames
        self._at_ns = at_ns
        # No line of a part is above the limit, so that each of those passes through what holds.
        for at in range(0, len(chunk), self._limit):
            self._take(chunk[at : at + self._limit], frames, at_ns)
        return frames

    def flush(self) -> list[Frame]:
        """Return the line that the end of the body left open, timed by the last chunk."""
        return self.feed(b"\n", self._at_ns)

    def _take(self, part: bytes, frames: list[Frame], at_ns: int) -> None:
        lines = part.split(b"\n")
        tail = lines.pop()
        self._lines += len(lines)
        self.is_spent = self._lines > MAX_STREAM_LINES
        if self.is_spent:
            return
        if lines and (self._line or self._line.cut):
            self._line.add(lines[0])
            self.oversized += self._line.cut > 0
            lines[0] = bytes(self._line.take())
        for line in lines:
            data = line.strip()
            if data:
                frames.append(Frame("", data, at_ns))
        if tail:
            self._line.add(tail)
