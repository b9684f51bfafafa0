"""Predictions through the SDK of Replicate: however they are fetched, each is one call."""

import asyncio

import pytest
from replicate_server import PIECE_S, PIECES, POLLS, serve

replicate = pytest.importorskip("replicate", reason="needs the replicate SDK")

MODEL = "meta/llama"
NS_PER_S = 1_000_000_000


def _client(server):
    client = replicate.Client(api_token="k", base_url=f"http://127.0.0.1:{server.server_port}")
    client.poll_interval = 0.01
    return client


def _run(client):
    return client.run(MODEL, input={"prompt": "hello"})


def _run_async(client):
    async def call():
        try:
            return await client.async_run(MODEL, input={"prompt": "hello"})
        finally:
            await client._async_client.aclose()  # the SDK has no word for it

    return asyncio.run(call())


def _stream(client):
    return [str(event) for event in client.stream(MODEL, input={"prompt": "hello"})]


def _stream_async(client):
    async def call():
        try:
            events = await client.async_stream(MODEL, input={"prompt": "hello"})
            return [str(event) async for event in events]
        finally:
            await client._async_client.aclose()

    return asyncio.run(call())


@pytest.fixture
def made(watching):
    """Make a prediction; return what the SDK gave and the samples."""

    def make(ask, *, waits=False):
        with serve(waits=waits) as server:
            host = f"127.0.0.1:{server.server_port}"
            with watching("replicate", host=host) as samples:
                client = _client(server)
                given = ask(client)
                client._client.close()
            return given, samples, server.fetched

    return make


@pytest.mark.parametrize("ask", [_run, _run_async])
def test_a_prediction_that_is_fetched_again_and_again_is_one_call(made, ask):
    """Its latency goes from the first request to the last; the server's own times are told."""
    given, samples, fetched = made(ask)
    (sample,) = samples

    assert ["".join(PIECES), POLLS] == ["".join(given), fetched]
    assert ("replicate", MODEL, "ok", 1, "succeeded", "p1", False) == (
        sample.provider,
        sample.model,
        sample.outcome.status,
        len(sample.attempts),
        sample.finish_reason,
        sample.response_id,
        sample.streamed,
    )
    assert {"queue": 2.5, "generation": 0.5} == {
        time.covers: time.nanoseconds / NS_PER_S for time in sample.server_times
    }


@pytest.mark.parametrize("ask", [_run, _run_async])
def test_an_answer_that_waited_is_one_call(made, ask):
    """With ``Prefer: wait`` nothing has to be fetched."""
    given, samples, fetched = made(ask, waits=True)
    (sample,) = samples

    assert ("".join(PIECES), 0, "ok") == ("".join(given), fetched, sample.outcome.status)


@pytest.mark.parametrize("ask", [_stream, _stream_async])
def test_a_stream_of_a_prediction_is_one_call(made, ask):
    """From the request that began it to the last piece, from another host."""
    given, samples, _ = made(ask)
    (sample,) = samples
    timeline = sample.timeline

    assert "".join(PIECES) == "".join(given)
    assert (MODEL, True, len(PIECES), "done", 1) == (
        sample.model,
        sample.streamed,
        sample.token_events,
        sample.finish_reason,
        len(sample.attempts),
    )
    assert timeline.first_token_ns - timeline.started_ns >= PIECE_S * NS_PER_S
    assert sample.usage.output_tokens is None
