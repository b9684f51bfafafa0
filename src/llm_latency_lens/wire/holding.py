"""
Holding: what is kept of a frame while it still comes in, and what is left out of a long one.

A frame with an inline image has millions of bytes and a few hundred that matter. So one that
reaches the limit loses what no protocol reads, and is given up only if it is still long then.
"""

import re

__all__ = ["MAX_FRAME_BYTES", "Held", "squeezed"]

# Above the longest text that a model writes today. Beside the frame there are its text and its
# values, each as large again, and what decompressing holds; together they stay below 8 MB.
MAX_FRAME_BYTES = 5 * 2**17

# Of base64 whole blocks are dropped but for their first bytes, which could end an escape.
_BLOCK = 4096
_BLOCK_HEAD = 8
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_"


def _nested(levels: int) -> bytes:
    """Return a pattern of what can stand in an array with *levels* of arrays inside."""
    flat = rb'[^"\[\]]++|"(?:[^"\\]++|\\.)*+"'
    return flat if not levels else rb"%s|\[(?:%s)*+\]" % (flat, _nested(levels - 1))


# The logarithms of probabilities, with up to 20 alternatives to each token, in OpenAI's two forms;
# or else a string, which is passed over whole, so that no search begins within one. Without that
# and the possessive quantifiers a hostile frame would be gone through again from each quote.
_LOGPROBS = re.compile(
    rb'("(?:top_)?logprobs": ?(?:\{ ?"content": ?)?\[)(?:%s)++(?=\])|"(?:[^"\\]++|\\.)*+"?'
    % _nested(2),
    re.DOTALL,
)


def squeezed(frame: bytes | bytearray) -> bytes | bytearray:
    """Return *frame* without what no protocol reads: blocks of base64, logprobs."""
    kept = bytearray()
    for at in range(0, len(frame), _BLOCK):
        block = frame[at : at + _BLOCK]
        if len(block) == _BLOCK and not block.translate(None, _BASE64):
            block = block[:_BLOCK_HEAD]
        kept += block
    return _without_logprobs(kept) if b'logprobs"' in kept else kept


def _without_logprobs(frame: bytearray) -> bytearray:
    kept = bytearray()
    start = 0
    for found in _LOGPROBS.finditer(frame):
        if found[1] is not None:
            kept += frame[start : found.end(1)]
            start = found.end()
    return kept + frame[start:]


class Held:
    """
    Bytes of one frame, collected until it ends.

    Attributes:
        cut: How many bytes were given up, since the frame was too long even when squeezed.
    """

    __slots__ = ("_bytes", "_kept", "_limit", "cut")

    def __init__(self, limit: int, kept: int) -> None:
        self._limit = limit
        self._kept = kept
        self._bytes = bytearray()
        self.cut = 0

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, part: bytes) -> None:
        """Take the next *part* of the frame."""
        held = self._bytes
        if not self.cut and len(held) + len(part) <= self._limit:
            held += part
        else:
            self._add_to_long(part)

    def take(self) -> bytearray:
        """Return what is held, all or the first of it, and begin a new frame."""
        held, self._bytes, self.cut = self._bytes, bytearray(), 0
        return held

    def _add_to_long(self, part: bytes) -> None:
        # Squeezed whenever it is exactly as long as the limit: so the cuts of the network do
        # not change what is left.
        while part and not self.cut:
            room = self._limit - len(self._bytes)
            if room:
                self._bytes += part[:room]
                part = part[room:]
            else:
                self._squeeze()
        self.cut += len(part)

    def _squeeze(self) -> None:
        kept = squeezed(self._bytes)
        # Less than half is gone: it would be squeezed again and again, for nothing.
        if len(kept) > self._limit // 2:
            self.cut = len(kept) - self._kept
            kept = kept[: self._kept]
        # Made anew, since a buffer that is cut in place keeps its memory.
        self._bytes = bytearray(kept)
