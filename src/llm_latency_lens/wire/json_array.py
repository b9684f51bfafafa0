"""One JSON array that is streamed: each of its objects a frame, as soon as it has closed."""

import re

from llm_latency_lens.wire.frame import MAX_STREAM_LINES, Frame
from llm_latency_lens.wire.holding import MAX_FRAME_BYTES, Held

__all__ = ["JsonArrayFraming"]

_QUOTE, _OPENING, _BACKSLASH = ord('"'), b"{[", ord("\\")
_find_mark = re.compile(rb'["{}\[\]]').search
_match_string = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL).match


class JsonArrayFraming:
    """
    The objects of an array; what else it holds is passed over, and so is what follows it.

    Only brackets and strings are told apart: what is inside is looked at by whoever reads it. An
    object longer than *limit*, even squeezed, is dropped and counted.

    Attributes:
        comments: None; there is nothing of the kind.
        is_spent: MAX_STREAM_LINES brackets and strings were read; the rest of the body is not.
        oversized: Objects that were dropped.
    """

    __slots__ = (
        "_depth",
        "_is_escaped",
        "_is_in_string",
        "_limit",
        "_marks",
        "_object",
        "comments",
        "is_spent",
        "oversized",
    )

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self.comments = 0
        self.oversized = 0
        self.is_spent = False
        self._limit = limit
        self._marks = 0
        # Brackets that are open: 1 in the array itself, below zero after its end.
        self._depth = 0
        self._is_in_string = False
        self._is_escaped = False
        # The object that has not closed.
        self._object = Held(limit, 0)

    def feed(self, chunk: bytes, at_ns: int) -> list[Frame]:
        """Take the next *chunk*, which arrived at *at_ns*; return the objects that it completes."""
        frames: list[Frame] = []
        if self.is_spent:
            return frames
        # No object of a part is above the limit, so that each of those passes through what holds.
        for at in range(0, len(chunk), self._limit):
            self._take(chunk[at : at + self._limit], frames, at_ns)
        return frames

    def flush(self) -> list[Frame]:
        """Return nothing: an object that the end of the body left open is none."""
        return []

    def _take(self, part: bytes, frames: list[Frame], at_ns: int) -> None:
        start = at = 0
        size = len(part)
        while at < size and self._depth >= 0:
            if self._is_in_string:
                at = self._end_string(part, at)
                continue
            mark = _find_mark(part, at)
            if mark is None:
                break
            self._marks += 1
            if self._marks > MAX_STREAM_LINES:
                self.is_spent = True
                return
            at = mark.end()
            if part[at - 1] == _QUOTE:
                self._is_in_string = True
            elif part[at - 1] in _OPENING:
                if self._depth == 1:
                    start = at - 1
                self._depth += 1
            else:
                self._close(part[start:at], frames, at_ns)
        if self._depth > 1:
            self._object.add(part[start:])

    def _end_string(self, part: bytes, at: int) -> int:
        """Return where the string that *part* is in goes on after it, or the end of the part."""
        if self._is_escaped:
            self._is_escaped = False
            return at + 1
        rest = _match_string(part, at)
        end = len(part) if rest is None else rest.end()
        if end < len(part):
            # Either its quote, or a backslash that the part ends with.
            self._is_escaped = part[end] == _BACKSLASH
            self._is_in_string = self._is_escaped
            end += 1
        return end

    def _close(self, part: bytes, frames: list[Frame], at_ns: int) -> None:
        """Close one bracket; *part* is the last of the object, if it was the object's."""
        self._depth -= 1
        if not self._depth:
            self._depth = -1
        elif self._depth == 1:
            self._object.add(part)
            if self._object.cut:
                self.oversized += 1
                self._object.take()
            else:
                frames.append(Frame("", bytes(self._object.take()), at_ns))
