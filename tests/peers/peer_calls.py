"""Calls of the real SDKs under our capture: streamed, one after another, as users write them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from llm_latency_lens import wiring
from llm_latency_lens.capture import Scope, hooks, open_scope
from llm_latency_lens.samples import Sample

__all__ = ["CALLS", "VENDORS", "Calls", "make_calls"]

CALLS = 9
VENDORS = {"openai_chat": "openai", "openai_responses": "openai", "anthropic": "anthropic"}
_HELLO = [{"role": "user", "content": "hello"}]


@dataclass(frozen=True, slots=True)
class Calls:
    """
    What was made of some calls of one kind.

    Attributes:
        samples: What the capture saw.
        texts: What the SDK gave to its caller: the pieces of text of each call.
    """

    samples: tuple[Sample, ...]
    texts: tuple[tuple[str, ...], ...]


def make_calls(host: str, protocol: str, client: str, model: str, max_tokens: int) -> Calls:
    """Make some calls over *protocol* with the ``sync`` or ``async`` *client* of its SDK."""
    with _watching(host) as scope:
        if client == "sync":
            texts = _call(host, protocol, model, max_tokens)
        else:
            texts = asyncio.run(_call_async(host, protocol, model, max_tokens))
    return Calls(tuple(scope.samples), texts)


@contextmanager
def _watching(host: str) -> Iterator[Scope]:
    observer = wiring.make_observer([f"{host} = openai, anthropic"])
    with hooks(observer.begin), open_scope(Scope("peers")) as scope:
        yield scope
        observer.settle(scope)


def _call(host: str, protocol: str, model: str, max_tokens: int) -> tuple[tuple[str, ...], ...]:
    texts = []
    with _make_client(host, protocol, "") as client:
        for _ in range(CALLS):
            with _ask(client, protocol, model, max_tokens) as stream:
                pieces = [_text_of(event) for event in stream]
            texts.append(tuple(filter(None, pieces)))
    return tuple(texts)


async def _call_async(
    host: str, protocol: str, model: str, max_tokens: int
) -> tuple[tuple[str, ...], ...]:
    texts = []
    async with _make_client(host, protocol, "Async") as client:
        for _ in range(CALLS):
            async with await _ask(client, protocol, model, max_tokens) as stream:
                pieces = [_text_of(event) async for event in stream]
            texts.append(tuple(filter(None, pieces)))
    return tuple(texts)


def _make_client(host: str, protocol: str, prefix: str) -> Any:
    options = {"api_key": "none", "max_retries": 0}
    if VENDORS[protocol] == "anthropic":
        make = getattr(pytest.importorskip("anthropic"), f"{prefix}Anthropic")
        return make(base_url=f"http://{host}", **options)
    make = getattr(pytest.importorskip("openai"), f"{prefix}OpenAI")
    return make(base_url=f"http://{host}/v1", **options)


def _ask(client: Any, protocol: str, model: str, max_tokens: int) -> Any:
    """Return the stream, or with an asynchronous client what to await for it."""
    asked = {"model": model, "stream": True}
    if protocol == "openai_responses":
        return client.responses.create(input="hello", max_output_tokens=max_tokens, **asked)
    asked |= {"messages": _HELLO, "max_tokens": max_tokens}
    if protocol == "anthropic":
        return client.messages.create(**asked)
    return client.chat.completions.create(stream_options={"include_usage": True}, **asked)


def _text_of(event: Any) -> str:
    choices = getattr(event, "choices", None)
    if choices is not None:
        return (choices[0].delta.content or "") if choices else ""
    if event.type == "response.output_text.delta":
        return str(event.delta)
    return str(event.delta.text) if event.type == "content_block_delta" else ""
