"""Decompression of a stored body, piece by piece, so that each event keeps its own time."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from llm_latency_lens.capture.watch import MAX_BODY_BYTES
from llm_latency_lens.errors import DecodeError

__all__ = ["TOO_LONG", "decompressed"]

TOO_LONG = f"not decoded: body above {MAX_BODY_BYTES // 2**20} MiB"

# 16 + window bits is zlib's way to ask for a gzip header.
_GZIP = 16 + zlib.MAX_WBITS
# Compressed input is fed in slices, so that a small bomb cannot become a large one in one step.
_SLICE_BYTES = 4 * 1024

_Decompress = Callable[[bytes], bytes]


def decompressed(chunks: Iterable[tuple[int, bytes]], encoding: str) -> Iterable[tuple[int, bytes]]:
    """
    Return the chunks, decompressed as the ``content-encoding`` says; times stay.

    Raises:
        DecodeError: The encoding is unknown or broken, or the body is too long.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name not in ("", "identity"):
            chunks = _through(chunks, _decompressor(name), name)
    return chunks


def _through(
    chunks: Iterable[tuple[int, bytes]], decompress: _Decompress, name: str
) -> Iterator[tuple[int, bytes]]:
    size = 0
    for at_ns, chunk in chunks:
        for start in range(0, len(chunk), _SLICE_BYTES):
            try:
                data = decompress(chunk[start : start + _SLICE_BYTES])
            except Exception as fault:
                raise DecodeError(f"not decoded: broken {name}: {type(fault).__name__}") from fault
            size += len(data)
            if size > MAX_BODY_BYTES:
                raise DecodeError(TOO_LONG)
            yield at_ns, data


def _decompressor(name: str) -> _Decompress:
    if name in ("gzip", "x-gzip"):
        return zlib.decompressobj(_GZIP).decompress
    if name == "deflate":
        return _Deflate()
    # The HTTP library asks for these only where one of their packages is installed.
    for module, make in _MAKERS.get(name, ()):
        try:
            return make(import_module(module))
        except ImportError:
            continue
    raise DecodeError(f"not decoded: content-encoding {name}")


_MAKERS: dict[str, tuple[tuple[str, Callable[[Any], _Decompress]], ...]] = {
    "br": (
        ("brotli", lambda library: library.Decompressor().process),
        ("brotlicffi", lambda library: library.Decompressor().decompress),
    ),
    "zstd": (
        ("compression.zstd", lambda library: library.ZstdDecompressor().decompress),
        ("backports.zstd", lambda library: library.ZstdDecompressor().decompress),
        ("zstandard", lambda library: library.ZstdDecompressor().decompressobj().decompress),
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
