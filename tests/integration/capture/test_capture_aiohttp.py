"""SDKs that were told to send through aiohttp: it is a network like any other."""

import asyncio

import pytest

from llm_latency_lens.samples import Status, Taint

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")
pytest.importorskip("aiohttp", reason="needs aiohttp")

MS = 1_000_000
SLACK_MS = 250
HELLO = [{"role": "user", "content": "hello"}]


async def _read(stream, pause):
    async for _ in stream:
        await pause(stream)


async def _go_on(_):
    """Come back at once for what comes next."""


async def _openai(simulator, model, pause=_go_on):
    async with openai.AsyncOpenAI(
        base_url=simulator.base_url, api_key="k", http_client=openai.DefaultAioHttpClient()
    ) as client:
        stream = await client.chat.completions.create(model=model, messages=HELLO, stream=True)
        await _read(stream, pause)


async def _anthropic(simulator, model, pause=_go_on):
    async with anthropic.AsyncAnthropic(
        base_url=simulator.anthropic_base_url,
        api_key="k",
        http_client=anthropic.DefaultAioHttpClient(),
    ) as client:
        stream = await client.messages.create(
            model=model, messages=HELLO, max_tokens=64, stream=True
        )
        await _read(stream, pause)


@pytest.fixture(params=[_openai, _anthropic])
def sample(request, simulator, watching, model):
    """The sample of one streamed call."""
    with watching() as seen:
        asyncio.run(request.param(simulator, model))
        return seen.sample


def test_a_call_over_aiohttp_is_seen_once(sample):
    """One call is one sample, with its tokens."""
    assert ("ok", 6) == (sample.outcome.status, sample.token_events)


def test_a_call_over_aiohttp_is_no_double(sample):
    """No trace comes from aiohttp, which is a network all the same."""
    assert Taint.MOCKED not in sample.taints


def test_a_call_over_aiohttp_has_a_first_token(sample):
    """The first token is dated between the server's and the end of the call."""
    line = sample.timeline

    assert line.started_ns < line.headers_ns <= line.first_token_ns <= line.ended_ns


def test_a_call_over_aiohttp_has_its_connection(sample):
    """The transport beneath tells when it stood and when the request had left."""
    line = sample.timeline

    assert Taint.COLD in sample.taints
    assert line.started_ns < line.connect_started_ns < line.connected_ns < line.sent_ns


@pytest.mark.parametrize("call", [_openai, _anthropic])
def test_bytes_beneath_a_client_are_dated_when_they_arrive(simulator, watching, model, call):
    """A loop that is busy elsewhere for a moment, with the bytes already read, does no harm."""
    simulator.script(model, ttft=5, itl=2, output_tokens=6)

    async def pause(_):
        await asyncio.sleep(0.1)

    with watching() as seen:
        asyncio.run(call(simulator, model, pause))
    (record,) = simulator.records(model)

    assert 6 == seen.sample.token_events
    assert seen.sample.timeline.last_token_ns - record.last_token_ns < SLACK_MS * MS
    assert Taint.SLOW_CONSUMER not in seen.sample.taints


@pytest.mark.parametrize("call", [_openai, _anthropic])
def test_retries_over_aiohttp_are_one_call(simulator, watching, model, call):
    """They are told by the SDK's own client, as without aiohttp."""
    simulator.script(model, status=[503, 200], retry_after="10ms", ttft=5, itl=1)
    with watching() as seen:
        asyncio.run(call(simulator, model))

    assert [503, 200] == [one.outcome.http_status for one in seen.sample.attempts]


def test_a_connection_that_breaks_over_aiohttp_is_cut(simulator, watching, model):
    """The exception is the SDK's own, and the sample has the client's name for it."""
    simulator.script(model, ttft=10, itl=1, output_tokens=9, fault={"cut": 3})
    with watching() as seen, pytest.raises(Exception, match=r"(?i)payload|read|peer|connection"):
        asyncio.run(_openai(simulator, model))

    assert (Status.CUT, 200, 3) == (
        seen.sample.outcome.status,
        seen.sample.outcome.http_status,
        seen.sample.token_events,
    )


def test_a_client_that_is_closed_within_its_stream_is_cancelled(simulator, watching, model):
    """The transport beneath knows that it was this side that closed."""
    simulator.script(model, ttft=5, itl=1, output_tokens=9, fault={"stall": 3})

    async def call():
        client = openai.AsyncOpenAI(
            base_url=simulator.base_url, api_key="k", http_client=openai.DefaultAioHttpClient()
        )
        stream = await client.chat.completions.create(model=model, messages=HELLO, stream=True)
        await anext(stream)
        await client.close()
        await _read(stream, _go_on)

    with watching() as seen, pytest.raises(Exception, match=r"(?i)connection"):
        asyncio.run(call())

    assert (Status.CANCELLED, "SessionClosed") == (
        seen.sample.outcome.status,
        seen.sample.outcome.error_type,
    )


def test_a_transport_of_httpx_over_aiohttp_is_seen_once(simulator, watching, model):
    """Whatever plain httpx is told to send through."""
    httpx = pytest.importorskip("httpx")
    transport = pytest.importorskip("httpx_aiohttp", reason="needs httpx-aiohttp")
    simulator.script(model, ttft=5, itl=1, output_tokens=6)

    async def call():
        async with httpx.AsyncClient(transport=transport.AiohttpTransport()) as client:
            url = f"{simulator.base_url}/chat/completions"
            return await client.post(url, json={"model": model, "messages": HELLO, "stream": True})

    with watching() as seen:
        response = asyncio.run(call())

    assert response.text.endswith("data: [DONE]\n\n")
    assert (6, True) == (seen.sample.token_events, Taint.COLD in seen.sample.taints)


def test_a_double_of_the_library_is_still_one(simulator, watching):
    """A transport that answers by itself has no network behind it."""
    httpx2 = pytest.importorskip("httpx2")
    answer = {"model": "m", "choices": [{"index": 0, "message": {"content": "hi"}}]}

    async def call():
        double = httpx2.MockTransport(lambda _: httpx2.Response(200, json=answer))
        async with httpx2.AsyncClient(transport=double) as client:
            url = f"{simulator.base_url}/chat/completions"
            await client.post(url, json={"model": "m", "messages": HELLO})

    with watching() as seen:
        asyncio.run(call())

    assert Taint.MOCKED in seen.sample.taints
