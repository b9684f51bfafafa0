"""Request bodies: what the protocols write alike, a model, messages and whether to stream."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.wire import parse_json

__all__ = [
    "deployment_of",
    "has_input",
    "has_list",
    "has_text",
    "read_count",
    "read_facts",
    "read_object",
]

_LONGEST_MODEL = 256
_DEPLOYMENTS = "/deployments/"
_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")


def read_object(body: bytes) -> dict[str, Any]:
    """Return the object that a body is; an empty one for anything else."""
    try:
        value = parse_json(body)
    except DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def has_list(request: Mapping[str, Any], word: str) -> bool:
    """Whether a request has a list under *word*."""
    return isinstance(request.get(word), list)


def has_text(request: Mapping[str, Any], word: str) -> bool:
    """Whether a request has a text under *word*."""
    return isinstance(request.get(word), str)


def has_input(request: Mapping[str, Any]) -> bool:
    """Whether a request has a model and an input, text or a list."""
    return has_text(request, "model") and isinstance(request.get("input"), str | list)


def deployment_of(path: str) -> str:
    """Return the deployment that a path of Azure names its model by; empty without one."""
    return path.partition(_DEPLOYMENTS)[2].partition("/")[0]


def read_facts(
    request: Mapping[str, Any],
    path_model: str = "",
    *,
    model_word: str = "model",
    is_streamed_unasked: bool = False,
) -> RequestFacts:
    """
    Return what a request asks for.

    Args:
        request: The object that its body is.
        path_model: The model, where the body names none.
        model_word: Under which the body names its model.
        is_streamed_unasked: What holds when the body does not say.
    """
    model = request.get(model_word)
    stream = request.get("stream")
    limits = [count for name in _LIMITS if (count := _count(request.get(name)))]
    return RequestFacts(
        model=model[:_LONGEST_MODEL] if isinstance(model, str) and model else path_model,
        streamed=stream is True or (stream is None and is_streamed_unasked),
        max_output_tokens=max(limits, default=None),
        choices=_count(request.get("n")) or 1,
    )


def read_count(request: Mapping[str, Any], *path: str) -> int | None:
    """Return the whole number above zero at *path* in a request; None when there is none."""
    value: object = request
    for word in path:
        value = value.get(word) if isinstance(value, Mapping) else None
    return _count(value)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value is not True and value > 0 else None
