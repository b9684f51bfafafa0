"""OpenAI, and vendors that its SDK can be pointed at: calls through that SDK."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.errors import ConfigurationError, MissingExtra
from llm_latency_lens.providers.client import RETRY_COUNT, Ask, OnToken, Prompt
from llm_latency_lens.providers.priming import canned_transport, prime
from llm_latency_lens.providers.raw_events import raw_events

__all__ = ["OpenAI"]

# Tokens without a text that is the answer's; the last two are words of other servers.
_HIDDEN = ("tool_calls", "refusal", "reasoning_content", "reasoning")


@dataclass(frozen=True, slots=True)
class OpenAI:
    """
    A server that speaks Chat Completions.

    Attributes:
        name: The vendor's name, for messages.
        key_variable: Environment variable of its key; None leaves that to the SDK.
        base_url: Its address; None leaves that to the SDK.
        needs: Form of an address that only the caller can know.
        limit: Its word for the most tokens of an answer.
        asks_usage: Whether a stream tells its usage only if it is asked to.
    """

    name: str = "openai"
    key_variable: str | None = None
    base_url: str | None = None
    needs: str = ""
    limit: str = "max_completion_tokens"
    asks_usage: bool = True

    @asynccontextmanager
    async def open(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connect_s: float | None = None,
    ) -> AsyncIterator[Ask]:
        """Open an ``openai.AsyncOpenAI``; see :class:`~llm_latency_lens.providers.Client`."""
        try:
            import openai  # noqa: PLC0415 - 560 ms
        except ImportError as fault:
            raise MissingExtra(
                'the openai SDK is not installed: pip install "llm-latency-lens[openai]"'
            ) from fault
        try:
            client = openai.AsyncOpenAI(
                api_key=self._key(api_key),
                base_url=self._address(base_url),
                # Retries and every limit but one are the caller's.
                timeout=openai.Timeout(None, connect=connect_s),
                max_retries=0,
            )
        except openai.OpenAIError as fault:
            raise ConfigurationError(f"{self.name}: {fault}") from fault

        # A call that counts will tell what is wrong; this one only saves it time.
        with suppress(Exception):
            await self._prime(openai)
        async with client:
            yield self._asker(openai, client)

    def _key(self, given: str | None) -> str | None:
        if given is not None or self.key_variable is None:
            return given
        key = os.environ.get(self.key_variable)
        if not key:
            raise ConfigurationError(f"{self.name}: no key: set {self.key_variable} or api_key=")
        return key

    def _address(self, given: str | None) -> str | None:
        if given is None and self.needs:
            raise ConfigurationError(f"{self.name}: no address: give base_url={self.needs!r}")
        return given or self.base_url

    def _asker(self, openai: Any, client: Any) -> Ask:
        chats = client.chat.completions

        async def ask(prompt: Prompt, *, attempt: int = 0, on_token: OnToken = _ignore) -> None:
            words = self._words(prompt, attempt)
            if not prompt.stream:
                answer: Any = await chats.create(**words)
                on_token(answer.choices[0].message.content or "")
                return
            async with chats.with_streaming_response.create(**words) as stream:
                async for event in raw_events(stream, openai.APIError):
                    for delta in _deltas(event):
                        _tell(delta, on_token)

        return ask

    async def _prime(self, openai: Any) -> None:
        told = {"id": "primer", "created": 0, "model": "primer"}
        choice = {"index": 0, "finish_reason": "stop"}
        said = {"role": "assistant", "content": "hello"}
        transport = canned_transport(
            ({**told, "object": "chat.completion.chunk", "choices": [{**choice, "delta": said}]},),
            {**told, "object": "chat.completion", "choices": [{**choice, "message": said}]},
        )
        client = openai.AsyncOpenAI(
            api_key="none",
            base_url="http://primer.invalid/v1",
            http_client=openai.DefaultAsyncHttpxClient(transport=transport),
        )
        await prime(client, self._asker(openai, client))

    def _words(self, prompt: Prompt, attempt: int) -> dict[str, Any]:
        words: dict[str, Any] = {
            "model": prompt.model,
            "messages": [{"role": "user", "content": prompt.text}],
            "stream": prompt.stream,
        }
        if prompt.parameters:
            words["extra_body"] = dict(prompt.parameters)
        if prompt.max_tokens is not None:
            words[self.limit] = prompt.max_tokens
        if prompt.stream and self.asks_usage:
            words["stream_options"] = {"include_usage": True}
        if attempt:
            words["extra_headers"] = {RETRY_COUNT: str(attempt)}
        return words


def _deltas(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    choices = event.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict) and isinstance(choice.get("delta"), dict):
            yield choice["delta"]


def _tell(delta: dict[str, Any], on_token: OnToken) -> None:
    text = delta.get("content")
    if text or any(map(delta.get, _HIDDEN)):
        on_token(text if isinstance(text, str) else "")


def _ignore(text: str) -> None:
    """Nobody wants the answer."""
