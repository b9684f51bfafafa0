"""
Decompression of a body, piece by piece: each event keeps its own time, and no piece grows large.

A few hundred bytes can stand for gigabytes; what comes out of one step is therefore bounded, by
the library's own limit where it has one and else by small steps.
"""

import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from llm_latency_lens.errors import DecodeError

__all__ = ["MAX_DECOMPRESSED_BYTES", "TOO_LONG", "Decompression", "decompression_of"]

# No answer of a model comes near it, its text with every token's alternatives included.
MAX_DECOMPRESSED_BYTES = 256 * 2**20
TOO_LONG = f"not decoded: body above {MAX_DECOMPRESSED_BYTES // 2**20} MiB"

_PLAIN = ("", "identity")
# 16 + window bits is zlib's way to ask for a gzip header.
_GZIP = 16 + zlib.MAX_WBITS
_STEP_BYTES = 64 * 1024
# At its best zlib squeezes a thousand to one, and zstd a block of 128 KiB into four bytes.
_ZLIB_INPUT_BYTES = 256
_ZSTD_INPUT_BYTES = 32
# What may be looked back upon is held, and the sender says how much that is: up to 16 MiB in
# brotli and 128 MiB in zstd. Servers that compress while they send use 4 MiB at most.
_MAX_WINDOW_LOG = 22
_MAX_WINDOW_BYTES = 2**_MAX_WINDOW_LOG
# Each step has memory of its own, and no server takes more than two.
_MOST_STEPS = 4
_LONGEST_NAME = 64

_Decompress = Callable[[bytes], Iterator[bytes]]


def decompression_of(encoding: str) -> "Decompression | None":
    """
    Return the way back through a body's ``content-encoding``; None where there is none.

    Raises:
        DecodeError: An encoding is unknown, its package is not installed, or there are too many.
    """
    names = [part.strip().lower() for part in encoding.split(",", 16 * _MOST_STEPS)]
    names = [name for name in names if name not in _PLAIN]
    if len(names) > _MOST_STEPS:
        raise DecodeError("not decoded: too many content-encodings")
    steps = [(name, _decompressor(name)) for name in reversed(names)]
    return Decompression(steps) if steps else None


class Decompression:
    """One body on its way back through its encodings, the last one first."""

    __slots__ = ("_size", "_steps")

    def __init__(self, steps: "list[tuple[str, _Decompress]]") -> None:
        self._steps = steps
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """
        Yield what the next *chunk* of the body becomes, in pieces.

        Raises:
            DecodeError: The body is broken, or becomes longer than MAX_DECOMPRESSED_BYTES.
        """
        for piece in self._through(chunk, 0):
            self._size += len(piece)
            if self._size > MAX_DECOMPRESSED_BYTES:
                raise DecodeError(TOO_LONG)
            yield piece

    def _through(self, data: bytes, step: int) -> Iterator[bytes]:
        if step == len(self._steps):
            yield data
            return
        name, decompress = self._steps[step]
        pieces = decompress(data)
        while True:
            try:
                piece = next(pieces, None)
            except DecodeError:
                raise
            except Exception as fault:
                raise DecodeError(f"not decoded: broken {name}: {type(fault).__name__}") from fault
            if piece is None:
                return
            if piece:
                yield from self._through(piece, step + 1)


def _decompressor(name: str) -> _Decompress:
    if name in ("gzip", "x-gzip"):
        return _in_steps(zlib.decompressobj(_GZIP).decompress, _ZLIB_INPUT_BYTES)
    if name == "deflate":
        return _in_steps(_Deflate(), _ZLIB_INPUT_BYTES)
    # The HTTP library asks for these only where one of their packages is installed.
    for module, make in _MAKERS.get(name, ()):
        try:
            return make(import_module(module))
        except ImportError:
            continue
    raise DecodeError(f"not decoded: content-encoding {name[:_LONGEST_NAME]}")


def _in_steps(decompress: Callable[[bytes], bytes], size: int) -> _Decompress:
    def steps(data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), size):
            yield decompress(data[start : start + size])

    return steps


def _brotli(library: Any) -> _Decompress:
    stream = library.Decompressor()
    if not hasattr(stream, "can_accept_more_data"):  # brotli before 1.2
        return _in_steps(stream.process, _ZLIB_INPUT_BYTES)

    room = 0

    def steps(data: bytes) -> Iterator[bytes]:
        nonlocal room
        if not room and data:
            room = _brotli_room(data[0])
        piece = stream.process(data, output_buffer_limit=_STEP_BYTES)
        while piece or not stream.can_accept_more_data():
            room -= len(piece)
            if room <= 0:
                raise DecodeError("not decoded: br with a large window")
            yield piece
            piece = stream.process(b"", output_buffer_limit=_STEP_BYTES)

    return steps


def _brotli_room(first: int) -> int:
    """Return how much may come out of a body with this *first* byte: its window fills up."""
    # RFC 7932, section 9.1: an odd byte names windows from 18 bits on in its next three bits.
    is_large = first & 1 and (first >> 1 & 7) + 17 > _MAX_WINDOW_LOG
    return _MAX_WINDOW_BYTES if is_large else 2 * MAX_DECOMPRESSED_BYTES


def _zstd(library: Any) -> _Decompress:
    most = {library.DecompressionParameter.window_log_max: _MAX_WINDOW_LOG}
    stream = library.ZstdDecompressor(options=most)

    def steps(data: bytes) -> Iterator[bytes]:
        piece = stream.decompress(data, _STEP_BYTES)
        while piece or not (stream.needs_input or stream.eof):
            yield piece
            if stream.eof:
                return
            piece = stream.decompress(b"", _STEP_BYTES)

    return steps


_MAKERS: dict[str, tuple[tuple[str, Callable[[Any], _Decompress]], ...]] = {
    "br": (
        ("brotli", _brotli),
        ("brotlicffi", lambda it: _in_steps(it.Decompressor().decompress, _ZLIB_INPUT_BYTES)),
    ),
    "zstd": (
        ("compression.zstd", _zstd),
        ("backports.zstd", _zstd),
        (
            "zstandard",
            lambda it: _in_steps(
                it.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).decompressobj().decompress,
                _ZSTD_INPUT_BYTES,
            ),
        ),
    ),
}


class _Deflate:
    """``deflate`` means zlib by the standard and a bare stream by some servers' habit."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj()
        self._is_first = True

    def __call__(self, data: bytes) -> bytes:
        try:
            return self._inflate.decompress(data)
        except zlib.error:
            if not self._is_first:
                raise
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._inflate.decompress(data)
        finally:
            self._is_first = False
