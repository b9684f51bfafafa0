"""
Hostile response bodies by name, and a server in a process of its own that sends them.

A body is asked for by the first part of the path: ``POST /NAME/v1/chat/completions``. Nothing here
leans on an HTTP library, since what is sent is what such a library refuses to send.
"""

import gzip
import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import chain, repeat
from multiprocessing import get_context
from typing import Any

MB = 10**6
_PIECE = 64 * 1024
_SSE = ("content-type", "text/event-stream; charset=utf-8")
_JSON = ("content-type", "application/json")
Pieces = Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Body:
    """
    A hostile body.

    Attributes:
        note: What the sample is to say of it; empty where all of it can be read.
        pieces: Its bytes, as they go to the socket.
        headers: Those of the response.
        client: Who asks for it: ``raw``, ``raw array`` (Gemini) and ``raw lines`` (Ollama) read
            and forget every byte, so that what is left is what the lens holds; so does
            ``aiohttp``, but for what it decompresses; the others are real SDKs, which hold what
            they hold.
    """

    note: str
    pieces: Callable[[], Pieces]
    headers: tuple[tuple[str, str], ...] = (_SSE,)
    client: str = "raw"


def _event(text: str, **more: Any) -> bytes:
    choices = [{"index": 0, "delta": {"content": text}, "finish_reason": None}]
    chunk = {"object": "chat.completion.chunk", "id": "c", "model": "m", "choices": choices, **more}
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


_END = (
    b'data: {"object":"chat.completion.chunk","id":"c","model":"m",'
    b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":65000}}\n\n'
    b"data: [DONE]\n\n"
)
_WORDS = b"hostile words, and more of them; " * 2000


