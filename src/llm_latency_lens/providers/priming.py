"""
Priming: what an SDK builds at its first call is built before the first call that counts.

The SDKs load modules and build their models when a method is first used, which takes a tenth of a
second and more. A schedule that fixed its starts would send its first calls late for it.
"""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from llm_latency_lens.providers.client import Ask, Prompt

__all__ = ["canned_transport", "prime"]


async def prime(client: AbstractAsyncContextManager[Any], ask: Ask) -> None:
    """Ask *client*, which answers by itself, once for each kind of answer."""
    async with client:
        await ask(Prompt("hello", "primer", stream=True))
        await ask(Prompt("hello", "primer", stream=False))


def canned_transport(
    stream: tuple[dict[str, Any], ...],
    whole: dict[str, Any],
    is_streamed: Callable[[Any], bool] = lambda request: json.loads(request.content)["stream"],
) -> Any:
    """Return a transport of httpx2 that answers by itself: no network is asked."""
    import httpx2  # noqa: PLC0415 - comes with the SDKs

    events = b"".join(
        b"event: %s\ndata: %s\n\n" % (event.get("type", "message").encode(), _json(event))
        for event in stream
    )

    def answer(request: Any) -> Any:
        if is_streamed(request):
            headers = {"content-type": "text/event-stream"}
            return httpx2.Response(200, headers=headers, content=events + b"data: [DONE]\n\n")
        return httpx2.Response(
            200, headers={"content-type": "application/json"}, content=_json(whole)
        )

    return httpx2.MockTransport(answer)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()
