"""Anthropic: calls through its own SDK."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from llm_latency_lens.errors import ConfigurationError, MissingExtra
from llm_latency_lens.providers.client import RETRY_COUNT, Ask, OnToken, Prompt
from llm_latency_lens.providers.priming import canned_transport, prime
from llm_latency_lens.providers.raw_events import raw_events

__all__ = ["Anthropic"]

# The API demands a limit; this one lets short prompts end by themselves.
_MAX_TOKENS = 1024


class Anthropic:
    """The Anthropic API."""

    @asynccontextmanager
    async def open(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connect_s: float | None = None,
    ) -> AsyncIterator[Ask]:
        """Open an ``anthropic.AsyncAnthropic``; see :class:`~llm_latency_lens.providers.Client`."""
        try:
            import anthropic  # noqa: PLC0415 - 1400 ms
        except ImportError as fault:
            raise MissingExtra(
                'the anthropic SDK is not installed: pip install "llm-latency-lens[anthropic]"'
            ) from fault
        try:
            client = anthropic.AsyncAnthropic(
                api_key=api_key,
                base_url=base_url,
                # Retries and every limit but one are the caller's.
                timeout=anthropic.Timeout(None, connect=connect_s),
                max_retries=0,
            )
        except anthropic.AnthropicError as fault:
            raise ConfigurationError(f"anthropic: {fault}") from fault

        # A call that counts will tell what is wrong; this one only saves it time.
        with suppress(Exception):
            await _prime(anthropic)
        async with client:
            yield _asker(anthropic, client)


def _asker(anthropic: Any, client: Any) -> Ask:
    async def ask(prompt: Prompt, *, attempt: int = 0, on_token: OnToken = _ignore) -> None:
        words = _words(prompt, attempt)
        if not prompt.stream:
            answer: Any = await client.messages.create(**words)
            on_token("".join(getattr(block, "text", "") for block in answer.content))
            return
        async with client.messages.with_streaming_response.create(**words) as stream:
            async for event in raw_events(stream, anthropic.APIError):
                if event.get("type") == "content_block_delta":
                    on_token(_text(event.get("delta")))

    return ask


def _text(delta: Any) -> str:
    text = delta.get("text") if isinstance(delta, dict) else None
    return text if isinstance(text, str) else ""


async def _prime(anthropic: Any) -> None:
    told = {"id": "primer", "type": "message", "role": "assistant", "model": "primer"}
    end = {"stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}}
    delta = {"type": "text_delta", "text": "hello"}
    transport = canned_transport(
        (
            {"type": "message_start", "message": {**told, **end, "content": []}},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "message_stop"},
        ),
        {**told, **end, "content": [{"type": "text", "text": "hello"}]},
    )
    client = anthropic.AsyncAnthropic(
        api_key="none",
        base_url="http://primer.invalid",
        http_client=anthropic.DefaultAsyncHttpxClient(transport=transport),
    )
    await prime(client, _asker(anthropic, client))


def _words(prompt: Prompt, attempt: int) -> dict[str, Any]:
    words: dict[str, Any] = {
        "model": prompt.model,
        "messages": [{"role": "user", "content": prompt.text}],
        "max_tokens": prompt.max_tokens or _MAX_TOKENS,
        "stream": prompt.stream,
    }
    if prompt.parameters:
        words["extra_body"] = dict(prompt.parameters)
    if attempt:
        words["extra_headers"] = {RETRY_COUNT: str(attempt)}
    return words


def _ignore(text: str) -> None:
    """Nobody wants the answer."""
