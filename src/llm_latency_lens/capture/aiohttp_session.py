"""
The hooks on aiohttp: what a session is asked for, and what its connectors do for it.

``ClientSession._request`` sees each request, whichever word it was asked for by. Doubles put
their own method in its place; then the words themselves (``post``) are asked who is there.
"""

import functools
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from llm_latency_lens.capture.aiohttp_connection import wrap_connect
from llm_latency_lens.capture.aiohttp_request import AiohttpRequest
from llm_latency_lens.capture.asking import ask
from llm_latency_lens.capture.layers import Passage, enter, leave, passage
from llm_latency_lens.capture.patching import Undo, is_ours, patch
from llm_latency_lens.capture.watch import Watch, now_ns

__all__ = ["put_on"]

_ENCODING = "content-encoding"
_WORDS = ("request", "post", "get")


def put_on(library: ModuleType) -> tuple[Undo, ...]:
    """Hook the sessions and connectors of aiohttp; return what takes the hooks off again."""
    session = library.ClientSession
    words = (patch(session, word, functools.partial(_wrap_word, word=word)) for word in _WORDS)
    return (
        *patch(library.BaseConnector, "connect", lambda it: wrap_connect(it, library)),
        *patch(session, "_request", _wrap_request),
        *(undo for undos in words for undo in undos),
    )


def _wrap_request(send: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send)
    async def request(self: Any, method: str, str_or_url: Any, **options: Any) -> Any:
        asked = AiohttpRequest(self, method, str_or_url, options)
        return await _watched(self, asked, lambda: send(self, method, str_or_url, **options))

    return request


def _wrap_word(ask_for: Callable[..., Any], word: str) -> Callable[..., Any]:
    @functools.wraps(ask_for)
    def asked_for(self: Any, *given: Any, **options: Any) -> Any:
        awaited = ask_for(self, *given, **options)
        if is_ours(type(self)._request):  # noqa: SLF001 - as the module tells
            return awaited
        try:
            named = {"method": word, **dict(zip(_names(word), given, strict=False)), **options}
            asked = AiohttpRequest(self, named["method"], named["url"], options)
            coroutine = awaited._coro  # noqa: SLF001 - as the module tells
            # The same kind of thing, awaitable and to be entered, around what it awaits.
            return type(awaited)(_through(self, asked, coroutine))
        except Exception:
            return awaited

    return asked_for


async def _through(session: Any, asked: AiohttpRequest, coroutine: Any) -> Any:
    try:
        return await _watched(session, asked, lambda: coroutine)
    finally:
        coroutine.close()  # where it must not be sent, nobody awaits it


def _names(word: str) -> tuple[str, ...]:
    return ("method", "url") if word == "request" else ("url",)


async def _watched(session: Any, asked: AiohttpRequest, send: Callable[[], Awaitable[Any]]) -> Any:
    above = passage()
    if above is not None and _is_of(above.watch, asked):
        return await send()
    watch = ask(session, asked)
    if watch is None and above is None:
        return await send()
    # What somebody above sends must not be taken for what he sent this for.
    passing = None if watch is None else Passage(session, watch, ends_above=False)
    token = enter(passing)
    try:
        response = await send()
    except BaseException as fault:
        if passing is not None:
            passing.watch.fail(fault)
        raise
    finally:
        leave(token)
    if passing is not None and not passing.watch.traced:
        _answered_by_double(passing.watch, response)
    return response


def _is_of(watch: Watch, asked: AiohttpRequest) -> bool:
    """Whether *asked* is how the transport of a client sends what the client is asked for."""
    try:
        request = watch.request
        return bool((request.method, request.url.host) == (asked.method, asked.url.host))
    except Exception:
        return False


def _answered_by_double(watch: Watch, response: Any) -> None:
    try:
        headers = ((name.lower(), value) for name, value in response.headers.items())
        watch.answered(response.status, tuple(each for each in headers if each[0] != _ENCODING))
        at_ns = now_ns()
        watch.chunks.append((at_ns, at_ns, _body_of(response)))
        watch.end()
    except Exception as fault:
        watch.fail(fault)


def _body_of(response: Any) -> bytes:
    """Return a double's whole body, without taking it from its consumer."""
    if isinstance(body := getattr(response, "_body", None), bytes):
        return body
    return b"".join(response.content._buffer)  # noqa: SLF001 - public there is only reading
