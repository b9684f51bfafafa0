"""
Thinning: JSON without its long texts and without the flat parts of its arrays, as bytes come.

An answer with embeddings has millions of bytes, nearly all of them numbers, and a few dozen that
say what it cost. What is left out here is passed over at the speed of memory and never becomes
a value; what is left is JSON of the same shape.
"""

import re

__all__ = ["LONGEST_TEXT", "Thinning", "thinned"]

# Names and ids are shorter, vectors in base64 are longer.
LONGEST_TEXT = 256
# With the quote that ends it.
_LONGEST_QUOTED = LONGEST_TEXT + 1

_BACKSLASH = ord("\\")
_QUOTE, _CLOSING = b'"', b"]"
_find_mark = re.compile(rb'["\[]').search
_find_end_of_flat = re.compile(rb'["\[\]{]').search
# So far is looked for all marks together. Beyond, each alone is found ten times as fast; but where
# they stand close together, each search would go through the whole chunk again.
_NEAR = 256
_match_string = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL).match


class Thinning:
    """
    One body on its way: what it becomes does not depend on how it was cut.

    A text longer than LONGEST_TEXT bytes becomes an empty one. Of an array nothing is kept that
    stands before its first text, object or array: a vector becomes an empty array.
    """

    __slots__ = ("_is_escaped", "_is_in_array", "_text")

    def __init__(self) -> None:
        self._is_in_array = False
        self._is_escaped = False
        # The text that has not ended.
        self._text: bytearray | None = None

    def feed(self, chunk: bytes) -> bytes:
        """Return what is left of the next *chunk*; a text is given out once it has ended."""
        kept = bytearray()
        at, size = 0, len(chunk)
        while at < size:
            if self._text is not None:
                at = self._read_text(self._text, chunk, at, kept)
            elif self._is_in_array:
                at = self._pass_over(chunk, at)
            else:
                mark = _find_mark(chunk, at)
                end = size if mark is None else mark.start()
                kept += chunk[at:end]
                if mark is not None:
                    end += 1
                    self._open(chunk[end - 1 : end], kept)
                at = end
        return bytes(kept)

    def _open(self, mark: bytes, kept: bytearray) -> None:
        if mark == _QUOTE:
            self._text = bytearray()
        else:
            kept += mark
            self._is_in_array = True

    def _pass_over(self, chunk: bytes, at: int) -> int:
        """Return where the flat part of an array ends, or the end of *chunk*."""
        near = _find_end_of_flat(chunk, at, at + _NEAR)
        if near is not None:
            self._is_in_array = False
            return near.start()
        end = chunk.find(_CLOSING, at)
        is_open = end < 0
        if is_open:
            end = len(chunk)
        for mark in (_QUOTE, b"[", b"{"):
            found = chunk.find(mark, at, end)
            if found >= 0:
                end, is_open = found, False
        self._is_in_array = is_open
        return end

    def _read_text(self, text: bytearray, chunk: bytes, at: int, kept: bytearray) -> int:
        """Read on in a text from *at*; return where it ended, or the end of *chunk*."""
        start = at
        if self._is_escaped:
            self._is_escaped = False
            at += 1
        end = _end_of_text(chunk, at)
        is_closed = False
        if end < len(chunk):
            # Either its quote, or a backslash that the chunk ends with.
            self._is_escaped = chunk[end] == _BACKSLASH
            is_closed = not self._is_escaped
            end += 1
        if len(text) <= _LONGEST_QUOTED:
            # Of one that is too long there is a byte more at least, which tells that it is.
            text += chunk[start : min(end, start + _LONGEST_QUOTED + 1)]
        if is_closed:
            kept += _QUOTE + (text if len(text) <= _LONGEST_QUOTED else _QUOTE)
            self._text = None
        return end


def _end_of_text(chunk: bytes, at: int) -> int:
    """Return where a quote stands, or a backslash that *chunk* ends with; or the end of it."""
    end = chunk.find(_QUOTE, at)
    if end < 0:
        end = len(chunk)
    if chunk.find(b"\\", at, end) < 0:
        # As all of base64; a search is ten times as fast as a match.
        return end
    rest = _match_string(chunk, at)
    assert rest is not None  # it can be empty
    return rest.end()


def thinned(body: bytes) -> bytes:
    """Return a whole body thinned."""
    return Thinning().feed(body)
