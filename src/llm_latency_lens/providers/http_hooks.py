"""
Hooks on an HTTP client: they tell it what its SDK has no word for.

Some SDKs set the time limits of each request themselves, have no headers for a single call, or
leave a response open when its stream tells of an error. Hooks of httpx and httpx2 come after the
SDK and have the last word.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from llm_latency_lens.providers.client import RETRY_COUNT

__all__ = ["one_attempt", "request_hooks"]

Hooks = dict[str, list[Callable[[Any], Awaitable[None]]]]


@dataclass(slots=True)
class _Attempt:
    """One attempt: its number, and the responses that it has got."""

    number: int = 0
    responses: list[Any] = field(default_factory=list)


_current: ContextVar[_Attempt | None] = ContextVar("llm_latency_lens_attempt", default=None)


@asynccontextmanager
async def one_attempt(number: int) -> AsyncIterator[None]:
    """Number the requests of this task; at the end close what responses are still open."""
    attempt = _Attempt(number)
    token = _current.set(attempt)
    try:
        yield
    finally:
        _current.reset(token)
        for response in attempt.responses:
            await response.aclose()


def request_hooks(connect_s: float | None) -> Hooks:
    """Return what an HTTP client takes as ``event_hooks``: no limit but that on connecting."""

    async def hook(request: Any) -> None:
        limits = dict.fromkeys(("read", "write", "pool"))
        request.extensions["timeout"] = {"connect": connect_s, **limits}
        attempt = _current.get()
        if attempt is not None and attempt.number:
            request.headers[RETRY_COUNT] = str(attempt.number)

    # The other sees to it that responses are closed.
    return {"request": [hook], "response": [_keep]}


async def _keep(response: Any) -> None:
    attempt = _current.get()
    if attempt is not None:
        attempt.responses.append(response)
