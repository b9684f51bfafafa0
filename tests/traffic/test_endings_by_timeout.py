"""Calls that a timeout ends, of each of the four kinds, and one that is made again."""

import asyncio
import socket
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module

import pytest
from traffic_clients import Asking
from traffic_endings import SILENT, STREAM, ended, read_some, read_some_async

from llm_latency_lens.samples import Status, Taint

SHORT_S = 0.15
# More than the buffers of a connection hold.
HUGE = "x" * (16 * 2**20)


@contextmanager
def _full_server():
    """Listen where no connection is accepted: the queue of those that wait is full."""
    with ExitStack() as opened:
        server = opened.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = opened.enter_context(socket.socket())
            waiting.settimeout(0)
            with suppress(BlockingIOError):
                waiting.connect(server.getsockname())
        yield f"127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def _deaf_server():
    """Listen where connections stand, and nothing is ever read."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield f"127.0.0.1:{server.getsockname()[1]}"


def _patience(sdk, **limits):
    return sdk.sdk.Timeout(5.0, **limits)


def _ask_once(sdk, *, is_async, asking=STREAM, **options):
    """Make one call with a client of its own, to the end of its answer."""

    async def call():
        async with sdk.open(is_async=True, max_retries=0, **options) as client:
            events = await sdk.create(client, asking)
            async for _ in events:
                pass

    if is_async:
        asyncio.run(call())
        return
    with sdk.open(is_async=False, max_retries=0, **options) as client:
        list(sdk.create(client, asking))


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_connect_timeout_is_a_timeout(sdk, twice, is_async):
    """The connection does not come about: no status, no connection."""
    with _full_server() as host:
        timeout = _patience(sdk, connect=SHORT_S)
        bare, watched, (sample,) = twice(
            lambda: _ask_once(sdk, is_async=is_async, host=host, timeout=timeout), host=host
        )

    assert bare["class"].endswith("APITimeoutError")
    assert bare == watched
    assert [(Status.TIMEOUT, "ConnectTimeout", 1)] == ended([sample])
    assert (None, None) == (sample.outcome.http_status, sample.timeline.connected_ns)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_write_timeout_is_a_timeout(sdk, twice, is_async):
    """The request does not get out: connected, but never sent."""
    with _deaf_server() as host:
        timeout = _patience(sdk, write=SHORT_S)
        asking = Asking(streamed=True, prompt=HUGE)
        bare, watched, (sample,) = twice(
            lambda: _ask_once(sdk, is_async=is_async, host=host, timeout=timeout, asking=asking),
            host=host,
        )

    assert bare["class"].endswith("APITimeoutError")
    assert bare == watched
    assert [(Status.TIMEOUT, "WriteTimeout", 1)] == ended([sample])
    assert sample.timeline.connected_ns is not None
    assert sample.timeline.sent_ns is None


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_read_timeout_is_a_timeout(sdk, twice, is_async):
    """The answer does not come: sent, but no headers."""
    timeout = _patience(sdk, read=SHORT_S)
    bare, watched, (sample,) = twice(
        lambda: _ask_once(sdk, is_async=is_async, timeout=timeout, asking=Asking(streamed=False)),
        SILENT,
    )

    assert bare["class"].endswith("APITimeoutError")
    assert bare == watched
    assert [(Status.TIMEOUT, "ReadTimeout", 1)] == ended([sample])
    assert sample.timeline.sent_ns is not None


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_pool_timeout_is_a_timeout(sdk, twice, is_async):
    """All connections are taken: the call that waits for one times out, the other goes on."""
    library = _library_of(sdk)
    timeout = _patience(sdk, pool=SHORT_S)
    limits = library.Limits(max_connections=1)
    options = {"max_retries": 0, "timeout": timeout}

    async def call():
        options["http_client"] = library.AsyncClient(limits=limits, timeout=timeout)
        client = sdk.open(is_async=True, **options)
        async with client, await sdk.create(client, STREAM) as events:
            await read_some_async(events)
            await sdk.create(client, STREAM)

    def act():
        if is_async:
            asyncio.run(call())
            return
        options["http_client"] = library.Client(limits=limits, timeout=timeout)
        client = sdk.open(is_async=False, **options)
        with client, sdk.create(client, STREAM) as events:
            read_some(events)
            sdk.create(client, STREAM)

    bare, watched, samples = twice(act)

    assert bare["class"].endswith("APITimeoutError")
    assert bare == watched
    assert {("timeout", "PoolTimeout", 1), ("cancelled", None, 1)} == set(ended(samples))
    assert 2 == len(samples)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_retry_after_a_broken_connection_is_the_same_call(sdk, twice, is_async):
    """The SDK waits and asks again; both attempts are one sample, which ended well."""

    async def call():
        async with sdk.open(is_async=True, max_retries=1) as client:
            await sdk.create(client, Asking(streamed=False))

    def act():
        if is_async:
            asyncio.run(call())
            return
        with sdk.open(is_async=False, max_retries=1) as client:
            sdk.create(client, Asking(streamed=False))

    script = {"ttft": 0, "itl": 0, "fault": [{"cut": None}, None]}
    bare, watched, (sample,) = twice(act, script)

    assert (None, None) == (bare, watched)
    assert [("error", None), ("ok", 200)] == [
        (one.outcome.status, one.outcome.http_status) for one in sample.attempts
    ]
    assert Taint.RETRIED in sample.taints
    # The SDK's own pause, half a second less a quarter at the least.
    assert 0.3 < sample.retry_ns / 1e9


def _library_of(sdk):
    """Return the HTTP library that the SDK sits on."""
    client = next(one for one in sdk.sdk.DefaultHttpxClient.__mro__ if one.__name__ == "Client")
    return import_module(client.__module__.partition(".")[0])
