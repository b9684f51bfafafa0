"""
Failures: the error object of a body, and what it makes of a call.

Of an error only its type and its code leave here: its message may quote the prompt or the key.
"""

from dataclasses import dataclass, replace
from typing import Any

from llm_latency_lens.protocols.waits import read_wait
from llm_latency_lens.samples import Outcome, Status

__all__ = ["ErrorFacts", "classify", "read_error"]

_FIRST_ERROR = 400
_TIMEOUT_STATUSES = frozenset({408, 504})
_TIMEOUT_TYPES = frozenset({"timeout", "timeout_error", "request_timeout", "gateway_timeout"})
_HTTP_STATUSES = range(100, 600)
# The longest type or code that we know of has 38 characters. Longer ones are sentences.
_LONGEST_WORD = 64
_MOST_DETAILS = 16


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """
    An error as the provider worded it.

    Attributes:
        type: Its kind, ``rate_limit_error`` for example.
        code: Its finer code, ``context_length_exceeded`` for example.
        http_status: Status that the body names: an error inside a stream comes after a 200.
        message: Its text; empty unless content is kept.
        raw: The error as sent; None unless content is kept.
        retry_after_ns: After how long it asks to be called again: Google says so nowhere else.
    """

    type: str | None = None
    code: str | None = None
    http_status: int | None = None
    message: str = ""
    raw: Any = None
    retry_after_ns: int | None = None


def read_error(payload: object, *, keep_content: bool = False) -> ErrorFacts:
    """
    Return the facts of an error body or event, whatever its shape.

    Known shapes: ``{"error": {...}}`` (most), ``{"error": "text"}`` with or without an
    ``error_type`` (Ollama, xAI, Hugging Face), the error at the top (Mistral, Cohere, old vLLM),
    ``{"detail": ...}`` (FastAPI), a problem of RFC 9457 (Replicate), plain text. A vendor's
    endpoint for a protocol of another vendor often fails in the shape of its own.
    """
    outer = payload if isinstance(payload, dict) else {}
    raw = outer.get("error") or payload
    error = raw if isinstance(raw, dict) else outer
    word = _word(error.get("type")) or _word(error.get("status")) or _word(error.get("error_type"))
    facts = ErrorFacts(
        # Anthropic's envelope is itself of type "error"; without an inner type that says nothing.
        type=None if word == "error" else word,
        code=_word(error.get("code")) or _word(error.get("error_code")),
        http_status=_status(
            error.get("status_code"),
            error.get("statusCode"),
            error.get("status"),
            error.get("code"),
        ),
        retry_after_ns=_retry_delay(error.get("details")),
    )
    if not keep_content:
        return facts
    message = error.get("message") or error.get("detail") or raw
    return replace(facts, message=message if isinstance(message, str) else "", raw=raw)


def classify(http_status: int, error: ErrorFacts | None) -> Outcome:
    """Return how an HTTP exchange ended whose body was read to its end."""
    if error is None:
        error = ErrorFacts()
        status = Status.ERROR if http_status >= _FIRST_ERROR else Status.OK
    else:
        status = Status.ERROR
    if status is Status.ERROR and (
        http_status in _TIMEOUT_STATUSES
        or error.http_status in _TIMEOUT_STATUSES
        or error.type in _TIMEOUT_TYPES
    ):
        status = Status.TIMEOUT
    return Outcome(status, error_type=error.type, error_code=error.code, http_status=http_status)


def _retry_delay(details: object) -> int | None:
    """Return the wait that a list of google.rpc details holds."""
    for detail in details[:_MOST_DETAILS] if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(delay, str):
            return read_wait(delay, 0)
    return None


def _word(value: object) -> str | None:
    """Return a type or code that can be shown: no sentence, no nested object."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_WORD:
        return None
    return value if value.isprintable() else None


def _status(*values: object) -> int | None:
    for value in values:
        if isinstance(value, str) and value.isdecimal() and value.isascii():
            value = int(value[:4])  # noqa: PLW2901 - the same status, read
        if isinstance(value, int) and value in _HTTP_STATUSES:
            return int(value)
    return None
