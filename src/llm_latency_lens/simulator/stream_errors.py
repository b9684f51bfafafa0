"""How each API tells of an error inside a stream that began with status 200."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from llm_latency_lens.simulator.cohere_v2 import CohereV2
from llm_latency_lens.simulator.dialect import Dialect, Ticket, to_json
from llm_latency_lens.simulator.fault import ErrorShape
from llm_latency_lens.simulator.gemini import GeminiContent
from llm_latency_lens.simulator.ollama import OllamaChat, OllamaGenerate
from llm_latency_lens.simulator.openai_http import SERVER_ERROR, openai_error
from llm_latency_lens.simulator.openai_responses import response_event, response_object
from llm_latency_lens.simulator.pacing import Event
from llm_latency_lens.simulator.replicate import ReplicatePredictions

__all__ = ["stream_error"]

_CODE = "server_error"
_INTERNAL = 500


def stream_error(dialect: Dialect, ticket: Ticket, shape: ErrorShape, sent: int) -> Iterator[Event]:
    """Yield the error events of the API after *sent* other events; no end marker follows."""
    match dialect.name:
        case "anthropic_messages":
            error = {"details": None, "type": "overloaded_error", "message": "Overloaded"}
            data = {"type": "error", "error": error, "request_id": ticket.request_id}
            yield _error_event(data)
        case "openai_responses":
            yield from _responses_error(ticket, shape, sent)
        case "openai_chat":
            yield Event("error", 0, b"data: %b\n\n" % openai_error(_INTERNAL))
        case _:
            assert isinstance(
                dialect,
                GeminiContent | CohereV2 | OllamaChat | OllamaGenerate | ReplicatePredictions,
            )
            yield Event("error", 0, dialect.failure(ticket, sent))


def _responses_error(ticket: Ticket, shape: ErrorShape, sent: int) -> Iterator[Event]:
    numbers = count(sent)
    error: dict[str, Any] = {"code": _CODE, "message": SERVER_ERROR, "param": None}
    if shape == "flat":
        yield _error_event({"type": "error", **error, "sequence_number": next(numbers)})
    if shape in {"error", "both"}:
        nested = {"type": _CODE, **error}
        yield _error_event({"type": "error", "sequence_number": next(numbers), "error": nested})
    if shape in {"failed", "both"}:
        failed = response_object(ticket, "failed")
        failed["error"] = {"code": _CODE, "message": SERVER_ERROR}
        yield response_event("error", "response.failed", next(numbers), failed)


def _error_event(data: dict[str, Any]) -> Event:
    return Event("error", 0, b"event: error\ndata: %b\n\n" % to_json(data))
