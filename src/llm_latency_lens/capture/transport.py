"""
The hooks on httpx and httpx2: one method of each client class.

The only private name of those libraries that we lean on (``_send_single_request``, which sees
each attempt and each transport) is in this file. Clients made before the hooks went on are
covered, as the method is looked up on the class.
"""

import functools
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from llm_latency_lens.capture.asking import ask
from llm_latency_lens.capture.layers import Passage, enter, leave
from llm_latency_lens.capture.patching import Undo, patch
from llm_latency_lens.capture.streams import watched_async_body, watched_body
from llm_latency_lens.capture.watch import Watch, now_ns

__all__ = ["put_on"]

_METHOD = "_send_single_request"
_ENCODING = "content-encoding"


def put_on(library: ModuleType) -> tuple[Undo, ...]:
    """Hook the clients of httpx or httpx2; return what takes the hooks off again."""
    return (
        *patch(library.Client, _METHOD, lambda send: _wrap(send, _home(library.Client))),
        *patch(
            library.AsyncClient, _METHOD, lambda send: _wrap_async(send, _home(library.AsyncClient))
        ),
    )


def _home(owner: type) -> ModuleType:
    """Return the library that the class comes from, whatever it is called by now."""
    return sys.modules[owner.__module__.partition(".")[0]]


def _answered(
    watch: Watch, response: Any, body_class: Callable[[ModuleType], Any], library: ModuleType
) -> None:
    try:
        headers = tuple(response.headers.multi_items())
        if response.is_stream_consumed:
            # A double's whole body: the library takes it as read and never pulls the stream.
            watch.answered(response.status_code, tuple(h for h in headers if h[0] != _ENCODING))
            at_ns = now_ns()
            watch.chunks.append((at_ns, at_ns, response.content))
            watch.end()
            return
        if not watch.is_stamped_beneath:
            watch.answered(response.status_code, headers)
        response.stream = body_class(library)(response.stream, watch)
    except Exception as fault:
        watch.fail(fault)


def _wrap(original: Callable[..., Any], library: ModuleType) -> Callable[..., Any]:
    @functools.wraps(original)
    def send(self: Any, request: Any) -> Any:
        watch = ask(self, request)
        if watch is None:
            return original(self, request)
        _listen(watch, request, _trace)
        try:
            response = original(self, request)
        except BaseException as fault:
            watch.fail(fault)
            raise
        _answered(watch, response, watched_body, library)
        return response

    return send


def _wrap_async(original: Callable[..., Any], library: ModuleType) -> Callable[..., Any]:
    @functools.wraps(original)
    async def send(self: Any, request: Any) -> Any:
        watch = ask(self, request)
        if watch is None:
            return await original(self, request)
        _listen(watch, request, _trace_async)
        token = enter(Passage(self, watch, ends_above=True))
        try:
            response = await original(self, request)
        except BaseException as fault:
            watch.fail(fault)
            raise
        finally:
            leave(token)
        _answered(watch, response, watched_async_body, library)
        return response

    return send


def _listen(watch: Watch, request: Any, make_trace: Callable[[Watch, Any], Any]) -> None:
    """Hear the library's trace until the attempt has ended, and leave the request as it was."""
    extensions = request.extensions
    # A redirect copies the request's extensions; its own trace must not stamp this attempt too.
    previous = extensions.get("trace")
    inner = getattr(previous, "beneath_lens", previous)
    extensions["trace"] = make_trace(watch, inner)
    on_end = watch.on_end

    def ended(watch: Watch) -> None:
        if inner is None:
            extensions.pop("trace", None)
        else:
            extensions["trace"] = inner
        on_end(watch)

    watch.on_end = ended


def _trace(watch: Watch, inner: Any) -> Callable[[str, Any], None]:
    def trace(event: str, info: Any) -> None:
        watch.stamp(event)
        if inner is not None:
            inner(event, info)

    trace.beneath_lens = inner  # type: ignore[attr-defined]
    return trace


def _trace_async(watch: Watch, inner: Any) -> Callable[[str, Any], Any]:
    async def trace(event: str, info: Any) -> None:
        watch.stamp(event)
        if inner is not None:
            await inner(event, info)

    trace.beneath_lens = inner  # type: ignore[attr-defined]
    return trace
