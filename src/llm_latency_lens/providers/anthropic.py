"""Anthropic: calls through its own SDK."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from llm_latency_lens.errors import ConfigurationError, MissingExtra
from llm_latency_lens.providers.client import Ask, Prompt

__all__ = ["Anthropic"]

# The API demands a limit; this one lets short prompts end by themselves.
_MAX_TOKENS = 1024


class Anthropic:
    """The Anthropic API."""

    @asynccontextmanager
    async def open(self, *, api_key: str | None, base_url: str | None) -> AsyncIterator[Ask]:
        """Open an ``anthropic.AsyncAnthropic``; see :class:`~llm_latency_lens.providers.Client`."""
        try:
            import anthropic  # noqa: PLC0415 - 1400 ms
        except ImportError as fault:
            raise MissingExtra(
                'the anthropic SDK is not installed: pip install "llm-latency-lens[anthropic]"'
            ) from fault
        try:
            client = anthropic.AsyncAnthropic(api_key=api_key, base_url=base_url)
        except anthropic.AnthropicError as fault:
            raise ConfigurationError(f"anthropic: {fault}") from fault

        async def ask(prompt: Prompt) -> None:
            answer = await client.messages.create(
                model=prompt.model,
                messages=[{"role": "user", "content": prompt.text}],
                max_tokens=prompt.max_tokens or _MAX_TOKENS,
                stream=prompt.stream,
            )
            if prompt.stream:
                async for _ in answer:  # type: ignore[union-attr]
                    pass

        async with client:
            yield ask
