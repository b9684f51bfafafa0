"""Ollama: calls to a server of its own protocol through its own SDK."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from llm_latency_lens.errors import MissingExtra
from llm_latency_lens.providers.client import Ask, OnToken, Prompt
from llm_latency_lens.providers.http_hooks import one_attempt, request_hooks

__all__ = ["Ollama"]

# Of the body; all else that is given is an option of the model.
_FIELDS = frozenset({"tools", "think", "logprobs", "top_logprobs", "format", "keep_alive"})


class Ollama:
    """A server of Ollama, on this machine unless ``OLLAMA_HOST`` or an address says otherwise."""

    key_variable = "OLLAMA_API_KEY"

    @asynccontextmanager
    async def open(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connect_s: float | None = None,
    ) -> AsyncIterator[Ask]:
        """Open an ``ollama.AsyncClient``; see :class:`~llm_latency_lens.providers.Client`."""
        try:
            import ollama  # noqa: PLC0415 - 400 ms
        except ImportError as fault:
            raise MissingExtra(
                'the ollama SDK is not installed: pip install "llm-latency-lens[ollama]"'
            ) from fault
        words: dict[str, Any] = {"event_hooks": request_hooks(connect_s)}
        if api_key is not None:
            words["headers"] = {"authorization": f"Bearer {api_key}"}
        async with ollama.AsyncClient(base_url, **words) as client:
            yield _asker(client)


def _asker(client: Any) -> Ask:
    async def ask(prompt: Prompt, *, attempt: int = 0, on_token: OnToken = _ignore) -> None:
        async with one_attempt(attempt):
            answer = await client.chat(**_words(prompt))
            if prompt.stream:
                async for part in answer:
                    message = part.message
                    if message.content or message.thinking or message.tool_calls:
                        on_token(message.content or "")
            else:
                on_token(answer.message.content or "")

    return ask


def _words(prompt: Prompt) -> dict[str, Any]:
    given = dict(prompt.parameters)
    options = {**given.pop("options", {})}
    fields = {name: given.pop(name) for name in _FIELDS & given.keys()}
    options |= given
    if prompt.max_tokens is not None:
        options["num_predict"] = prompt.max_tokens
    return {
        "model": prompt.model,
        "messages": [{"role": "user", "content": prompt.text}],
        "stream": prompt.stream,
        "options": options or None,
        **fields,
    }


def _ignore(text: str) -> None:
    """Nobody wants the answer."""
