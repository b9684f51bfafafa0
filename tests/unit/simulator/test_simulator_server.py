"""Connections without sockets: requests in, bytes out."""


# ruff: noqa: D102, D103 - makers and stand-ins say it by their names

import asyncio
import errno
import json

import pytest

from llm_latency_lens.clock import ManualClock
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.provider import Provider
from llm_latency_lens.simulator.script import read_scripts
from llm_latency_lens.simulator.server import Connection, serve

AT_ONCE = {"ttft": 0, "itl": 0, "output_tokens": 2}


class Loop:
    """Runs callbacks when told to."""

    def __init__(self):
        self.pending = []

    def call_later(self, _wait_s, callback):
        self.pending.append(callback)
        return self

    def call_soon(self, callback, *arguments):
        self.pending.append(lambda: callback(*arguments))

    def cancel(self):
        self.pending.clear()

    def run(self):
        while self.pending:
            self.pending.pop(0)()


class Transport(asyncio.Transport):
    """Keeps what was written."""

    def __init__(self):
        super().__init__()
        self.written = b""
        self.closed = None

    def write(self, data):
        self.written += data

    def close(self):
        self.closed = "closed"

    def abort(self):
        self.closed = "aborted"


class Client:
    """One connection to a provider with the given script."""

    def __init__(self, **script):
        self.provider = Provider(ManualClock(), read_scripts({"*": script or AT_ONCE}))
        self.loop, self.transport, self.open = Loop(), Transport(), set()
        self.connection = Connection(self.loop, ManualClock(), self.provider, 5, self.open)
        self.connection.connection_made(self.transport)

    def send(self, data):
        self.connection.data_received(data)
        return self.transport.written

    def records(self):
        return [entry.as_json() for entry in self.provider.journal.entries()]


