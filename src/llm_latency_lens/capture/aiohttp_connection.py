"""
The hook on aiohttp's connectors: what the network does for a request that is watched.

Everything here leans on how aiohttp is built inside: a request's own list of traces, and the
methods of a connection's protocol that are told how to read an answer and what came of it.
"""

import functools
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

from llm_latency_lens.capture.aiohttp_body import Waits, watch_body
from llm_latency_lens.capture.aiohttp_request import AiohttpRequest
from llm_latency_lens.capture.asking import ask
from llm_latency_lens.capture.layers import Passage, passage
from llm_latency_lens.capture.watch import Watch, now_ns

__all__ = ["wrap_connect"]

_ENCODING = "content-encoding"
_FINAL = 200
_SWITCHING_PROTOCOLS = 101


def wrap_connect(connect: Callable[..., Any], library: ModuleType) -> Callable[..., Any]:
    """Return a connector's ``connect`` that listens to the connections of what is watched."""

    @functools.wraps(connect)
    async def listening(self: Any, req: Any, traces: Any, **given: Any) -> Any:
        passing = passage()
        if passing is None or not _begin_attempt(passing, req, traces):
            return await connect(self, req, traces=traces, **given)
        connection = await connect(self, req, traces=traces, **given)
        # Without stamps the call goes on; that of a fault of ours is told by what is missing.
        with suppress(Exception):
            passing.watch.traced = True
            _Answer(passing, connection, library.StreamReader)
        return connection

    return listening


def _begin_attempt(passing: Passage, req: Any, traces: Any) -> bool:
    """Return whether the attempt is watched that begins with a connection."""
    try:
        if passing.watch.ending and not _begin_anew(passing, req):
            traces[:] = [each for each in traces if not isinstance(each, _Trace)]
            return False
        watch = passing.watch
        if isinstance(watch.request, AiohttpRequest):
            watch.request.sent_as(req)
        trace = next((each for each in traces if isinstance(each, _Trace)), None)
        if trace is None:
            # The list is that of this one request; the user's own traces stay what they are.
            traces.append(_Trace(watch))
        else:
            trace.watch = watch
    except Exception:
        return False
    return True


def _begin_anew(passing: Passage, req: Any) -> bool:
    """Watch the goal of a redirect, which is an attempt of its own."""
    watch = None
    if not passing.ends_above:
        request = AiohttpRequest(passing.client, req.method, req.url, {})
        request.sent_as(req)
        watch = ask(passing.client, request)
    if watch is None:
        return False
    passing.watch = watch
    return True


class _Trace:
    """Stamps what aiohttp tells its traces."""

    __slots__ = ("watch",)

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    async def send_connection_create_start(self) -> None:
        self.watch.connect_started_ns = now_ns()

    async def send_connection_create_end(self) -> None:
        self.watch.connected_ns = now_ns()

    async def send_request_headers(self, *_: Any) -> None:
        self.watch.sent_ns = now_ns()

    async def send_request_chunk_sent(self, *_: Any) -> None:
        self.watch.sent_ns = now_ns()

    def __getattr__(self, name: str) -> Any:
        return _nothing


async def _nothing(*_: Any, **__: Any) -> None:
    """Take what aiohttp tells of something else."""


class SessionClosed(Exception):  # noqa: N818 - named for what happened, as it is told
    """The session was closed within its call."""


class _Answer:
    """
    The answer that a connection is waiting for.

    It stands before methods of the connection's protocol until the connection is given back.
    """

    __slots__ = ("is_decompressed", "passing", "protocol", "reader_class", "waits")

    def __init__(self, passing: Passage, connection: Any, reader_class: Any) -> None:
        self.passing = passing
        self.protocol = connection.protocol
        self.reader_class = reader_class
        self.is_decompressed = False
        self.waits: Waits | None = None
        connection.add_callback(self._given_back)
        vars(self.protocol).update(
            feed_data=self._feed_data,
            set_response_params=self._set_params,
            close=functools.partial(self._closed, "close"),
            abort=functools.partial(self._closed, "abort"),
        )

    def _step_aside(self, *names: str) -> None:
        for name in names:
            vars(self.protocol).pop(name, None)

    def _set_params(self, **params: Any) -> None:
        self.is_decompressed = bool(params.get("auto_decompress", True))
        type(self.protocol).set_response_params(self.protocol, **params)

    def _feed_data(self, told: Any, *given: Any) -> Any:
        # The end of a short answer is told here; it must not stop what it belongs to.
        try:
            message, reader = told
            if message.code >= _FINAL or message.code == _SWITCHING_PROTOCOLS:
                self._step_aside("feed_data", "set_response_params")
                self._take(message, reader)
        except Exception as fault:
            self.passing.watch.fail(fault)
        return type(self.protocol).feed_data(self.protocol, told, *given)

    def _take(self, message: Any, reader: Any) -> None:
        passing = self.passing
        watch = passing.watch
        watch.is_stamped_beneath = passing.ends_above
        headers = tuple((name.lower(), value) for name, value in message.headers.items())
        if self.is_decompressed and message.compression:
            headers = tuple(header for header in headers if header[0] != _ENCODING)
        watch.answered(message.code, headers)
        if type(reader) is self.reader_class:
            # What came together with the headers.
            at_ns = now_ns()
            watch.chunks.extend((at_ns, at_ns, data) for data in reader._buffer)  # noqa: SLF001
            if not reader.is_eof():
                self.waits = watch_body(reader, passing, self.reader_class)
                return
        if not passing.ends_above:
            watch.end()

    def _closed(self, how: str) -> Any:
        """Tell the watch of a connection that its session did not wait for."""
        # A request that goes wrong gives its connection back first.
        self._step_aside("close", "abort")
        self.passing.watch.fail(SessionClosed())
        return getattr(self.protocol, how)()

    def _given_back(self) -> None:
        """Tell the watch of a body that its consumer left before its end."""
        self._step_aside("feed_data", "set_response_params", "close", "abort")
        waits, self.waits = self.waits, None
        # Before the headers, whoever sent the request tells how it ended.
        if waits is None or waits.is_over or self.passing.ends_above:
            return
        if waits.fault is None:
            waits.watch.close()
        else:
            waits.watch.fail(waits.fault)
