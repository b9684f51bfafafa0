"""Cohere: calls to its chat through its own SDK."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from llm_latency_lens.errors import ConfigurationError, MissingExtra
from llm_latency_lens.providers.client import Ask, OnToken, Prompt
from llm_latency_lens.providers.http_hooks import one_attempt, request_hooks

__all__ = ["Cohere"]

_TOKENS = frozenset({"content-delta", "tool-plan-delta", "tool-call-start", "tool-call-delta"})


class Cohere:
    """The chat API, version 2."""

    key_variable = "CO_API_KEY"

    @asynccontextmanager
    async def open(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connect_s: float | None = None,
    ) -> AsyncIterator[Ask]:
        """Open a ``cohere.AsyncClientV2``; see :class:`~llm_latency_lens.providers.Client`."""
        try:
            import cohere  # noqa: PLC0415 - 1000 ms
            import httpx  # noqa: PLC0415 - comes with the SDK
        except ImportError as fault:
            raise MissingExtra(
                'the cohere SDK is not installed: pip install "llm-latency-lens[cohere]"'
            ) from fault
        words: dict[str, Any] = {} if base_url is None else {"base_url": base_url}
        words["httpx_client"] = httpx.AsyncClient(
            timeout=None,  # noqa: S113 - the hook sets the limits
            follow_redirects=True,
            event_hooks=request_hooks(connect_s),
        )
        try:
            client = cohere.AsyncClientV2(api_key=api_key, max_retries=0, **words)
        except cohere.core.ApiError as fault:
            raise ConfigurationError(f"cohere: {fault.body}") from fault
        async with client:
            yield _asker(client)


def _asker(client: Any) -> Ask:
    async def ask(prompt: Prompt, *, attempt: int = 0, on_token: OnToken = _ignore) -> None:
        words = _words(prompt)
        async with one_attempt(attempt):
            if prompt.stream:
                async for event in client.chat_stream(**words):
                    _tell(event, on_token)
            else:
                answer = await client.chat(**words)
                blocks = answer.message.content or ()
                on_token("".join(getattr(block, "text", "") for block in blocks))

    return ask


def _tell(event: Any, on_token: OnToken) -> None:
    if event.type not in _TOKENS:
        return
    content = getattr(getattr(event.delta, "message", None), "content", None)
    text = getattr(content, "text", None) or ""
    if text or event.type != "content-delta" or getattr(content, "thinking", None):
        on_token(text)


def _words(prompt: Prompt) -> dict[str, Any]:
    words: dict[str, Any] = {
        "model": prompt.model,
        "messages": [{"role": "user", "content": prompt.text}],
    }
    if prompt.max_tokens is not None:
        words["max_tokens"] = prompt.max_tokens
    if prompt.parameters:
        words["request_options"] = {"additional_body_parameters": dict(prompt.parameters)}
    return words


def _ignore(text: str) -> None:
    """Nobody wants the answer."""
