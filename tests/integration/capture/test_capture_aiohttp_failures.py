"""Calls over aiohttp that go wrong: the user gets what he got, the sample says what happened."""

import asyncio
import gc
import socket
import warnings

import pytest

from llm_latency_lens.capture import Observer
from llm_latency_lens.capture.aiohttp_body import Waits
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.samples import Status, Taint

aiohttp = pytest.importorskip("aiohttp", reason="needs aiohttp")

MS = 1_000_000
SLACK_MS = 250


def _closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


async def _read(response):
    return await response.read()


async def _post(base_url, model, *, use=_read, **options):
    body = {"model": model, "messages": [{"role": "user", "content": "hello"}], "stream": True}
    url = f"{base_url}/chat/completions"
    async with (
        aiohttp.ClientSession() as client,
        client.post(url, json=body, **options) as response,
    ):
        return await use(response)


async def _close_soon(client):
    await asyncio.sleep(0.3)
    await client.close()


def _outcome(seen):
    outcome = seen.sample.outcome
    return outcome.status, outcome.http_status, outcome.error_type


def test_a_refused_connection_is_an_error(watching, model):
    """Nobody listens: an error without an HTTP status, by aiohttp's own name."""
    with watching() as seen, pytest.raises(aiohttp.ClientConnectorError):
        asyncio.run(_post(f"http://127.0.0.1:{_closed_port()}/v1", model))

    assert (Status.ERROR, None, "ClientConnectorError") == _outcome(seen)


def test_a_refusal_is_an_error(simulator, watching, model):
    """The provider said no, and why."""
    simulator.script(model, status=429, retry_after="0s")
    with watching() as seen:
        asyncio.run(_post(simulator.base_url, model))
    status, http_status, _ = _outcome(seen)

    assert (Status.ERROR, 429) == (status, http_status)


def test_a_refusal_that_is_raised_is_an_error(simulator, watching, model):
    """``raise_for_status`` throws the body away, and the status is there all the same."""
    simulator.script(model, status=503)
    with watching() as seen, pytest.raises(aiohttp.ClientResponseError):
        asyncio.run(_post(simulator.base_url, model, raise_for_status=True))
    status, http_status, _ = _outcome(seen)

    assert (Status.ERROR, 503) == (status, http_status)


@pytest.mark.parametrize("timeout", [{"total": 0.2}, {"sock_read": 0.2}])
def test_silence_before_the_headers_is_a_timeout(simulator, watching, model, timeout):
    """Whichever of aiohttp's limits ran out."""
    simulator.script(model, fault={"stall": None})
    with watching() as seen, pytest.raises(TimeoutError) as raised:
        asyncio.run(_post(simulator.base_url, model, timeout=aiohttp.ClientTimeout(**timeout)))

    assert (Status.TIMEOUT, None, type(raised.value).__name__) == _outcome(seen)
    assert seen.sample.latency_ns >= 200 * MS


@pytest.mark.parametrize("timeout", [{"total": 0.3}, {"sock_read": 0.3}])
def test_silence_within_a_stream_is_a_timeout(simulator, watching, model, timeout):
    """Two tokens, then nothing: a timeout with a real time to first token."""
    simulator.script(model, ttft=10, itl=1, output_tokens=9, fault={"stall": 2})
    with watching() as seen, pytest.raises(TimeoutError) as raised:
        asyncio.run(_post(simulator.base_url, model, timeout=aiohttp.ClientTimeout(**timeout)))

    assert (Status.TIMEOUT, 200, type(raised.value).__name__) == _outcome(seen)
    assert (2, True) == (seen.sample.token_events, seen.sample.ttft_ns < 300 * MS)


def test_a_connection_that_breaks_before_the_headers_is_an_error(simulator, watching, model):
    """The server hangs up without a word."""
    simulator.script(model, fault={"cut": None})
    with watching() as seen, pytest.raises(aiohttp.ServerDisconnectedError):
        asyncio.run(_post(simulator.base_url, model))

    assert (Status.ERROR, None, "ServerDisconnectedError") == _outcome(seen)


def test_a_connection_that_breaks_within_the_answer_is_cut(simulator, watching, model):
    """With the tokens that came."""
    simulator.script(model, ttft=10, itl=1, output_tokens=9, fault={"cut": 3})
    with watching() as seen, pytest.raises(aiohttp.ClientPayloadError):
        asyncio.run(_post(simulator.base_url, model))

    assert (Status.CUT, 200, "ClientPayloadError") == _outcome(seen)
    assert 3 == seen.sample.token_events


def test_a_stream_left_early_is_cancelled(simulator, watching, model):
    """A break after the first token: the time to it is real, the call is cancelled."""
    simulator.script(model, ttft=30, itl=40, output_tokens=20)

    async def use(response):
        while b"finish" in (line := await response.content.readline()):
            if b'"content":""' not in line:
                return
            await response.content.readline()

    with watching() as seen:
        asyncio.run(_post(simulator.base_url, model, use=use))

    assert (Status.CANCELLED, 200, None) == _outcome(seen)
    assert 30 * MS <= seen.sample.ttft_ns < (30 + SLACK_MS) * MS
    assert Taint.CUT_SHORT in seen.sample.taints


