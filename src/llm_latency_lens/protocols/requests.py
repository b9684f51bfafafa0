"""Request bodies: what the protocols write alike, a model, messages and whether to stream."""

from typing import Any

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.wire import parse_json

__all__ = [
    "deployment_of",
    "has_input",
    "has_list",
    "has_messages",
    "has_object",
    "has_only",
    "has_text",
    "read_count",
    "read_facts",
]

_LONGEST_MODEL = 256
_DEPLOYMENTS = "/deployments/"
_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")


def has_list(body: bytes, word: str) -> bool:
    """Whether a request body is an object with a list under *word*."""
    return isinstance(_object(body).get(word), list)


def has_object(body: bytes, word: str) -> bool:
    """Whether a request body is an object with an object under *word*."""
    return isinstance(_object(body).get(word), dict)


def has_text(body: bytes, word: str) -> bool:
    """Whether a request body is an object with a text under *word*."""
    return isinstance(_object(body).get(word), str)


def has_messages(body: bytes) -> bool:
    """Whether a request body is an object with a list of messages."""
    return has_list(body, "messages")


def has_only(body: bytes, words: frozenset[str]) -> bool:
    """Whether a request body is an object with no word beside *words*."""
    return _object(body).keys() <= words


def has_input(body: bytes) -> bool:
    """Whether a request body is an object with a model and an input, text or a list."""
    request = _object(body)
    return isinstance(request.get("model"), str) and isinstance(request.get("input"), str | list)


def deployment_of(path: str) -> str:
    """Return the deployment that a path of Azure names its model by; empty without one."""
    return path.partition(_DEPLOYMENTS)[2].partition("/")[0]


def read_facts(
    body: bytes,
    path_model: str = "",
    *,
    model_word: str = "model",
    is_streamed_unasked: bool = False,
) -> RequestFacts:
    """
    Return what a body asks for.

    Args:
        body: The request's body.
        path_model: The model, where the body names none.
        model_word: Under which the body names its model.
        is_streamed_unasked: What holds when the body does not say.
    """
    request = _object(body)
    model = request.get(model_word)
    stream = request.get("stream")
    limits = [count for name in _LIMITS if (count := _count(request.get(name)))]
    return RequestFacts(
        model=model[:_LONGEST_MODEL] if isinstance(model, str) and model else path_model,
        streamed=stream is True or (stream is None and is_streamed_unasked),
        max_output_tokens=max(limits, default=None),
        choices=_count(request.get("n")) or 1,
    )


def read_count(body: bytes, *path: str) -> int | None:
    """Return the whole number above zero at *path* in a body; None when there is none."""
    value: object = _object(body)
    for word in path:
        value = value.get(word) if isinstance(value, dict) else None
    return _count(value)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value is not True and value > 0 else None


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = parse_json(body)
    except DecodeError:
        return {}
    return value if isinstance(value, dict) else {}
