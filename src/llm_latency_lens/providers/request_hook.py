"""
The request hook: tells an HTTP client what its SDK has no word for.

Some SDKs set the time limits of each request themselves, or have no headers for a single call. A
hook on the requests of httpx and httpx2 comes after them and has the last word.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from llm_latency_lens.providers.client import RETRY_COUNT

__all__ = ["attempt_numbered", "request_hooks"]

_attempt: ContextVar[int] = ContextVar("llm_latency_lens_attempt", default=0)


@contextmanager
def attempt_numbered(attempt: int) -> Iterator[None]:
    """Let the requests of this task carry the number of their attempt."""
    token = _attempt.set(attempt)
    try:
        yield
    finally:
        _attempt.reset(token)


def request_hooks(connect_s: float | None) -> dict[str, list[Callable[[Any], Awaitable[None]]]]:
    """Return what an HTTP client takes as ``event_hooks``: no limit but that on connecting."""

    async def hook(request: Any) -> None:
        limits = dict.fromkeys(("read", "write", "pool"))
        request.extensions["timeout"] = {"connect": connect_s, **limits}
        if attempt := _attempt.get():
            request.headers[RETRY_COUNT] = str(attempt)

    return {"request": [hook]}
