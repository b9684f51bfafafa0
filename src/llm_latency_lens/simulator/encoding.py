"""Content encodings: bodies compressed, in one go or as they go out."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Literal

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.pacing import Part

__all__ = ["Encoding", "compressed", "flushed", "read_encoding"]

Encoding = Literal["gzip", "deflate"]

# zlib's window and, by 16 more, the header of gzip. HTTP's deflate has the header of zlib.
_WINDOWS: dict[Encoding, int] = {"gzip": 31, "deflate": 15}


def read_encoding(word: str, value: object) -> Encoding:
    """
    Return the encoding that *value* names.

    Raises:
        ConfigurationError: It is neither gzip nor deflate.
    """
    for encoding in _WINDOWS:
        if value == encoding:
            return encoding
    raise ConfigurationError(f'{word}={value!r}: "gzip" or "deflate" is expected')


def compressed(payload: bytes, encoding: Encoding) -> bytes:
    """Return *payload* compressed in one go."""
    press = zlib.compressobj(wbits=_WINDOWS[encoding])
    return press.compress(payload) + press.flush()


def flushed(parts: Iterable[Part], encoding: Encoding, *, is_whole: bool) -> Iterator[Part]:
    """
    Yield *parts* compressed, each so that it can be read as soon as it has come.

    Parts that are not the whole lack the end of the compressed data.
    """
    press = zlib.compressobj(wbits=_WINDOWS[encoding])
    due_ns = 0
    for part in parts:
        due_ns = part.due_ns
        if part.payload:
            payload = press.compress(part.payload) + press.flush(zlib.Z_SYNC_FLUSH)
            yield part._replace(payload=payload)
        else:
            yield part
    if is_whole:
        yield Part(due_ns, "", 0, press.flush())
