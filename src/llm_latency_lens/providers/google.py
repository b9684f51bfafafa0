"""Google: calls to Gemini through its own SDK, on the Gemini API or on Vertex AI."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from llm_latency_lens.errors import ConfigurationError, MissingExtra
from llm_latency_lens.providers.client import Ask, OnToken, Prompt
from llm_latency_lens.providers.http_hooks import one_attempt, request_hooks
from llm_latency_lens.providers.priming import canned_transport, prime

__all__ = ["Google"]

_KEYS = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
_PLACE = ("GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION")


class Google:
    """
    The Gemini API; Vertex AI where the environment names a project and a location, and no key.

    What else the SDK reads of its environment (``GOOGLE_GENAI_USE_VERTEXAI``) holds too. It is
    made to send through httpx2, also where aiohttp is installed.
    """

    key_variable = "GOOGLE_API_KEY"

    @asynccontextmanager
    async def open(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connect_s: float | None = None,
    ) -> AsyncIterator[Ask]:
        """Open a ``google.genai.Client``; see :class:`~llm_latency_lens.providers.Client`."""
        try:
            import httpx2  # noqa: PLC0415 - comes with the SDK
            from google import genai  # noqa: PLC0415 - 1500 ms
        except ImportError as fault:
            raise MissingExtra(
                'the google-genai SDK is not installed: pip install "llm-latency-lens[google]"'
            ) from fault
        http = httpx2.AsyncClient(
            timeout=None,
            follow_redirects=True,
            event_hooks=request_hooks(connect_s),
        )
        async with http:
            try:
                client = genai.Client(
                    api_key=api_key,
                    http_options={"base_url": base_url, "httpx_async_client": http},
                    **_place(api_key),
                )
            # The first for want of a key, the other for want of credentials of the cloud.
            except (ValueError, _credentials_error()) as fault:
                raise ConfigurationError(f"google: {fault}") from fault
            try:
                # A call that counts will tell what is wrong; this one only saves it time.
                with suppress(Exception):
                    await _prime(genai, httpx2)
                yield _asker(client)
            finally:
                client.close()


def _place(api_key: str | None) -> dict[str, Any]:
    has_key = api_key is not None or any(map(os.environ.get, _KEYS))
    project, location = map(os.environ.get, _PLACE)
    if has_key or not (project and location):
        return {}
    # The SDK takes them from the environment itself, but not together with an address.
    return {"vertexai": True, "project": project, "location": location}


def _credentials_error() -> type[Exception]:
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - comes with the SDK

    return GoogleAuthError  # type: ignore[no-any-return]


def _asker(client: Any) -> Ask:
    async def ask(prompt: Prompt, *, attempt: int = 0, on_token: OnToken = _ignore) -> None:
        words = _words(prompt)
        async with one_attempt(attempt):
            if prompt.stream:
                async for answer in await client.aio.models.generate_content_stream(**words):
                    parts = [part for part in _parts(answer) if _is_token(part)]
                    if parts:
                        on_token(_text(parts))
            else:
                on_token(_text(_parts(await client.aio.models.generate_content(**words))))

    return ask


async def _prime(genai: Any, httpx2: Any) -> None:
    told = {"candidates": [{"content": {"parts": [{"text": "hello"}]}, "finishReason": "STOP"}]}
    transport = canned_transport(
        (told,), told, lambda request: ":streamGenerateContent" in request.url.path
    )
    http = httpx2.AsyncClient(transport=transport)
    client = genai.Client(
        api_key="none",
        vertexai=False,
        http_options={"base_url": "http://primer.invalid", "httpx_async_client": http},
    )
    try:
        await prime(http, _asker(client))
    finally:
        client.close()


def _words(prompt: Prompt) -> dict[str, Any]:
    from google.genai.types import GenerateContentConfig  # noqa: PLC0415 - loaded by now

    known = GenerateContentConfig.model_fields
    config = {name: value for name, value in prompt.parameters.items() if name in known}
    others = {name: value for name, value in prompt.parameters.items() if name not in known}
    if prompt.max_tokens is not None:
        config["max_output_tokens"] = prompt.max_tokens
    if others:
        config["http_options"] = {"extra_body": others}
    return {"model": prompt.model, "contents": prompt.text, "config": config or None}


def _parts(answer: Any) -> Iterator[Any]:
    for candidate in answer.candidates or ():
        yield from (candidate.content and candidate.content.parts) or ()


def _is_token(part: Any) -> bool:
    return bool(part.text or part.function_call or part.executable_code or part.inline_data)


def _text(parts: Any) -> str:
    return "".join(part.text for part in parts if part.text and not part.thought)


def _ignore(text: str) -> None:
    """Nobody wants the answer."""
