"""Calls of the real SDKs under our capture: streamed, one after another, as users write them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from llm_latency_lens import wiring
from llm_latency_lens.capture import Scope, hooks, open_scope
from llm_latency_lens.samples import Sample

__all__ = ["CALLS", "VENDORS", "Calls", "callable_protocols", "make_calls"]

CALLS = 9
VENDORS = {
    "openai_chat": "openai",
    "openai_responses": "openai",
    "anthropic": "anthropic",
    "gemini": "google",
    "cohere_v2": "cohere",
    "ollama": "ollama",
}
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


def callable_protocols() -> list[str]:
    """Return the protocols whose SDK is installed here; each environment has some of them."""
    return [protocol for protocol, vendor in VENDORS.items() if _is_installed(vendor)]


def _is_installed(vendor: str) -> bool:
    if vendor == "google":
        # A package of this name may be there without the SDK.
        return find_spec("google") is not None and find_spec("google.genai") is not None
    return find_spec(vendor) is not None


def make_calls(host: str, protocol: str, client: str, model: str, max_tokens: int) -> Calls:
    """Make some calls over *protocol* with the ``sync`` or ``async`` *client* of its SDK."""
    ask = _Ask(protocol, host, model, max_tokens)
    with _watching(host) as scope:
        texts = _call(ask) if client == "sync" else asyncio.run(_call_async(ask))
    return Calls(tuple(scope.samples), texts)


@contextmanager
def _watching(host: str) -> Iterator[Scope]:
    vendors = ", ".join(dict.fromkeys(VENDORS.values()))
    observer = wiring.make_observer([f"{host} = {vendors}"])
    with hooks(observer.begin), open_scope(Scope("peers")) as scope:
        yield scope
        observer.settle(scope)


def _call(ask: "_Ask") -> tuple[tuple[str, ...], ...]:
    texts = []
    with ask.client() as client:
        for _ in range(CALLS):
            stream = ask.stream(client)
            texts.append(tuple(filter(None, [_text_of(event) for event in stream])))
            _close(stream)
    return tuple(texts)


async def _call_async(ask: "_Ask") -> tuple[tuple[str, ...], ...]:
    texts = []
    async with ask.async_client() as client:
        for _ in range(CALLS):
            stream = ask.stream(client)
            if not hasattr(stream, "__aiter__"):
                stream = await stream
            pieces = [_text_of(event) async for event in stream]
            texts.append(tuple(filter(None, pieces)))
            await _close_async(stream)
    return tuple(texts)


def _close(stream: Any) -> None:
    if hasattr(stream, "close"):
        stream.close()


async def _close_async(stream: Any) -> None:
    close = getattr(stream, "close", None) or getattr(stream, "aclose", None)
    if close is not None:
        await close()


@dataclass(frozen=True, slots=True)
class _Ask:
    """How to ask, by the protocol."""

    protocol: str
    host: str
    model: str
    max_tokens: int

    @contextmanager
    def client(self) -> Iterator[Any]:
        client = self._make("")
        try:
            yield client
        finally:
            client.__exit__(None, None, None)

    @asynccontextmanager
    async def async_client(self) -> AsyncIterator[Any]:
        client = self._make("Async")
        try:
            yield client
        finally:
            await client.__aexit__(None, None, None)

    def stream(self, client: Any) -> Any:
        """Return the stream, or with an asynchronous client sometimes what to await for it."""
        asked = {"model": self.model}
        messages = {**asked, "messages": _HELLO}
        if self.protocol == "gemini":
            return client.models.generate_content_stream(contents="hello", **asked)
        if self.protocol == "cohere_v2":
            return client.chat_stream(**messages)
        if self.protocol == "ollama":
            return client.chat(stream=True, **messages)
        if self.protocol == "openai_responses":
            limit = {"max_output_tokens": self.max_tokens}
            return client.responses.create(input="hello", stream=True, **limit, **asked)
        messages |= {"stream": True, "max_tokens": self.max_tokens}
        if self.protocol == "anthropic":
            return client.messages.create(**messages)
        return client.chat.completions.create(stream_options={"include_usage": True}, **messages)

    def _make(self, prefix: str) -> Any:
        url = f"http://{self.host}"
        vendor = VENDORS[self.protocol]
        if vendor == "google":
            genai = import_module("google.genai")
            options = genai.types.HttpOptions(base_url=url, api_version="v1beta")
            client = genai.Client(api_key="none", http_options=options)
            return client.aio if prefix else client
        if vendor == "cohere":
            sdk = import_module("cohere")
            return getattr(sdk, f"{prefix}ClientV2")(api_key="none", base_url=url)
        if vendor == "ollama":
            return getattr(import_module("ollama"), f"{prefix}Client")(url)
        options = {"api_key": "none", "max_retries": 0}
        if vendor == "anthropic":
            return getattr(import_module("anthropic"), f"{prefix}Anthropic")(
                base_url=url, **options
            )
        return getattr(import_module("openai"), f"{prefix}OpenAI")(base_url=f"{url}/v1", **options)


def _text_of(event: Any) -> str:
    kind = type(event).__module__.partition(".")[0]
    if kind == "google":
        return event.text or ""
    if kind == "ollama":
        return event.message.content or ""
    if kind == "cohere":
        return event.delta.message.content.text if event.type == "content-delta" else ""
    choices = getattr(event, "choices", None)
    if choices is not None:
        return (choices[0].delta.content or "") if choices else ""
    if event.type == "response.output_text.delta":
        return str(event.delta)
    return str(event.delta.text) if event.type == "content_block_delta" else ""
