"""OpenAI: its hosts, and calls through its own SDK."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from llm_latency_lens.errors import ConfigurationError, MissingExtra
from llm_latency_lens.providers.vendor import Ask, Prompt

__all__ = ["OpenAI"]


class OpenAI:
    """The OpenAI API, and servers that speak its protocol at another ``base_url``."""

    name = "openai"
    hosts: tuple[str, ...] = ("api.openai.com",)
    protocols: tuple[str, ...] = ("openai_chat", "openai_responses")

    @asynccontextmanager
    async def open(self, *, api_key: str | None, base_url: str | None) -> AsyncIterator[Ask]:
        """Open an ``openai.AsyncOpenAI``; see :class:`~llm_latency_lens.providers.Vendor`."""
        try:
            import openai  # noqa: PLC0415 - 560 ms
        except ImportError as fault:
            raise MissingExtra(
                'the openai SDK is not installed: pip install "llm-latency-lens[openai]"'
            ) from fault
        try:
            client = openai.AsyncOpenAI(api_key=api_key, base_url=base_url)
        except openai.OpenAIError as fault:
            raise ConfigurationError(f"openai: {fault}") from fault

        async def ask(prompt: Prompt) -> None:
            options: dict[str, Any] = {}
            if prompt.max_tokens is not None:
                options["max_completion_tokens"] = prompt.max_tokens
            if prompt.stream:
                options["stream_options"] = {"include_usage": True}
            answer = await client.chat.completions.create(
                model=prompt.model,
                messages=[{"role": "user", "content": prompt.text}],
                stream=prompt.stream,
                **options,
            )
            if prompt.stream:
                async for _ in answer:  # type: ignore[union-attr]
                    pass

        async with client:
            yield ask
