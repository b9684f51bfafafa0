"""Unchanged code of users, as in ``vendor_calls``: predictions of Replicate."""

import asyncio
from importlib import import_module

from vendor_calls import drain, drain_async

__all__ = ["replicate", "replicate_async"]

_ASKED = {"prompt": "hello"}


def replicate(simulator, model, *, stream):
    """Ask for a prediction."""
    client = _client(simulator)
    try:
        ask = client.stream if stream else client.run
        drain(ask(model, input=_ASKED), stream=stream)
    finally:
        client._client.close()  # the SDK has no word for it


def replicate_async(simulator, model, *, stream):
    """Do so in asyncio."""

    async def call():
        client = _client(simulator)
        try:
            ask = client.async_stream if stream else client.async_run
            await drain_async(await ask(model, input=_ASKED), stream=stream)
        finally:
            await client._async_client.aclose()

    asyncio.run(call())


def _client(simulator):
    client = import_module("replicate").Client(api_token="k", base_url=simulator.root_url)
    client.poll_interval = 0.01
    return client
