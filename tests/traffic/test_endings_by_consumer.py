"""Calls that their consumer ends: by leaving a stream, dropping it, or cancelling the task."""

import asyncio
import gc

import pytest
from traffic_clients import Asking
from traffic_endings import SILENT, STREAM, ended, read_some, read_some_async

from llm_latency_lens.samples import Status, Taint

# The stream runs on for ten seconds meanwhile.
SHORT_S = 0.15


def test_a_break_within_a_block_is_a_cancelled_call(sdk, twice):
    """A stream that its block closes: no exception, a first token, no end."""

    def act():
        with sdk.open(is_async=False) as client, sdk.create(client, STREAM) as events:
            read_some(events)

    bare, watched, (sample,) = twice(act)

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == ended([sample])
    assert Taint.CUT_SHORT in sample.taints
    assert sample.ttft_ns is not None


def test_a_break_within_an_async_block_is_a_cancelled_call(sdk, twice):
    """So it is in an event loop."""

    async def call():
        async with sdk.open(is_async=True) as it, await sdk.create(it, STREAM) as events:
            await read_some_async(events)

    bare, watched, (sample,) = twice(lambda: asyncio.run(call()))

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == ended([sample])
    assert Taint.CUT_SHORT in sample.taints
    assert sample.ttft_ns is not None


def test_a_stream_that_is_dropped_is_a_cancelled_call(sdk, twice):
    """Nobody closes it: the collector does, when the stream is gone."""

    def act():
        with sdk.open(is_async=False) as client:
            read_some(sdk.create(client, STREAM))
            gc.collect()

    bare, watched, samples = twice(act)

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == ended(samples)


def test_a_stream_that_is_dropped_in_a_loop_is_a_cancelled_call(sdk, twice):
    """The loop closes the generators that the collector finds."""

    async def call():
        async with sdk.open(is_async=True) as client:
            await read_some_async(await sdk.create(client, STREAM))
            gc.collect()
            await asyncio.sleep(0)

    bare, watched, samples = twice(lambda: asyncio.run(call()))

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == ended(samples)


def test_a_stream_that_nobody_reads_is_a_cancelled_call(sdk, twice):
    """A stream that was asked for and dropped, with not one event read."""

    def act():
        with sdk.open(is_async=False) as client:
            sdk.create(client, STREAM)
            gc.collect()

    bare, watched, samples = twice(act)

    assert (None, None) == (bare, watched)
    assert [(Status.CANCELLED, None, 1)] == ended(samples)


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

    bare, watched, samples = twice(act, None if streamed else SILENT)

    assert ["enough"] == bare["args"]
    assert bare == watched
    assert [(Status.CANCELLED, "CancelledError", 1)] == ended(samples)
