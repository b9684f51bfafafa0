"""
Repeats: events that are an earlier one again, but for the text that they bring.

Nearly all of a stream is such events, and to see that one is costs a fraction of reading it.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["LARGEST_REPEATS", "PlainEvent", "Repeat", "learn"]

# Longer chunks are read in parts, longer events are no tokens.
LARGEST_REPEATS = 64 * 1024

# A string without escapes, so that its end is the next quote and no line ends within.
_TEXT = rb'[^"\\\r\n]'
_match_text = re.compile(_TEXT + rb"+").match
_match_padding = re.compile(_TEXT + rb"*").match
_match_digits = re.compile(rb"[0-9]+").match
# What differs from event to event, and says nothing: OpenAI hides the length of tokens, and counts.
_VOLATILE = re.compile(
    rb'(?P<padding>"obfuscation": ?")' + _TEXT + rb'*(?=")'
    rb'|(?P<count>"sequence_number": ?)[0-9]+'
)

_Match = Callable[[bytes, int], re.Match[bytes] | None]


class PlainEvent(NamedTuple):
    """
    An event that did nothing but bring text.

    Attributes:
        key: Under which the text stands in it.
        text: What it brought.
        kind: What that is, as a draft counts it.
        types: Under which types the event was counted.
        choice: Index of the choice that it belongs to.
    """

    key: bytes
    text: str
    kind: int
    types: tuple[str, ...]
    choice: int = 0


class Repeat:
    """
    The events that are a plain event again.

    Attributes:
        plain: The event that they repeat.
    """

    __slots__ = ("_end", "_parts", "plain")

    def __init__(self, plain: PlainEvent, parts: list[tuple[bytes, _Match]], end: bytes) -> None:
        self.plain = plain
        self._parts = parts
        self._end = end

    def read(self, chunk: bytes, texts: list[bytes] | None) -> tuple[int, int]:
        """Return how many repeats *chunk* begins with, and where they end; collect their texts."""
        parts, tail = self._parts, self._end
        text: re.Match[bytes] | None = None
        size = len(chunk)
        number = end = 0
        while end < size:
            position = end
            for literal, match in parts:
                if not chunk.startswith(literal, position):
                    return number, end
                found = match(chunk, position + len(literal))
                if found is None:
                    return number, end
                position = found.end()
                if match is _match_text:
                    text = found
            if not chunk.startswith(tail, position):
                break
            end = position + len(tail)
            number += 1
            if texts is not None and text is not None:
                texts.append(text[0])
        return number, end


def learn(plain: PlainEvent, name: str, data: bytes) -> Repeat | None:
    """
    Return the repeats of an event called *name* with *data*; None where they cannot be told.

    They can where the text stands in the data as it is, under the only key of its name: then
    what is around it decides all the rest.
    """
    if len(data) > LARGEST_REPEATS:
        return None
    key = b'"' + plain.key + b'"'
    head, _, tail = data.partition(key)
    opening = b': "' if tail.startswith(b": ") else b':"'
    text = _match_text(tail, len(opening)) if tail.startswith(opening) else None
    if text is None or key in tail or b"\n" in data:
        return None
    if text[0].decode("utf-8", "replace") != plain.text:
        return None
    first_line = b"event: " + name.encode() + b"\n" if name else b""
    before, lead = _parts(first_line + b"data: " + head)
    after, end = _parts(tail[text.end() :] + b"\n\n")
    return Repeat(plain, [*before, (lead + key + opening, _match_text), *after], end)


def _parts(raw: bytes) -> tuple[list[tuple[bytes, _Match]], bytes]:
    """Return *raw* cut at what is volatile, and what follows the last of it."""
    parts: list[tuple[bytes, _Match]] = []
    start = 0
    for found in _VOLATILE.finditer(raw):
        if found["padding"] is None:
            parts.append((raw[start : found.end("count")], _match_digits))
        else:
            parts.append((raw[start : found.end("padding")], _match_padding))
        start = found.end()
    return parts, raw[start:]