def _many(unit: bytes, size: int) -> Iterator[bytes]:
    """Yield *size* bytes of *unit*, again and again."""
    piece = unit * max(1, _PIECE // len(unit))
    return chain(repeat(piece, size // len(piece)), [unit])


def _line(unit: bytes, size: int) -> Pieces:
    """A stream whose one event has a text of *size* bytes."""
    head, tail = _event("@").split(b"@")
    return chain([_event("a"), head], _many(unit, size), [tail, _END])


def _whole(inner: Pieces) -> Pieces:
    """An answer in one piece whose text is *inner*."""
    head = b'{"object":"chat.completion","id":"c","model":"m","choices":[{"index":0,"message":'
    head += b'{"role":"assistant","content":"'
    tail = b'"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":5}}'
    return chain([head], inner, [tail])


def _extra(inner: Pieces, *, events: int = 1) -> Pieces:
    """A stream with *events* whose member ``x`` is *inner*, between a token and a proper end."""
    head, tail = _event("b", x="@").split(b'"@"')
    block = list(inner)
    return chain(
        [_event("a")], chain.from_iterable([head, *block, tail] for _ in range(events)), [_END]
    )


def _filling(unit: bytes, size: int) -> list[bytes]:
    """An array of *unit*, of *size* bytes."""
    return [b"[" + (unit + b",") * (size // (len(unit) + 1)) + unit + b"]"]


def _keys(size: int, *, same: bool) -> list[bytes]:
    key = '"k":1' if same else '"k{}":1'
    return [b"{" + ",".join(key.format(n) for n in range(size)).encode() + b"}"]


def _gzipped(pieces: Pieces, level: int = 9) -> Pieces:
    squeeze = zlib.compressobj(level, zlib.DEFLATED, 31)
    for piece in pieces:
        yield squeeze.compress(piece)
    yield squeeze.flush()


def _brotli(pieces: Pieces, window: int) -> Pieces:
    brotli = import_module("brotli")

    squeeze = brotli.Compressor(quality=5, lgwin=window)
    for piece in pieces:
        yield squeeze.process(piece)
    yield squeeze.finish()


def _zstd(pieces: Pieces, window: int) -> Pieces:
    zstandard = import_module("zstandard")

    options = zstandard.ZstdCompressionParameters(compression_level=3, window_log=window)
    squeeze = zstandard.ZstdCompressor(compression_params=options).compressobj()
    for piece in pieces:
        yield squeeze.compress(piece)
    yield squeeze.flush()


def _noise(size: int) -> Iterator[bytes]:
    """Yield bytes that do not compress well, so that a window of any size fills up."""
    state = zlib.crc32(b"noise")
    for _ in range(size // 4096):
        block = bytearray()
        for _ in range(1024):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            block += b"%04x" % (state >> 12 & 0xFFFF)
        yield bytes(block)


def _digits(size: int) -> list[bytes]:
    """Return an array of *size* bytes of numbers that do not compress well."""
    return [b"[", *(each.translate(None, b"abcdef") + b"," for each in _noise(size)), b"0]"]


def _as(encoding: str) -> tuple[tuple[str, str], ...]:
    return (_SSE, ("content-encoding", encoding))


def _object(inner: Pieces) -> Pieces:
    """An object of Gemini whose text is *inner*."""
    return chain([b'{"candidates":[{"content":{"parts":[{"text":"'], inner, [b'"}]}}]}'])


def _chat_line(inner: Pieces) -> Pieces:
    """A line of Ollama whose text is *inner*."""
    return chain([b'{"model":"m","message":{"content":"'], inner, [b'"},"done":false}\n'])


_DONE = b'{"model":"m","done":true,"done_reason":"stop"}\n'
_LARGE = "not decoded: body above"
_LOST = "not decoded: 1 of "
_FIT = 650_000  # below the largest frame that is read

BODIES: dict[str, Body] = {
    "plain": Body("", lambda: [_event("a"), _END]),
    "line of 100 MB of words": Body(_LOST, lambda: _line(_WORDS, 100 * MB)),
    "line of 100 MB of base64": Body("", lambda: _line(b"QUJD" * 4096, 100 * MB)),
    "line of 100 MB without a field": Body("not decoded: no event", lambda: _many(b"x", 100 * MB)),
    "line of 100 MB of words, aiohttp": Body(
        _LOST, lambda: _line(_WORDS, 100 * MB), client="aiohttp"
    ),
    "line of 100 MB, openai": Body(_LOST, lambda: _line(_WORDS, 100 * MB), client="openai"),
    "line of 10 MB of base64, openai": Body(
        "", lambda: _line(b"QUJD" * 4096, 10 * MB), client="openai"
    ),
    "line of 10 MB, anthropic": Body(_LOST, lambda: _line(_WORDS, 10 * MB), client="anthropic"),
    "array with an object of 100 MB of words": Body(
        _LOST,
        lambda: chain([b"["], _object([b"a"]), [b","], _object(_many(_WORDS, 100 * MB)), [b"]"]),
        (_JSON,),
        "raw array",
    ),
    "array with an object of 100 MB of base64": Body(
        "",
        lambda: chain(
            [b"["], _object([b"a"]), [b","], _object(_many(b"QUJD" * 4096, 100 * MB)), [b"]"]
        ),
        (_JSON,),
        "raw array",
    ),
    "array of 100 MB of empty objects": Body(
        "not decoded: all after",
        lambda: chain([b"["], _many(b"{},", 100 * MB)),
        (_JSON,),
        "raw array",
    ),
    "array of 100 MB of open brackets": Body(
        "not decoded: all after", lambda: _many(b"[", 100 * MB), (_JSON,), "raw array"
    ),
    "lines with one of 100 MB of words": Body(
        _LOST,
        lambda: chain(
            _chat_line([b"a"]), _chat_line(_many(_WORDS, 100 * MB)), _chat_line([b"b"]), [_DONE]
        ),
        (_JSON,),
        "raw lines",
    ),
    "first line of 100 MB of words": Body(
        _LARGE, lambda: chain(_chat_line(_many(_WORDS, 100 * MB))), (_JSON,), "raw lines"
    ),
    "lines of 100 MB of empty objects": Body(
        "not decoded: all after", lambda: _many(b"{}\n", 100 * MB), (_JSON,), "raw lines"
    ),
    "JSON of 100 MB of words": Body(_LARGE, lambda: _whole(_many(_WORDS, 100 * MB)), (_JSON,)),
    "JSON of 100 MB of base64": Body("", lambda: _whole(_many(b"QUJD" * 4096, 100 * MB)), (_JSON,)),
    "JSON of 100 MB, openai": Body(
        _LARGE, lambda: _whole(_many(_WORDS, 100 * MB)), (_JSON,), "openai-json"
    ),
    "JSON of 1 000 000 choices": Body(
        _LARGE, lambda: [b'{"choices":', *_filling(b"{}", 3 * MB), b"}"], (_JSON,)
    ),
    "JSON of 100 000 choices": Body(
        "not decoded: ", lambda: [b'{"choices":', *_filling(b"{}", 3 * MB // 10), b"}"], (_JSON,)
    ),
    "JSON of 100 000 levels": Body("not decoded: ", lambda: [b"[" * 10**5], (_JSON,)),
    "event of 100 000 levels": Body(_LOST, lambda: _extra([b"[" * 10**5 + b"]" * 10**5])),
    "events of 900 levels": Body(
        "not decoded: 200 of ", lambda: _extra([b"[" * 900 + b"]" * 900], events=200)
    ),
    "events of empty arrays": Body(
        "not decoded: ", lambda: _extra(_filling(b"[]", _FIT), events=8)
    ),
    "events of empty objects": Body(
        "not decoded: ", lambda: _extra(_filling(b"{}", _FIT), events=8)
    ),
    "events of short words": Body(
        "not decoded: ", lambda: _extra(_filling(b'"ab"', _FIT), events=8)
    ),
    "events of numbers": Body("not decoded: ", lambda: _extra(_filling(b"1.5", _FIT), events=8)),
    "event of 100 000 keys": Body(_LOST, lambda: _extra(_keys(10**5, same=False))),
    "event of one key 100 000 times": Body(_LOST, lambda: _extra(_keys(10**5, same=True))),
    "events of one emoji in ASCII": Body(
        "not decoded: ",
        lambda: _extra([b'"\xf0\x9f\x98\x80', *_many(_WORDS, _FIT - 100_000), b'"'], events=8),
    ),
    "events of words": Body(
        "", lambda: _extra([b'"', *_many(_WORDS, _FIT - 100_000), b'"'], events=8)
    ),
    "huge numbers": Body(
        "not decoded: 1 of ",
        lambda: [_event("a", usage={"prompt_tokens": 10**400}), _extra_number(b"9" * 5000), _END],
    ),
    "invalid UTF-8": Body(
        "not decoded: ", lambda: _extra([b'"', *_many(b"\xff\xc3\x28", _FIT), b'"'])
    ),
    "100 MB of invalid UTF-8": Body("not decoded: no event", lambda: _many(b"\xff\xfe", 100 * MB)),
    "100 MB of NUL": Body("not decoded: no event", lambda: _many(b"\0", 100 * MB)),
    "100 MB of blanks": Body("not decoded: empty body", lambda: _many(b" \n", 100 * MB)),
    "1 000 000 events": Body("", lambda: chain(_many(b"data: {}\n\n", 10 * MB), [_END])),
    "1 000 000 tokens": Body("", lambda: chain(repeat(_event("a"), 10**6), [_END])),
    "65 000 tokens": Body("", lambda: chain(repeat(_event("a"), 65_000), [_END])),
    "1 000 000 tokens, aiohttp": Body(
        "", lambda: chain(repeat(_event("a"), 10**6), [_END]), client="aiohttp"
    ),
    "20 000 tokens, openai": Body(
        "", lambda: chain(repeat(_event("a"), 20_000), [_END]), client="openai"
    ),
    "50 000 000 empty lines": Body(
        "not decoded: ", lambda: chain([b":\n"], _many(b"\n", 50 * MB), [_END])
    ),
    "20 000 000 comments": Body("not decoded: ", lambda: chain(_many(b":\n", 40 * MB), [_END])),
    "an event of 1 000 000 lines": Body(
        _LOST, lambda: chain([_event("a")], _many(b"data:1\n", 7 * MB), [b"\n", _END])
    ),
    "100 000 names": Body(
        "",
        lambda: (
            b"".join(
                b'event: n%d\ndata: {"object":"o%d"}\n\n' % (n, n) for n in range(at, at + 500)
            )
            for at in range(0, 100_000, 500)
        ),
    ),
    "15 000 headers": Body("", lambda: [_event("a"), _END], (_SSE, *[("a", "b")] * 15_000)),
    "endless headers": Body("", lambda: [_END], (_SSE, *[("a", "b" * 1000)] * 20_000)),
    "gzip bomb of 300 MB": Body(
        "not decoded: ", lambda: _gzipped(_line(_WORDS, 300 * MB)), _as("gzip")
    ),
    "gzip bomb of events": Body(
        "not decoded: ", lambda: _gzipped(_many(b"data:0\n\n", 200 * MB)), _as("gzip")
    ),
    "gzip bomb of short lines": Body(
        "not decoded: ", lambda: _gzipped(_many(b"xx\n", 200 * MB)), _as("gzip")
    ),
    "gzip bomb of 300 MB, aiohttp": Body(
        "not decoded: ", lambda: _gzipped(_line(_WORDS, 300 * MB)), _as("gzip"), "aiohttp"
    ),
    "gzip bomb of short lines, aiohttp": Body(
        "not decoded: ", lambda: _gzipped(_many(b"xx\n", 200 * MB)), _as("gzip"), "aiohttp"
    ),
    "gzip in gzip bomb": Body(
        "not decoded: ",
        lambda: [gzip.compress(b"".join(_gzipped(_line(_WORDS, 300 * MB))))],
        _as("gzip, gzip"),
    ),
    "1 000 times gzip": Body("not decoded: ", lambda: [b"x"], _as(", ".join(["gzip"] * 1000))),
    "broken gzip": Body(
        "not decoded: broken gzip", lambda: [b"\x1f\x8b\x08", *_noise(10**5)], _as("gzip")
    ),
    "brotli bomb of 300 MB": Body(
        "not decoded: ", lambda: _brotli(_line(_WORDS, 300 * MB), 22), _as("br")
    ),
    "brotli, window of 16 MiB": Body(
        "not decoded: ", lambda: _brotli(_noise(30 * MB), 24), _as("br")
    ),
    "brotli, window of 4 MiB": Body(
        "not decoded: ", lambda: _brotli(_noise(12 * MB), 22), _as("br")
    ),
    "zstd bomb of 300 MB": Body(
        "not decoded: ", lambda: _zstd(_line(_WORDS, 300 * MB), 21), _as("zstd")
    ),
    "brotli of events of words": Body(
        "",
        lambda: _brotli(_extra([b'"', *_noise(_FIT - 100_000), b'"'], events=12), 22),
        _as("br"),
    ),
    "brotli of events of numbers": Body(
        "not decoded: ",
        lambda: _brotli(_extra(_digits(_FIT - 100_000), events=12), 22),
        _as("br"),
    ),
    "zstd, window of 128 MiB": Body(
        "not decoded: ", lambda: _zstd(_noise(30 * MB), 27), _as("zstd")
    ),
    "zstd, window of 4 MiB": Body("not decoded: ", lambda: _zstd(_noise(12 * MB), 22), _as("zstd")),
    "zstd bomb, window of 4 MiB": Body(
        "not decoded: ", lambda: _zstd(_line(_WORDS, 300 * MB), 22), _as("zstd")
    ),
}


def _extra_number(digits: bytes) -> bytes:
    return _event("b", x="@").replace(b'"@"', digits)


def _answer(connection: socket.socket) -> None:
    with connection, suppress(OSError):
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(65536)
        head, _, content = request.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        missing = int(fields[b"content-length"]) - len(content)
        while missing > 0:
            missing -= len(connection.recv(65536))
        name = (
            head.split(b" ", 2)[1].split(b"/")[1].decode().replace("%20", " ").replace("%2C", ",")
        )
        body = BODIES[name]
        lines = [f"{key}: {value}\r\n" for key, value in body.headers]
        connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\n" + "".join(lines).encode())
        connection.sendall(b"\r\n")
        for piece in body.pieces():
            connection.sendall(piece)


def _serve(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_answer, args=(connection,), daemon=True).start()


@contextmanager
def serving() -> Iterator[str]:
    """Serve in another process; yield the base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = get_context("fork").Process(target=_serve, args=(listener,), daemon=True)
        process.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            process.terminate()
            process.join()