def test_a_stream_that_its_consumer_fails_at_is_cancelled(simulator, watching, model):
    """An error of the user's own is none of the provider's."""
    simulator.script(model, ttft=5, itl=40, output_tokens=20)

    async def use(response):
        await response.content.readany()
        raise LookupError("theirs")

    with watching() as seen, pytest.raises(LookupError, match="theirs"):
        asyncio.run(_post(simulator.base_url, model, use=use))

    assert Status.CANCELLED == seen.sample.outcome.status


def test_a_stream_that_is_dropped_is_cancelled(simulator, watching, model):
    """Nobody closed the response; it went with its session."""
    simulator.script(model, ttft=5, itl=40, output_tokens=20)
    body = {"model": model, "messages": [], "stream": True}

    async def call():
        async with aiohttp.ClientSession() as client:
            response = await client.post(f"{simulator.base_url}/chat/completions", json=body)
            await response.content.readany()
            del response

    with watching() as seen, warnings.catch_warnings():
        # aiohttp itself warns of what was dropped.
        warnings.simplefilter("ignore", ResourceWarning)
        asyncio.run(call())
        gc.collect()

    assert Status.CANCELLED == seen.sample.outcome.status


@pytest.mark.parametrize("tokens", [None, 1], ids=["headers", "body"])
def test_a_session_that_is_closed_within_its_call_is_a_cancelled_call(
    simulator, watching, model, tokens
):
    """Whoever closes it has given up; the provider did nothing wrong."""
    simulator.script(model, ttft=5, itl=1, output_tokens=5, fault={"stall": tokens})

    async def call():
        client = aiohttp.ClientSession()
        closing = asyncio.create_task(_close_soon(client))
        limit = aiohttp.ClientTimeout(total=1)
        body = {"model": model, "messages": [], "stream": True}
        try:
            async with client.post(
                f"{simulator.base_url}/chat/completions", json=body, timeout=limit
            ) as response:
                await response.read()
        finally:
            await closing

    with watching() as seen, pytest.raises((aiohttp.ClientError, TimeoutError)):
        asyncio.run(call())
    status, _, error_type = _outcome(seen)

    assert (Status.CANCELLED, "SessionClosed") == (status, error_type)


@pytest.mark.parametrize("tokens", [None, 1], ids=["headers", "body"])
def test_a_cancelled_task_is_a_cancelled_call(simulator, watching, model, tokens):
    """Asyncio's own cancellation is no error of the provider, wherever it comes."""
    simulator.script(model, ttft=5, itl=1, output_tokens=5, fault={"stall": tokens})

    async def call():
        async with asyncio.timeout(0.3):
            await _post(simulator.base_url, model)

    with watching() as seen, pytest.raises(TimeoutError):
        asyncio.run(call())
    status, _, error_type = _outcome(seen)

    assert (Status.CANCELLED, "CancelledError") == (status, error_type)


def test_a_consumer_may_give_up_a_wait_and_come_back(simulator, watching, model):
    """Waiting for the next line for a short time only is no end of the call."""
    simulator.script(model, ttft=5, itl=60, output_tokens=3)

    async def use(response):
        given_up = 0
        while not response.content.at_eof():
            try:
                await asyncio.wait_for(response.content.readline(), 0.02)
            except TimeoutError:
                given_up += 1
        return given_up

    with watching() as seen:
        given_up = asyncio.run(_post(simulator.base_url, model, use=use))

    assert given_up > 0
    assert (Status.OK, 3) == (seen.sample.outcome.status, seen.sample.token_events)


def test_a_refused_redirect_keeps_the_call(simulator, watching, model):
    """A redirect that the user does not follow is the answer."""
    simulator.script(model, fault="redirect")
    with watching() as seen:
        asyncio.run(_post(simulator.base_url, model, allow_redirects=False))

    assert [307] == [one.outcome.http_status for one in seen.sample.attempts]


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Observer, "begin"),
        (Observer, "_ended"),
        (Watch, "answered"),
        (Watch, "take_stock"),
        (Waits, "take"),
        (Waits, "__init__"),
    ],
)
def test_a_fault_of_ours_breaks_no_call(simulator, watching, model, monkeypatch, owner, name):
    """Whatever raises in our own code, the user's call goes on and ends well."""

    def fail(*_, **__):
        raise RuntimeError("ours")

    simulator.script(model, output_tokens=40, ttft=5, itl=1)
    monkeypatch.setattr(owner, name, fail)
    with watching():
        got = asyncio.run(_post(simulator.base_url, model))

    assert (True, 40) == (got.endswith(b"data: [DONE]\n\n"), got.count(b'"content":') - 1)
