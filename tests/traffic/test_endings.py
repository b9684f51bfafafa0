"""
Calls that end before their answer does: by their consumer, a timeout, a closed client or loop.

Each is made without the lens and with it; the SDK must raise the same, and there is one sample.
"""

import asyncio
import gc
import socket
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module

import pytest
from traffic_clients import MODEL, Asking, known_sections
from traffic_values import plain

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory
from llm_latency_lens.samples import Status, Taint

SDKS = {
    name: make
    for name, (make, is_here) in known_sections().items()
    if is_here and hasattr(make, "classes")
}
STREAM = Asking(streamed=True)
# Long enough that nothing ends by itself meanwhile.
LONG = {"ttft": 0, "itl": 20, "output_tokens": 500}
SILENT = {"ttft": "60s", "latency": "60s"}
SHORT_S = 0.15
EVENTS_READ = 5
# More than the buffers of a connection hold.
HUGE = "x" * (16 * 2**20)

pytestmark = pytest.mark.parametrize(
    "sdk", SDKS, ids=[name.replace(",", "").replace(" ", "_") for name in SDKS], indirect=True
)


@pytest.fixture(scope="module")
def sdk(request, provider):
    """Each API of each SDK that is installed."""
    return SDKS[request.param](request.param, provider.host)


@pytest.fixture
def twice(provider):
    """Do something without the lens and with it: what each came to, and the samples."""

    def twice(act, script=None, host=None):
        vendors = {host or provider.host: ("openai", "anthropic")}
        observer = Observer(Directory(vendors))
        provider.script(MODEL, **(LONG if script is None else script))
        bare = _outcome(act)
        with hooks(observer.begin), open_scope(Scope()) as scope:
            watched = _outcome(act)
            observer.settle(scope)
            return bare, watched, scope.samples

    return twice


def _outcome(act):
    raised = None
    try:
        act()
    except Exception as fault:
        raised = fault
        # What is left of the call hangs on the frames that it passed through.
        raised.__traceback__ = None
    finally:
        gc.collect()
    return plain(raised)


def _ended(samples):
    return [(one.outcome.status, one.outcome.error_type, len(one.attempts)) for one in samples]


# --- by their consumer


def test_a_break_within_a_block_is_a_cancelled_call(sdk, twice):
    """A stream that its block closes: no exception, a first token, no end."""

    def act():
        with sdk.open(is_async=False) as client, sdk.create(client, STREAM) as events:
            _read_some(events)

    bare, watched, (sample,) = twice(act)

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == _ended([sample])
    assert Taint.CUT_SHORT in sample.taints
    assert sample.ttft_ns is not None


def test_a_break_within_an_async_block_is_a_cancelled_call(sdk, twice):
    """So it is in an event loop."""

    async def call():
        async with sdk.open(is_async=True) as it, await sdk.create(it, STREAM) as events:
            await _read_some_async(events)

    bare, watched, (sample,) = twice(lambda: asyncio.run(call()))

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == _ended([sample])
    assert Taint.CUT_SHORT in sample.taints
    assert sample.ttft_ns is not None


def test_a_stream_that_is_dropped_is_a_cancelled_call(sdk, twice):
    """Nobody closes it: the collector does, when the stream is gone."""

    def act():
        with sdk.open(is_async=False) as client:
            _read_some(sdk.create(client, STREAM))
            gc.collect()

    bare, watched, samples = twice(act)

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == _ended(samples)


def test_a_stream_that_is_dropped_in_a_loop_is_a_cancelled_call(sdk, twice):
    """The loop closes the generators that the collector finds."""

    async def call():
        async with sdk.open(is_async=True) as client:
            await _read_some_async(await sdk.create(client, STREAM))
            gc.collect()
            await asyncio.sleep(0)

    bare, watched, samples = twice(lambda: asyncio.run(call()))

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == _ended(samples)


def test_a_stream_that_nobody_reads_is_a_cancelled_call(sdk, twice):
    """A stream that was asked for and dropped, with not one event read."""

    def act():
        with sdk.open(is_async=False) as client:
            sdk.create(client, STREAM)
            gc.collect()

    bare, watched, samples = twice(act)

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == _ended(samples)


