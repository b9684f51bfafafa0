"""OpenAI, and vendors that its SDK can be pointed at: calls through that SDK."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.errors import ConfigurationError, MissingExtra
from llm_latency_lens.providers.client import Ask, Prompt

__all__ = ["OpenAI"]


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
    async def open(self, *, api_key: str | None, base_url: str | None) -> AsyncIterator[Ask]:
        """Open an ``openai.AsyncOpenAI``; see :class:`~llm_latency_lens.providers.Client`."""
        try:
            import openai  # noqa: PLC0415 - 560 ms
        except ImportError as fault:
            raise MissingExtra(
                'the openai SDK is not installed: pip install "llm-latency-lens[openai]"'
            ) from fault
        try:
            client = openai.AsyncOpenAI(
                api_key=self._key(api_key), base_url=self._address(base_url)
            )
        except openai.OpenAIError as fault:
            raise ConfigurationError(f"{self.name}: {fault}") from fault

        async def ask(prompt: Prompt) -> None:
            answer: Any = await client.chat.completions.create(**self._words(prompt))
            if prompt.stream:
                async for _ in answer:
                    pass

        async with client:
            yield ask

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

    def _words(self, prompt: Prompt) -> dict[str, Any]:
        words: dict[str, Any] = {
            "model": prompt.model,
            "messages": [{"role": "user", "content": prompt.text}],
            "stream": prompt.stream,
        }
        if prompt.max_tokens is not None:
            words[self.limit] = prompt.max_tokens
        if prompt.stream and self.asks_usage:
            words["stream_options"] = {"include_usage": True}
        return words
