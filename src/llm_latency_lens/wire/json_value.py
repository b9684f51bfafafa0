"""
JSON values out of text that a server made up: as much of them as the memory bears.

A few bytes can stand for a tree of a hundred times their size, or for one so deep that reading
it overflows the stack of the interpreter. So whatever is longer than an ordinary event is looked
through before it is read.
"""

import json
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.wire.holding import MAX_FRAME_BYTES, Held, squeezed

__all__ = ["MAX_DEPTH", "JsonBody", "begin_body", "parse_json"]

# Requests and answers with schemas of tools in them come to some twenty.
MAX_DEPTH = 256

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
# What is no longer than this can neither be deep nor become large.
_SHORT = 1024
# Nor can this become large, at what the costliest character takes with its text.
_SMALL = 12 * 1024
# Text and values together; the frame itself stands beside them.
_MAX_VALUE_BYTES = 3 * 2**20
# What CPython takes at most for each character outside strings and for each string, rounded up.
_VALUE_BYTES = ((b"{", 224), (b"[", 112), (b",", 48), (b":", 56))
_STRING_BYTES = 64
_STEP = 16 * 1024
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_LEVELS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_LONGEST_CHARACTER = bytes(range(0xF0, 0x100))

# Lax about control characters inside strings: some servers forget to escape them. The scanner
# itself, since what json.loads puts around it costs twice as much for the event of one token.
_scan = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]


def parse_json(data: bytes | bytearray) -> Any:
    """
    Return the one JSON value that *data* holds, spaces around it allowed.

    Raises:
        DecodeError: It is no JSON, nested too deeply, or of too many values.
    """
    if len(data) > _SHORT and not _is_harmless(data):
        data = _bounded(data)
    text = data.decode("utf-8", "replace").strip()
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


class JsonBody:
    """A body that is one JSON value, collected until it is whole."""

    __slots__ = ("_body", "_limit")

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self._limit = limit
        self._body = Held(limit, 0)

    def feed(self, chunk: bytes) -> None:
        """Take the next *chunk*."""
        self._body.add(chunk)

    def value(self) -> Any:
        """
        Return the value, and forget the body: what it held would only stand beside the value.

        Raises:
            DecodeError: The body is too long, or is no JSON that can be read: cut short, perhaps.
        """
        if self._body.cut:
            raise DecodeError(f"not decoded: body above {self._limit} bytes")
        body = self._body.take()
        if body.startswith(_BOM):
            del body[: len(_BOM)]
        return parse_json(body)


def _is_harmless(data: bytes | bytearray) -> bool:
    """Whether nothing needs to be looked through, as with nearly every answer."""
    return len(data) <= _SMALL and data.count(b"{") + data.count(b"[") <= MAX_DEPTH


def _bounded(data: bytes | bytearray) -> bytes | bytearray:
    """Return *data*, squeezed where that is needed to read it."""
    if _cost(data) > _MAX_VALUE_BYTES:
        data = squeezed(data)
        if _cost(data) > _MAX_VALUE_BYTES:
            raise DecodeError("not decoded: JSON of too many values")
    return data


def _cost(data: bytes | bytearray) -> int:
    """
    Return how many bytes the text of *data* and its values take; above the limit, any number.

    Raises:
        DecodeError: It is nested too deeply.
    """
    # The widest character of a text decides what all of them take.
    width = 1 if data.isascii() else 2
    if width > 1 and len(data.translate(None, _LONGEST_CHARACTER)) < len(data):
        width = 4
    # An escape widens the values, but not the text.
    cost = (width + (4 if b"\\u" in data else width)) * len(data)
    level = 0
    for strings, outside in _outside_strings(data):
        cost += strings * _STRING_BYTES
        cost += sum(outside.count(mark) * size for mark, size in _VALUE_BYTES)
        if cost > _MAX_VALUE_BYTES:
            break
        brackets = outside.translate(None, _NO_BRACKETS)
        levels = [*accumulate(map(_LEVELS.__getitem__, brackets), initial=level)]
        level = levels[-1]
        if max(levels) > MAX_DEPTH:
            raise DecodeError(f"not decoded: JSON of more than {MAX_DEPTH} levels")
    return cost


def _outside_strings(data: bytes | bytearray) -> Iterator[tuple[int, bytes]]:
    """Yield, step by step, how many strings began or ended and what stands around them."""
    rest = b""
    is_inside = False
    for at in range(0, len(data), _STEP):
        step = rest + data[at : at + _STEP]
        step = step.replace(b"\\\\", b"").replace(b'\\"', b"")
        # An escape that is cut in two ends in the next step.
        rest = b"\\" if step.endswith(b"\\") else b""
        parts = step.removesuffix(b"\\").split(b'"')
        yield len(parts) // 2, b"".join(parts[is_inside::2])
        is_inside ^= len(parts) % 2 == 0
