"""Hooks on an HTTP client: limits, the number of an attempt, and responses that are closed."""

import asyncio

import pytest

from llm_latency_lens.providers.http_hooks import one_attempt, request_hooks

httpx = pytest.importorskip("httpx", reason="needs httpx")

LIMITS = {"connect": 3, "read": None, "write": None, "pool": None}


def _sent(number, hooks, **words):
    """Send one request within an attempt; return it and its response, unread."""
    kept = []

    async def body():
        yield b"x"

    async def send():
        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body()))
        async with httpx.AsyncClient(transport=transport, event_hooks=hooks) as client:
            request = client.build_request("POST", "http://here", **words)
            async with one_attempt(number):
                kept.extend((request, await client.send(request, stream=True)))
            kept.append(kept[1].is_closed)
            if not kept[2]:
                await kept[1].aclose()

    asyncio.run(send())
    return kept


def test_the_only_limit_is_that_on_connecting():
    """Whatever limits the SDK gave to its request."""
    request, _, _ = _sent(0, request_hooks(3), timeout=60)

    assert LIMITS == request.extensions["timeout"]


@pytest.mark.parametrize(("number", "header"), [(0, None), (2, "2")])
def test_a_retry_is_numbered(number, header):
    """And a first attempt is not."""
    request, _, _ = _sent(number, request_hooks(None))

    assert header == request.headers.get("x-stainless-retry-count")


def test_a_response_that_was_left_open_is_closed():
    """At the end of the attempt, so that its call is over."""
    _, _, is_closed = _sent(0, request_hooks(3))

    assert is_closed


def test_without_an_attempt_nothing_is_numbered_or_kept():
    """A client that gets ready has none."""

    async def send():
        transport = httpx.MockTransport(lambda _: httpx.Response(200))
        async with httpx.AsyncClient(transport=transport, event_hooks=request_hooks(3)) as client:
            return (await client.get("http://here")).request

    request = asyncio.run(send())

    assert (LIMITS, None) == (
        request.extensions["timeout"],
        request.headers.get("x-stainless-retry-count"),
    )