def request(*headers, method="POST", target="/v1/chat/completions", version="1.1", **fields):
    body = (
        json.dumps({"model": "m", "messages": [], **fields}).encode() if method == "POST" else b""
    )
    head = [
        f"{method} {target} HTTP/{version}",
        "host: x",
        f"content-length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def test_a_body_has_its_length():
    """An answer in one piece is a plain response."""
    head, _, body = Client().send(request()).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 \r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_a_stream_is_chunked_and_ended():
    """A stream has one chunk an event and the last chunk of all."""
    written = Client().send(request(stream=True))

    assert b"transfer-encoding: chunked" in written.lower()
    assert written.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")


def test_a_request_may_come_in_pieces():
    """Nothing is answered before the last byte of the request."""
    client, whole = Client(), request()
    for index in range(len(whole)):
        assert b"" == client.transport.written
        client.send(whole[index : index + 1])

    assert b"HTTP/1.1 200" in client.transport.written


def test_a_connection_is_kept_alive():
    """The next request on the same connection is answered too."""
    client = Client()
    client.send(request())
    client.send(request())

    assert (None, [5, 5]) == (
        client.transport.closed,
        [record["connection"] for record in client.records()],
    )


def test_pipelined_requests_are_answered_in_turn():
    """Requests that came early wait and are answered one after the other."""
    client = Client()
    client.send(request() * 300)
    client.loop.run()

    assert 300 == client.transport.written.count(b"HTTP/1.1 200")


@pytest.mark.parametrize("asked", [request("connection: close"), request(version="1.0")])
def test_a_connection_is_closed_where_the_client_asks(asked):
    """Connection: close and HTTP/1.0 end with their answer."""
    client = Client()
    client.send(asked)

    assert "closed" == client.transport.closed


def test_an_old_client_gets_an_unchunked_stream():
    """HTTP/1.0 knows no chunks; the end of the connection ends the stream."""
    assert Client().send(request(version="1.0", stream=True)).endswith(b"data: [DONE]\n\n")


def test_noise_is_hung_up_on():
    """What is no HTTP gets no answer."""
    client = Client()

    assert (b"", "closed") == (client.send(b"hello\r\n\r\n"), client.transport.closed)


def test_an_upgrade_is_hung_up_on():
    """The server speaks no other protocol."""
    client = Client()
    client.send(b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n")

    assert client.transport.closed == "closed" or b" 404 " in client.transport.written


def test_a_client_that_waits_is_told_to_go_on():
    """Expect: 100-continue is honoured before the body."""
    client, whole = Client(), request("expect: 100-continue")
    split = whole.index(b"\r\n\r\n") + 4

    assert b"HTTP/1.1 100 \r\n\r\n" == client.send(whole[:split])
    assert b"HTTP/1.1 200" in client.send(whole[split:])


def test_a_body_without_end_is_cut_off(monkeypatch):
    """A request larger than the bound is aborted."""
    monkeypatch.setattr("llm_latency_lens.simulator.server._MOST_BODY_BYTES", 10)
    client = Client()

    assert (b"", "aborted") == (client.send(request()), client.transport.closed)


@pytest.mark.parametrize(("header", "count"), [("1", 1), ("x", None), ("9" * 9, None)])
def test_the_retry_count_is_kept(header, count):
    """The SDK's own count of retries is in the record, if it is one."""
    client = Client()
    client.send(request(f"x-stainless-retry-count: {header}"))

    assert [count] == [record["retry_count"] for record in client.records()]


def test_a_client_that_leaves_is_recorded():
    """A stream whose client has left is over and incomplete."""
    client = Client(ttft="1s")
    client.send(request(stream=True))
    client.connection.connection_lost(None)

    assert ([False], [], set()) == (
        [record["is_complete"] for record in client.records()],
        client.loop.pending,
        client.open,
    )


def test_a_client_that_leaves_between_requests_is_no_event():
    """An idle connection may go."""
    client = Client()
    client.send(request())
    client.connection.connection_lost(None)

    assert [True] == [record["is_complete"] for record in client.records()]


def test_a_cut_stream_is_hung_up_on():
    """After its tokens the connection is closed, without the last chunk."""
    client = Client(**AT_ONCE, fault={"cut": 1})
    written = client.send(request(stream=True))

    assert written.endswith(b"\n\n\r\n")
    assert ("closed", [False]) == (
        client.transport.closed,
        [record["is_complete"] for record in client.records()],
    )


def test_a_silent_server_sends_no_head():
    """A connection that is cut before the headers has not one byte."""
    client = Client(fault={"cut": None})

    assert (b"", "closed") == (client.send(request()), client.transport.closed)
    assert [None] == [record["headers_ns"] for record in client.records()]


def test_a_stalled_stream_holds_its_connection():
    """Until the client leaves or the stall is over nothing happens."""
    client = Client(**AT_ONCE, fault={"stall": 1})
    client.send(request(stream=True))
    ended = [record["ended_ns"] for record in client.records()]

    assert (None, [None], 1) == (client.transport.closed, ended, len(client.loop.pending))


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_empty_stream_has_a_head(version):
    """Where no event comes the head and the end do."""
    written = Client(fault="empty").send(request(stream=True, version=version))

    assert written.startswith(b"HTTP/1.1 200")
    assert b"data:" not in written


def test_a_stopping_server_drops_its_connections():
    """Closing a connection does not wait for what is left to send."""
    client = Client()
    client.connection.close()

    assert "aborted" == client.transport.closed


def test_control_is_reached_on_the_same_port():
    """The control API answers beside the provider."""
    assert b'"status":"ok"' in Client().send(request(method="GET", target="/_simulator/health"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EADDRINUSE, "in use"), "port 80 on h is taken .* --port 0"),
        (PermissionError(errno.EACCES, "no"), "port 80 on h needs privileges"),
        (OSError(errno.EADDRNOTAVAIL, "no such address"), "cannot listen on h, port 80"),
        (OverflowError("port must be 0-65535."), "cannot listen on h, port 80"),
    ],
)
def test_an_address_that_cannot_be_used_is_explained(monkeypatch, error, words):
    """The message names the port and the way out."""

    async def refuse(*_arguments, **_options):
        raise error

    async def attempt():
        monkeypatch.setattr(asyncio.get_running_loop(), "create_server", refuse)
        await serve("h", 80, scripts={}, on_ready=None, stopped=asyncio.Event())

    with pytest.raises(ConfigurationError, match=words):
        asyncio.run(attempt())
