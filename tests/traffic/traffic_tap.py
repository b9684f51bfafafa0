"""
The tap: a relay between an SDK and the simulator that keeps what the SDK sent, byte for byte.

Bytes are passed on as they come and connections end as they end, so neither side can tell.
"""

import asyncio
import threading
from contextlib import suppress

import h11

__all__ = ["Tap"]

_MOST_BYTES = 65_536


class Tap:
    """
    A relay to *host* in a thread of its own; to be used as a context manager.

    Attributes:
        host: Where it listens, as ``host:port``.
    """

    def __init__(self, host):
        self._server_host, _, self._server_port = host.rpartition(":")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        # One entry a connection, in the order of their first byte.
        self._sent: list[bytearray] = []
        self.host = ""

    def __enter__(self):
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def take(self):
        """Return the requests since the last time: method, target, headers, body of each."""
        done = threading.Event()
        taken = []

        def take():
            for sent in self._sent:
                taken.append(bytes(sent))
                sent.clear()
            done.set()

        self._loop.call_soon_threadsafe(take)
        done.wait()
        return [request for sent in taken for request in _requests(sent)]

    async def _open(self):
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.host = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _close(self):
        self._server.close()
        ours = asyncio.current_task()
        relays = [task for task in asyncio.all_tasks() if task is not ours]
        for task in relays:
            task.cancel()
        await asyncio.gather(*relays, return_exceptions=True)

    async def _accept(self, reader, writer):
        kept = bytearray()
        self._sent.append(kept)
        with suppress(asyncio.CancelledError, OSError):
            far_reader, far_writer = await asyncio.open_connection(
                self._server_host, int(self._server_port)
            )
            ways = [
                asyncio.ensure_future(_pass_on(reader, far_writer, kept)),
                asyncio.ensure_future(_pass_on(far_reader, writer)),
            ]
            try:
                # Whoever hangs up first ends both: no side of a call goes on alone.
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                for each in (writer, far_writer):
                    each.close()
                self._sent = [sent for sent in self._sent if sent or sent is not kept]


async def _pass_on(reader, writer, kept=None):
    while data := await reader.read(_MOST_BYTES):
        if kept is not None:
            kept += data
        writer.write(data)
        await writer.drain()


def _requests(sent):
    """Yield the requests that one connection carried."""
    # A server that reads would have to answer before the next one; this one only listens.
    rest = sent
    while rest:
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(rest)
        head, body = connection.next_event(), bytearray()
        while isinstance(event := connection.next_event(), h11.Data):
            body += event.data
        headers = [(name.decode(), value.decode()) for name, value in head.headers]
        yield head.method.decode(), head.target.decode(), headers, bytes(body)
        if event is h11.NEED_DATA:
            return
        rest = connection.trailing_data[0]
