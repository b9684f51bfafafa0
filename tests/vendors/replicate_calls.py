"""Unchanged code of users, as in ``vendor_calls``: Replicate, whose server is one of our tests."""

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

from replicate_server import CREATED, serve
from vendor_calls import drain, drain_async

__all__ = ["on_replicate_server", "replicate", "replicate_async"]

_ASKED = {"prompt": "hello"}


@dataclass(frozen=True)
class _Server:
    host: str

    @property
    def root_url(self):
        return f"http://{self.host}"


@contextmanager
def on_replicate_server(_simulator, _model, script):
    """Do by a script what can be done: refuse, or fail within a stream."""
    status = script.get("status", CREATED)
    with serve(waits=False, status=status, fails="fault" in script) as server:
        yield _Server(f"127.0.0.1:{server.server_port}")


def replicate(server, model, *, stream):
    """Ask for a prediction."""
    client = _client(server)
    try:
        ask = client.stream if stream else client.run
        drain(ask(f"meta/{model}", input=_ASKED), stream=stream)
    finally:
        client._client.close()  # the SDK has no word for it


def replicate_async(server, model, *, stream):
    """Do so in asyncio."""

    async def call():
        client = _client(server)
        try:
            ask = client.async_stream if stream else client.async_run
            await drain_async(await ask(f"meta/{model}", input=_ASKED), stream=stream)
        finally:
            await client._async_client.aclose()

    asyncio.run(call())


def _client(server):
    client = import_module("replicate").Client(api_token="k", base_url=server.root_url)
    client.poll_interval = 0.01
    return client
