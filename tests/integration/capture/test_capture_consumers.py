"""Consumers of a stream that come late for what has arrived, over real sockets."""

import asyncio
import time

import pytest

from llm_latency_lens.samples import Status, Taint

MS = 1_000_000
AWAY_S = 0.1
EVENTS = 8


@pytest.fixture(params=["httpx", "httpx2"])
def library(request):
    """Each of the two libraries that are hooked."""
    return pytest.importorskip(request.param)


def _asked(simulator, model):
    body = {"model": model, "messages": [{"role": "user", "content": "hello"}], "stream": True}
    return {"url": f"{simulator.base_url}/chat/completions", "json": body}


def _read(library, asked, pause):
    with library.Client() as client, client.stream("POST", **asked) as response:
        for line in response.iter_lines():
            if line:
                pause()


async def _read_async(library, asked, pause):
    async with library.AsyncClient() as client, client.stream("POST", **asked) as response:
        async for line in response.aiter_lines():
            if line:
                await pause()


@pytest.fixture
def stream(simulator, model):
    """Script a stream whose tokens come every two milliseconds; return how to ask for it."""
    simulator.script(model, ttft=5, itl=2, output_tokens=EVENTS)
    return _asked(simulator, model)


def test_a_consumer_that_comes_late_is_told(watching, library, stream):
    """Its bytes had been there before it asked for them."""
    with watching() as seen:
        _read(library, stream, lambda: time.sleep(AWAY_S))

    assert (Status.OK, EVENTS) == (seen.sample.outcome.status, seen.sample.token_events)
    assert Taint.SLOW_CONSUMER in seen.sample.taints


def test_a_consumer_that_awaits_something_else_is_told(watching, library, stream):
    """So is one in a loop, which was free meanwhile."""

    async def pause():
        await asyncio.sleep(AWAY_S)

    with watching() as seen:
        asyncio.run(_read_async(library, stream, pause))

    assert Taint.SLOW_CONSUMER in seen.sample.taints


def test_a_consumer_that_blocks_its_loop_is_told(watching, library, stream):
    """And one whose loop was not: nobody could have read."""

    async def pause():
        time.sleep(AWAY_S)  # noqa: ASYNC251 - that is what goes wrong here

    with watching() as seen:
        asyncio.run(_read_async(library, stream, pause))

    assert Taint.SLOW_CONSUMER in seen.sample.taints


def test_the_times_of_a_late_consumer_are_those_of_its_reading(
    simulator, watching, model, library, stream
):
    """Why the taint is worth its name: the last token looks later than it was sent."""
    with watching() as seen:
        _read(library, stream, lambda: time.sleep(AWAY_S))
    (record,) = simulator.records(model)

    assert seen.sample.timeline.last_token_ns - record.last_token_ns > AWAY_S * 1000 * MS


def test_a_consumer_that_is_back_in_time_is_not_late(simulator, watching, model, library):
    """It was away in the middle, but no longer than the server took for the next token."""
    simulator.script(model, ttft=5, itl=100, output_tokens=EVENTS)
    lines = iter(range(100))

    def pause():
        if next(lines) in {3, 4}:
            time.sleep(0.02)

    with watching() as seen:
        _read(library, _asked(simulator, model), pause)

    assert Taint.SLOW_CONSUMER not in seen.sample.taints


def test_a_consumer_that_reads_on_is_not_late(watching, library, stream):
    """Whoever takes each token at once has no such taint."""
    with watching() as seen:
        _read(library, stream, lambda: None)

    assert Taint.SLOW_CONSUMER not in seen.sample.taints
