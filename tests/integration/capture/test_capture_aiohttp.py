"""SDKs that were told to send through aiohttp: it is a network like any other."""

import asyncio

import pytest

from llm_latency_lens.samples import Taint

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")
pytest.importorskip("aiohttp", reason="needs aiohttp")

HELLO = [{"role": "user", "content": "hello"}]


async def _openai(simulator, model):
    async with openai.AsyncOpenAI(
        base_url=simulator.base_url, api_key="k", http_client=openai.DefaultAioHttpClient()
    ) as client:
        stream = await client.chat.completions.create(model=model, messages=HELLO, stream=True)
        return [one async for one in stream]


async def _anthropic(simulator, model):
    async with anthropic.AsyncAnthropic(
        base_url=simulator.anthropic_base_url,
        api_key="k",
        http_client=anthropic.DefaultAioHttpClient(),
    ) as client:
        stream = await client.messages.create(
            model=model, messages=HELLO, max_tokens=64, stream=True
        )
        return [one async for one in stream]


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
