"""Reading: the stored body of an ended attempt, decompressed and decoded."""

import zlib
from collections.abc import Iterable, Iterator

from llm_latency_lens.capture.watch import MAX_BODY_BYTES, Watch
from llm_latency_lens.errors import DecodeError
from llm_latency_lens.protocols import Answer

__all__ = ["read_answer"]

# zlib's own numbers: 16 + window bits means a gzip header, 32 + means gzip or zlib by header.
_WINDOW_BITS = {
    "gzip": 16 + zlib.MAX_WBITS,
    "x-gzip": 16 + zlib.MAX_WBITS,
    "deflate": 32 + zlib.MAX_WBITS,
}


def read_answer(watch: Watch) -> Answer:
    """
    Return what the protocol reads from the body; its ``note`` says what could not be read.

    Raises:
        DecodeError: Nothing of the body can be read.
    """
    if watch.is_too_long:
        raise DecodeError(f"not decoded: body above {MAX_BODY_BYTES // 2**20} MiB")
    headers = {name.lower(): value for name, value in watch.headers}
    decoder = watch.destination.protocol.decoder(
        content_type=headers.get("content-type", ""), http_status=watch.http_status or 0
    )
    for at_ns, chunk in _decompressed(watch.chunks, headers.get("content-encoding", "")):
        decoder.feed(chunk, at_ns)
    answer: Answer = decoder.finish()
    return answer


def _decompressed(
    chunks: Iterable[tuple[int, bytes]], encoding: str
) -> Iterable[tuple[int, bytes]]:
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return chunks
    if encoding not in _WINDOW_BITS:
        raise DecodeError(f"not decoded: content-encoding {encoding}")
    return _inflated(chunks, _WINDOW_BITS[encoding])


def _inflated(chunks: Iterable[tuple[int, bytes]], window_bits: int) -> Iterator[tuple[int, bytes]]:
    inflate = zlib.decompressobj(window_bits)
    size = 0
    for at_ns, chunk in chunks:
        try:
            data = inflate.decompress(chunk, MAX_BODY_BYTES - size + 1)
        except zlib.error as fault:
            raise DecodeError(f"not decoded: broken compression: {fault}") from fault
        size += len(data)
        if size > MAX_BODY_BYTES:
            raise DecodeError(f"not decoded: body above {MAX_BODY_BYTES // 2**20} MiB")
        yield at_ns, data
