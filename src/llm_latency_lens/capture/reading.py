"""Reading: the body of an attempt, decompressed and decoded, in one go or in several."""

from collections.abc import Iterable
from typing import Any

from llm_latency_lens.capture.compression import decompression_of
from llm_latency_lens.capture.watch import LARGE_BYTES
from llm_latency_lens.errors import DecodeError
from llm_latency_lens.protocols import Answer, StreamDecoder

__all__ = ["BodyReading"]


class BodyReading:
    """
    One body on its way through decompression and its protocol's decoder. Nothing here raises.

    Args:
        protocol: The wire protocol that the body is read by.
        http_status: Status of the response.
        headers: Headers of the response.
    """

    __slots__ = ("_decoder", "_decompression", "_trouble")

    def __init__(self, protocol: Any, http_status: int, headers: Iterable[tuple[str, str]]) -> None:
        self._trouble = ""
        named = {name.lower(): value for name, value in headers}
        try:
            self._decompression = decompression_of(named.get("content-encoding", ""))
            self._decoder: StreamDecoder = protocol.decoder(
                content_type=named.get("content-type", ""), http_status=http_status
            )
        except Exception as fault:
            self._trouble = _told(fault)

    def take(self, chunks: Iterable[tuple[int, int, bytes]]) -> None:
        """Take the next chunks of the body: when each was asked for, when it came, its bytes."""
        if self._trouble:
            return
        try:
            feed, decompression = self._decoder.feed, self._decompression
            for _, at_ns, chunk in chunks:
                if decompression is None and len(chunk) <= LARGE_BYTES:
                    feed(chunk, at_ns)
                elif decompression is None:
                    # Whoever decompressed it made one piece of it; a decoder copies what it keeps.
                    for start in range(0, len(chunk), LARGE_BYTES):
                        feed(chunk[start : start + LARGE_BYTES], at_ns)
                else:
                    for piece in decompression.feed(chunk):
                        feed(piece, at_ns)
        except Exception as fault:
            self._trouble = _told(fault)

    def outcome(self) -> tuple[Answer | None, str]:
        """Return what the body said, or None and why it could not be read."""
        if not self._trouble:
            try:
                return self._decoder.finish(), ""
            except Exception as fault:
                self._trouble = _told(fault)
        return None, self._trouble


def _told(fault: Exception) -> str:
    if isinstance(fault, DecodeError):
        return str(fault)
    # A fault of ours is told on the sample; its text could quote the answer.
    return f"not decoded: {type(fault).__name__}"