@pytest.mark.parametrize("streamed", [True, False])
def test_a_cancelled_task_is_a_cancelled_call(sdk, twice, streamed):
    """Before the headers or within the stream: asyncio's cancellation comes out as it went in."""

    async def call():
        async with sdk.open(is_async=True) as client:
            answer = asyncio.ensure_future(_ask(client))
            await asyncio.sleep(SHORT_S)
            answer.cancel("enough")
            await answer

    async def _ask(client):
        answer = await sdk.create(client, Asking(streamed=streamed))
        async for _ in answer:
            pass

    def act():
        try:
            asyncio.run(call())
        except asyncio.CancelledError as fault:
            raise RuntimeError(*fault.args) from None

    bare, watched, samples = twice(act, LONG if streamed else SILENT)

    assert ["enough"] == bare["args"]
    assert bare == watched
    assert [(Status.CANCELLED, "CancelledError", 1)] == _ended(samples)


# --- by a timeout


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
    assert [(Status.TIMEOUT, "ConnectTimeout", 1)] == _ended([sample])
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
    assert [(Status.TIMEOUT, "WriteTimeout", 1)] == _ended([sample])
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
    assert [(Status.TIMEOUT, "ReadTimeout", 1)] == _ended([sample])
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
            await _read_some_async(events)
            await sdk.create(client, STREAM)

    def act():
        if is_async:
            asyncio.run(call())
            return
        options["http_client"] = library.Client(limits=limits, timeout=timeout)
        client = sdk.open(is_async=False, **options)
        with client, sdk.create(client, STREAM) as events:
            _read_some(events)
            sdk.create(client, STREAM)

    bare, watched, samples = twice(act)

    assert bare["class"].endswith("APITimeoutError")
    assert bare == watched
    assert {("timeout", "PoolTimeout", 1), ("cancelled", None, 1)} == set(_ended(samples))
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


# --- by a client or a loop that is closed


def test_a_client_closed_within_a_stream(sdk, twice):
    """The SDK tells it as a broken connection; the sample knows that it was closed on this side."""

    def act():
        client = sdk.open(is_async=False)
        events = sdk.create(client, STREAM)
        _read_some(events)
        client.close()
        for _ in events:
            pass

    bare, watched, samples = twice(act)

    assert bare == watched
    assert [(Status.CANCELLED, "ReadError", 1)] == _ended(samples)


def test_an_async_client_closed_within_a_stream(sdk, twice):
    """So it is in an event loop."""

    async def call():
        client = sdk.open(is_async=True)
        events = await sdk.create(client, STREAM)
        await _read_some_async(events)
        await client.close()
        async for _ in events:
            pass

    bare, watched, samples = twice(lambda: asyncio.run(call()))

    assert bare == watched
    assert [(Status.CANCELLED, "ReadError", 1)] == _ended(samples)


def test_a_loop_that_ends_within_a_stream(sdk, twice):
    """asyncio.run closes what its coroutine left open: the call is cancelled."""
    left = []

    async def call():
        events = await sdk.create(sdk.open(is_async=True), STREAM)
        left.append(events)
        await _read_some_async(events)

    def act():
        asyncio.run(call())
        left.clear()

    bare, watched, samples = twice(act)

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == _ended(samples)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_that_is_closed_within_a_stream(sdk, twice):
    """A loop that closes nothing: the call ends when its stream is collected, as cancelled."""
    left = []

    async def call():
        events = await sdk.create(sdk.open(is_async=True), STREAM)
        left.append(events)
        await _read_some_async(events)

    def act():
        loop = asyncio.new_event_loop()
        loop.run_until_complete(call())
        loop.close()
        left.clear()

    bare, watched, samples = twice(act)

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == _ended(samples)


def _library_of(sdk):
    """Return the HTTP library that the SDK sits on."""
    client = next(one for one in sdk.sdk.DefaultHttpxClient.__mro__ if one.__name__ == "Client")
    return import_module(client.__module__.partition(".")[0])


def _read_some(events):
    for number, _ in enumerate(events):
        if number == EVENTS_READ:
            return


async def _read_some_async(events):
    number = 0
    async for _ in events:
        number += 1
        if number == EVENTS_READ:
            return
