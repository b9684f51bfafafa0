"""
Replays: a recorded body, cut into the pieces that are sent one after the other.

The file is read with the script, so that no request waits for the disk.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.delays import Constant, Delay, read_delay

__all__ = ["Replay", "read_replay"]

_WORDS = ("path", "content_type", "status", "delays", "headers", "chunk_bytes")
_SSE_EVENT = re.compile(rb".*?(?:\r\n\r\n|\n\n|\r\r|\Z)", re.DOTALL)
_LINE = re.compile(rb".*?(?:\n|\Z)", re.DOTALL)
_SSE = "text/event-stream"
_SPLITS = {
    _SSE: _SSE_EVENT,
    "application/x-ndjson": _LINE,
    "application/ndjson": _LINE,
    "application/stream+json": _LINE,
}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[!-~\x80-\xff]([ \t!-~\x80-\xff]*[!-~\x80-\xff])?|")
# What the simulator says itself, of the body as it sends it.
_OWN_HEADERS = {"content-type", "content-length", "transfer-encoding", "connection", "date"}
_AT_ONCE = Constant(0)
_BODILESS = {204, 205, 304}
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """
    A recorded answer: events, lines or chunks with their delays.

    ``delays`` counts from the request to the first piece and then from piece to piece.
    Where no headers are given those of the API are sent; the request id is always a new one.
    A body without a known split, such as plain JSON, is one piece, unless cut by
    ``chunk_bytes``.
    """

    path: Path
    pieces: tuple[bytes, ...]
    content_type: str = _SSE
    status: int = _OK
    delays: Delay = _AT_ONCE
    headers: tuple[tuple[str, str], ...] = ()


def read_replay(word: str, value: object) -> Replay:
    """
    Return the replay that the mapping *value* spells, its body read from the file.

    Raises:
        ConfigurationError: A field is unknown or wrong, or the file cannot be read.
    """
    if not isinstance(value, Mapping) or "path" not in value or not value.keys() <= set(_WORDS):
        raise ConfigurationError(
            f'{word}={value!r}: {{"path": "recorded.sse", "delays": 5}} is expected, '
            f"with any of {', '.join(_WORDS)}"
        )
    path = _read_path(f"{word}.path", value["path"])
    content_type = _read_type(f"{word}.content_type", value.get("content_type", _SSE))
    chunk_bytes = value.get("chunk_bytes")
    if chunk_bytes is not None and (type(chunk_bytes) is not int or chunk_bytes < 1):
        raise ConfigurationError(f"{word}.chunk_bytes={chunk_bytes!r}: 1 or more is expected")
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{word}.path={str(path)!r}: {error.strerror}") from error
    return Replay(
        path=path,
        pieces=tuple(_pieces(body, content_type, chunk_bytes)),
        content_type=content_type,
        status=_read_status(f"{word}.status", value.get("status", _OK)),
        delays=read_delay(f"{word}.delays", value.get("delays", 0)),
        headers=_read_headers(f"{word}.headers", value.get("headers", ())),
    )


def _pieces(body: bytes, content_type: str, chunk_bytes: int | None) -> list[bytes]:
    if chunk_bytes:
        return [body[start : start + chunk_bytes] for start in range(0, len(body), chunk_bytes)]
    split = _SPLITS.get(content_type.partition(";")[0].strip().lower())
    pieces = split.findall(body) if split else [body]
    return [piece for piece in pieces if piece]


def _read_path(word: str, value: object) -> Path:
    if value and isinstance(value, str | Path):
        return Path(value).absolute()
    raise ConfigurationError(f"{word}={value!r}: the path of a file is expected")


def _read_type(word: str, value: object) -> str:
    if value and isinstance(value, str) and _HEADER_VALUE.fullmatch(value):
        return value
    raise ConfigurationError(f"{word}={value!r}: a media type is expected")


def _read_status(word: str, value: object) -> int:
    if type(value) is int and 200 <= value <= 599 and value not in _BODILESS:  # noqa: PLR2004 - HTTP
        return value
    raise ConfigurationError(
        f"{word}={value!r}: a status from 200 to 599 that has a body is expected"
    )


def _read_headers(word: str, value: Any) -> tuple[tuple[str, str], ...]:
    listed = list(value.items()) if isinstance(value, Mapping) else value
    read: list[tuple[str, str]] = []
    for pair in listed if isinstance(listed, list | tuple) else [None]:
        match pair:
            case [str(name), str(said)] if _HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(
                said
            ):
                read.append((name.lower(), said))
            case _:
                raise ConfigurationError(
                    f'{word}={value!r}: {{"name": "value"}} or a list of pairs is expected'
                )
    return tuple(pair for pair in read if pair[0] not in _OWN_HEADERS)
