"""Replicate: predictions through its own SDK, as a stream or fetched when they are done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from llm_latency_lens.errors import ConfigurationError, MissingExtra
from llm_latency_lens.providers.client import Ask, OnToken, Prompt
from llm_latency_lens.providers.http_hooks import one_attempt, request_hooks

__all__ = ["Replicate"]


class Replicate:
    """
    The predictions of ``owner/name`` or ``owner/name:version``.

    One that is not streamed and takes longer than its first request waits is polled, which the SDK
    does in asyncio only.
    """

    key_variable = "REPLICATE_API_TOKEN"

    @asynccontextmanager
    async def open(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connect_s: float | None = None,
    ) -> AsyncIterator[Ask]:
        """Open a ``replicate.Client``; see :class:`~llm_latency_lens.providers.Client`."""
        try:
            import httpx  # noqa: PLC0415 - comes with the SDK
            import replicate  # noqa: PLC0415 - 400 ms
        except ImportError as fault:
            raise MissingExtra(
                'the replicate SDK is not installed: pip install "llm-latency-lens[replicate]"'
            ) from fault
        client = replicate.Client(
            api_token=api_key,
            base_url=base_url,
            # Its retries are a transport; one that is mounted goes before it.
            mounts={"all://": httpx.AsyncHTTPTransport()},
            event_hooks=request_hooks(connect_s),
        )
        # It has no word for closing, nor for a missing key.
        http = client._async_client  # noqa: SLF001 - see above
        async with http:
            if "authorization" not in http.headers:
                raise ConfigurationError("replicate: no key: set REPLICATE_API_TOKEN or api_key=")
            yield _asker(client)


def _asker(client: Any) -> Ask:
    async def ask(prompt: Prompt, *, attempt: int = 0, on_token: OnToken = _ignore) -> None:
        words = {"input": _input(prompt), "use_file_output": False}
        async with one_attempt(attempt):
            if prompt.stream:
                async for event in await client.async_stream(prompt.model, **words):
                    if event.event.value == "output" and event.data:
                        on_token(event.data)
            else:
                output = await client.async_run(prompt.model, **words)
                on_token(await _joined(output))

    return ask


def _input(prompt: Prompt) -> dict[str, Any]:
    given: dict[str, Any] = {"prompt": prompt.text, **prompt.parameters}
    if prompt.max_tokens is not None:
        given["max_tokens"] = prompt.max_tokens
    return given


async def _joined(output: Any) -> str:
    """Return the text of an output: the SDK gives it whole, in a list or piece by piece."""
    if hasattr(output, "__aiter__"):
        output = [piece async for piece in output]
    return "".join(map(str, output)) if isinstance(output, list) else str(output or "")


def _ignore(text: str) -> None:
    """Nobody wants the answer."""
