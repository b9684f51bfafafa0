"""Plain httpx and httpx2, with no SDK above them: named hosts, unnamed ones, other requests."""

import asyncio
import json

import pytest

MS = 1_000_000
SLACK_MS = 1000


@pytest.fixture(params=["httpx", "httpx2"])
def library(request):
    """Each of the two libraries that are hooked."""
    return pytest.importorskip(request.param)


def _body(model, *, stream):
    return {
        "model": model,
        "messages": [{"role": "user", "content": "hello"}],
        "stream": stream,
        **({"stream_options": {"include_usage": True}} if stream else {}),
    }


@pytest.mark.parametrize("stream", [True, False])
def test_a_sync_call_is_seen(simulator, watching, model, library, stream):
    """A POST of the library's own client is a call, with the record's usage and id."""
    with watching() as seen, library.Client() as client:
        url = f"{simulator.base_url}/chat/completions"
        with client.stream("POST", url, json=_body(model, stream=stream)) as response:
            response.read()
    (record,) = simulator.records(model)
    usage = seen.sample.usage

    assert (record.id, stream) == (seen.sample.request_id, seen.sample.streamed)
    assert (record.usage.input_tokens, record.usage.output_tokens) == (
        usage.input_tokens,
        usage.output_tokens,
    )


@pytest.mark.parametrize("stream", [True, False])
def test_an_async_call_is_seen(simulator, watching, model, library, stream):
    """So is one of the asynchronous client."""

    async def call():
        async with library.AsyncClient() as client:
            url = f"{simulator.base_url}/chat/completions"
            async with client.stream("POST", url, json=_body(model, stream=stream)) as response:
                await response.aread()

    with watching() as seen:
        asyncio.run(call())
    (record,) = simulator.records(model)

    assert (record.id, stream) == (seen.sample.request_id, seen.sample.streamed)


def test_first_tokens_are_those_of_the_server(simulator, watching, model, library):
    """The time to the first token is the script's, and that of the record."""
    simulator.script(model, ttft=40, itl=2, output_tokens=5)
    with watching() as seen:
        library.post(f"{simulator.base_url}/chat/completions", json=_body(model, stream=True))
    (record,) = simulator.records(model)
    sample = seen.sample

    assert 40 * MS <= sample.ttft_ns < (40 + SLACK_MS) * MS
    assert 0 <= sample.timeline.first_token_ns - record.first_token_ns < SLACK_MS * MS


def test_an_anthropic_path_is_anthropic(simulator, watching, model, library):
    """The path names the protocol, and so the vendor, of an address with two."""
    body = {**_body(model, stream=False), "max_tokens": 5}
    with watching() as seen:
        library.post(f"{simulator.anthropic_base_url}/v1/messages", json=body)

    assert ("anthropic", "anthropic") == (seen.sample.provider, seen.sample.protocol)


def test_an_unnamed_local_server_is_recognised(simulator, watching, model, library):
    """By path and body; its provider is its address."""
    with watching(named=False) as seen:
        library.post(f"{simulator.base_url}/chat/completions", json=_body(model, stream=False))

    assert simulator.host == seen.sample.provider


def test_another_body_at_an_unnamed_server_is_no_call(simulator, watching, library):
    """The path alone makes no call: the body must have messages."""
    with watching(named=False) as seen:
        library.post(f"{simulator.base_url}/chat/completions", json={"question": "hello"})

    assert () == seen.samples


@pytest.mark.parametrize("path", ["/v1/moderations", "/login", "/"])
def test_another_path_is_no_call(simulator, watching, library, path):
    """A POST to a named host that is no call of its protocols is ignored."""
    with watching() as seen:
        library.post(f"http://{simulator.host}{path}", json={"model": "m", "messages": []})

    assert () == seen.samples


def test_a_get_is_no_call(simulator, watching, library):
    """Only POST asks a model."""
    with watching() as seen:
        library.get(f"{simulator.base_url}/models")

    assert () == seen.samples


def test_a_body_that_streams_out_is_no_obstacle(simulator, watching, model, library):
    """A request whose body is a generator is sent as it is; the answer names its model."""
    body = json.dumps(_body(model, stream=False)).encode()
    with watching() as seen:
        response = library.post(
            f"{simulator.base_url}/chat/completions", content=iter([body[:20], body[20:]])
        )

    assert 200 == response.status_code
    assert model == seen.sample.model


def test_the_trace_of_the_user_is_called_too(simulator, watching, model, library):
    """An extension of the user's own keeps hearing the network."""
    heard = []
    with watching() as seen, library.Client() as client:
        client.post(
            f"{simulator.base_url}/chat/completions",
            json=_body(model, stream=False),
            extensions={"trace": lambda event, _info: heard.append(event)},
        )

    assert "http11.send_request_body.complete" in heard
    assert seen.sample.timeline.sent_ns is not None


def test_elapsed_is_kept(simulator, watching, model, library):
    """The library's own reading of the time still works on a watched response."""
    with watching():
        response = library.post(
            f"{simulator.base_url}/chat/completions", json=_body(model, stream=False)
        )

    assert response.elapsed.total_seconds() > 0
