"""Request bodies: what both protocols write alike, a model, messages and whether to stream."""

from typing import Any

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.wire import parse_json

__all__ = ["has_input", "has_messages", "read_facts"]

_LONGEST_MODEL = 256
_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")


def has_messages(body: bytes) -> bool:
    """Whether a request body is an object with a list of messages."""
    return isinstance(_object(body).get("messages"), list)


def has_input(body: bytes) -> bool:
    """Whether a request body is an object with a model and an input, text or a list."""
    request = _object(body)
    return isinstance(request.get("model"), str) and isinstance(request.get("input"), str | list)


def read_facts(body: bytes, path_model: str = "") -> RequestFacts:
    """Return what a body asks for; the model is *path_model* where the body names none."""
    request = _object(body)
    model = request.get("model")
    limits = [count for name in _LIMITS if (count := _count(request.get(name)))]
    return RequestFacts(
        model=model[:_LONGEST_MODEL] if isinstance(model, str) and model else path_model,
        streamed=request.get("stream") is True,
        max_output_tokens=max(limits, default=None),
        choices=_count(request.get("n")) or 1,
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value is not True and value > 0 else None


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = parse_json(body)
    except DecodeError:
        return {}
    return value if isinstance(value, dict) else {}
