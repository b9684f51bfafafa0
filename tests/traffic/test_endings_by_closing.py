"""Calls whose client or event loop is closed before their answer has come."""

import asyncio

import pytest
from traffic_endings import STREAM, ended, read_some, read_some_async

from llm_latency_lens.samples import Status


def test_a_client_closed_within_a_stream(sdk, twice):
    """The SDK tells it as a broken connection; the sample knows that it was closed on this side."""

    def act():
        client = sdk.open(is_async=False)
        events = sdk.create(client, STREAM)
        read_some(events)
        client.close()
        for _ in events:
            pass

    bare, watched, samples = twice(act)

    assert bare == watched
    assert [(Status.CANCELLED, "ReadError", 1)] == ended(samples)


def test_an_async_client_closed_within_a_stream(sdk, twice):
    """So it is in an event loop."""

    async def call():
        client = sdk.open(is_async=True)
        events = await sdk.create(client, STREAM)
        await read_some_async(events)
        await client.close()
        async for _ in events:
            pass

    bare, watched, samples = twice(lambda: asyncio.run(call()))

    assert bare == watched
    assert [(Status.CANCELLED, "ReadError", 1)] == ended(samples)


def test_a_loop_that_ends_within_a_stream(sdk, twice):
    """asyncio.run closes what its coroutine left open: the call is cancelled."""
    left = []

    async def call():
        events = await sdk.create(sdk.open(is_async=True), STREAM)
        left.append(events)
        await read_some_async(events)

    def act():
        asyncio.run(call())
        left.clear()

    bare, watched, samples = twice(act)

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == ended(samples)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_that_is_closed_within_a_stream(sdk, twice):
    """A loop that closes nothing: the call ends when its stream is collected, as cancelled."""
    left = []

    async def call():
        events = await sdk.create(sdk.open(is_async=True), STREAM)
        left.append(events)
        await read_some_async(events)

    def act():
        loop = asyncio.new_event_loop()
        loop.run_until_complete(call())
        loop.close()
        left.clear()

    bare, watched, samples = twice(act)

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == ended(samples)
