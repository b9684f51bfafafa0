"""
The HTTP/1.1 server of the simulator: connections, keep-alive, chunked bodies.

``h11`` reads requests and frames responses; what is said and when comes from ``provider``.
"""

import asyncio
import errno
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import count

import h11

from llm_latency_lens.clock import Clock, SystemClock
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.control import is_control, steer
from llm_latency_lens.simulator.event_loop import run_finely
from llm_latency_lens.simulator.exchange import Call, Reply
from llm_latency_lens.simulator.pacing import Delivery, Part
from llm_latency_lens.simulator.provider import Provider
from llm_latency_lens.simulator.script import Script

__all__ = ["Connection", "serve", "serve_until_stopped"]

_MOST_HEADER_BYTES = 65_536
_MOST_BODY_BYTES = 64 * 1024 * 1024
_BACKLOG = 1024
_COUNT = re.compile(rb"[0-9]{1,4}")


class Connection(asyncio.Protocol):
    """One accepted connection: its requests are answered one after the other."""

    __slots__ = (
        "_accepted_ns",
        "_body",
        "_clock",
        "_delivery",
        "_h11",
        "_loop",
        "_number",
        "_open",
        "_provider",
        "_request",
        "_stamp_ns",
        "_transport",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        provider: Provider,
        number: int,
        open_connections: "set[Connection]",
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._provider = provider
        self._number = number
        self._open = open_connections
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=_MOST_HEADER_BYTES)
        self._body = bytearray()
        self._delivery: Delivery | None = None
        self._request: h11.Request | None = None
        self._accepted_ns = 0
        self._stamp_ns = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start with a new connection; asyncio has set TCP_NODELAY on it."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._accepted_ns = self._clock.now_ns()
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's shape
        """Stop sending: nobody listens any more."""
        self._open.discard(self)
        if self._delivery is not None:
            self._delivery.abandon()
            self._delivery = None

    def data_received(self, data: bytes) -> None:
        """Read what has come; a request that is not its turn yet waits inside h11."""
        self._stamp_ns = self._clock.now_ns()
        if data:
            self._h11.receive_data(data)
        if self._delivery is None:
            self._read()

    def close(self) -> None:
        """Drop the connection at once."""
        self._transport.abort()

    def _read(self) -> None:
        try:
            while True:
                event = self._h11.next_event()
                if event is h11.NEED_DATA:
                    self._continue()
                    return
                if isinstance(event, h11.Request):
                    self._request = event
                elif isinstance(event, h11.Data):
                    self._body += event.data
                    if len(self._body) > _MOST_BODY_BYTES:
                        self._transport.abort()
                        return
                elif isinstance(event, h11.EndOfMessage):
                    self._answer()
                    return
                else:  # ConnectionClosed, or the client asked for another protocol
                    self._transport.close()
                    return
        except h11.RemoteProtocolError:
            # No request was understood, so there is no API whose error could be sent.
            self._transport.close()

    def _continue(self) -> None:
        if self._h11.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[])
            self._transport.write(self._h11.send(go_on) or b"")

    def _answer(self) -> None:
        assert self._request is not None
        request, body = self._request, bytes(self._body)
        self._request, self._body = None, bytearray()
        headers = dict(request.headers)
        retries = headers.get(b"x-stainless-retry-count", b"")
        call = Call(
            method=request.method.decode("ascii"),
            target=request.target.decode("ascii"),
            body=body,
            retry_count=int(retries) if _COUNT.fullmatch(retries) else None,
            authority=headers.get(b"host", b"").decode("ascii", "replace"),
            is_waiting=headers.get(b"prefer", b"").startswith(b"wait"),
            connection=self._number,
            accepted_ns=self._accepted_ns,
            received_ns=self._stamp_ns,
        )
        provider = self._provider
        self._deliver(steer(provider, call) if is_control(call) else provider.reply(call))

    def _deliver(self, reply: Reply) -> None:
        is_whole = reply.ending == "whole"
        self._delivery = Delivery(
            loop=self._loop,
            clock=self._clock,
            transport=self._transport,
            head=self._head(reply),
            parts=self._framed(reply),
            witness=reply.entry,
            on_end=self._go_on if is_whole else self._hang_up,
            is_whole=is_whole,
        )
        self._delivery.send_due()

    def _head(self, reply: Reply) -> bytes:
        if reply.ending == "silent":
            return b""
        head = h11.Response(status_code=reply.status, headers=reply.headers)
        return self._h11.send(head) or b""

    def _framed(self, reply: Reply) -> Iterator[Part]:
        if reply.ending == "silent":
            yield from reply.parts
            return
        due_ns = 0
        for part in reply.parts:
            due_ns = part.due_ns
            yield part._replace(payload=self._h11.send(h11.Data(data=part.payload)) or b"")
        if reply.ending == "whole" and (closing := self._h11.send(h11.EndOfMessage())):
            yield Part(due_ns, "", 0, closing)

    def _hang_up(self) -> None:
        # What was handed to the socket still goes out; the last chunk is never sent.
        self._delivery = None
        self._transport.close()

    def _go_on(self) -> None:
        self._delivery = None
        if not self._h11.our_state is self._h11.their_state is h11.DONE:
            self._transport.close()
            return
        self._h11.start_next_cycle()
        if self._h11.trailing_data[0]:
            # Not from here: a long pipeline of requests would nest as deep.
            self._loop.call_soon(self.data_received, b"")


async def serve(
    host: str,
    port: int,
    *,
    scripts: Mapping[str, Script],
    on_ready: Callable[[str], None] | None,
    stopped: asyncio.Event,
) -> None:
    """
    Serve on *host* and *port* (0: any free one) until *stopped* is set.

    ``on_ready`` gets the address as ``host:port`` once connections are accepted.

    Raises:
        ConfigurationError: The address cannot be listened on.
    """
    loop = asyncio.get_running_loop()
    clock = SystemClock()
    provider = Provider(clock, scripts)
    numbers = count(1)
    connections: set[Connection] = set()
    try:
        server = await loop.create_server(
            lambda: Connection(loop, clock, provider, next(numbers), connections),
            host,
            port,
            backlog=_BACKLOG,
        )
    except (OSError, OverflowError) as error:
        raise ConfigurationError(_refusal(host, port, error)) from error
    try:
        bound = server.sockets[0].getsockname()
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        if on_ready is not None:
            on_ready(f"{shown}:{bound[1]}")
        await stopped.wait()
    finally:
        server.close()
        for connection in tuple(connections):
            connection.close()
        # One turn of the loop, in which the dropped connections close their sockets.
        await asyncio.sleep(0)


def serve_until_stopped(
    host: str = "127.0.0.1",
    port: int = 8000,
    scripts: Mapping[str, Script] | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """
    Serve until Ctrl-C or SIGTERM, then return; for the main thread of a process.

    Raises:
        ConfigurationError: The address cannot be listened on.
    """

    async def until_signal() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        with suppress(ValueError, NotImplementedError):  # not in the main thread
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stopped.set)
        await serve(host, port, scripts=scripts or {}, on_ready=on_ready, stopped=stopped)

    run_finely(until_signal())


def _refusal(host: str, port: int, error: OSError | OverflowError) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken by another process; "
            "give another one with --port, or --port 0 for any free one"
        )
    if isinstance(error, PermissionError):
        return f"port {port} on {host} needs privileges; give one from 1024 to 65535"
    return f"cannot listen on {host}, port {port}: {error}"
