"""
Raw events: a stream as an SDK got it, without the objects that it would make of each event.

To make those takes as much CPU as all the rest of a call, and of each event the lens wants no more
than the text.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.wire import Frame, SseFraming, parse_json

__all__ = ["raw_events"]

_END = b"[DONE]"
# So long the SDKs wait for what follows the last event.
_DRAIN_S = 0.1


async def raw_events(
    answer: Any, api_error: Callable[..., Exception]
) -> AsyncIterator[dict[str, Any]]:
    """
    Yield the events of *answer*, an SDK's response that is still to be read, to its end.

    What is no JSON object is handed out as an empty one.

    Raises:
        Exception: *api_error*, the SDK's own, where an event tells of an error; and what the HTTP
            library raises.
    """
    framing = SseFraming()
    chunks = answer.iter_bytes()
    async for chunk in chunks:
        for frame in framing.feed(chunk, 0):
            if frame.data.startswith(_END):
                await _drain(chunks)
                return
            event = _read(frame)
            if error := event.get("error") or (event if frame.name == "error" else None):
                told = error.get("message") if isinstance(error, dict) else None
                message = str(told or "the stream told of an error")
                await _drain(chunks)
                raise api_error(message, answer.http_request, body=error)
            yield event


def _read(frame: Frame) -> dict[str, Any]:
    try:
        event = parse_json(frame.data)
    except DecodeError:
        event = None
    return event if isinstance(event, dict) else {}


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    # A connection is used again if its answer was read to the end. And trio warns of generators
    # that were not.
    from anyio import move_on_after  # noqa: PLC0415 - 60 ms

    with move_on_after(_DRAIN_S):
        async for _ in chunks:
            pass
