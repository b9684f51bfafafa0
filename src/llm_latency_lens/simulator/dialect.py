"""
What a wire protocol must be able to write, and what is kept of a request.

Of the request body only the model and a few flags are read; the prompt is never kept.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from llm_latency_lens.simulator.answer import Answer, Usage
from llm_latency_lens.simulator.pacing import Event
from llm_latency_lens.simulator.vectors import Vectors

__all__ = ["Asked", "Dialect", "Headers", "Ticket", "read_asked", "read_fields", "to_json"]

Headers = list[tuple[str, str]]

_LONGEST_MODEL = 256


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for; whether its API always sends reasoning; the vectors it wants."""

    model: str
    is_streamed: bool
    token_limit: int | None
    wants_usage: bool
    shows_reasoning: bool = False
    vectors: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What makes one response different from the next: ids, date, promised wait, vectors."""

    request_id: str
    model: str
    created_s: int
    wait_ms: int
    vectors: Vectors | None = None


class Dialect(Protocol):
    """One provider API, as a writer of responses."""

    @property
    def name(self) -> str:
        """The name of the API in records."""
        ...

    @property
    def stream_type(self) -> str:
        """The content type of a stream."""
        ...

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what the request body asks for; ValueError when it is no valid request."""
        ...

    def headers(self, ticket: Ticket) -> Headers:
        """Return the headers of this API, without content type and length."""
        ...

    def events(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> Iterator[Event]:
        """Yield the events of a stream; without *usage* it is not sent."""
        ...

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:
        """Return the answer in one piece."""
        ...

    def error(self, ticket: Ticket, status: int, message: str | None = None) -> bytes:
        """Return the error body of *status*, with the API's usual words if *message* is None."""
        ...


def read_fields(body: bytes) -> dict[str, Any]:
    """
    Return the JSON object in *body*.

    Raises:
        ValueError: The body is no JSON object.
    """
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("The body of the request is no valid JSON.") from None
    if not isinstance(fields, dict):
        raise ValueError("The body of the request is no JSON object.")  # noqa: TRY004 - as above
    return fields


def read_asked(
    fields: Mapping[str, Any],
    limit_words: tuple[str, ...],
    *,
    wants_usage: bool,
    shows_reasoning: bool = False,
    has_messages: bool = True,
) -> Asked:
    """
    Return the model and flags that the APIs share; the first limit given counts.

    An API whose prompt comes under another name has no messages, and checks it itself.

    Raises:
        ValueError: The model is missing, or a value has the wrong type.
    """
    model = fields.get("model")
    if not isinstance(model, str) or not 0 < len(model) <= _LONGEST_MODEL:
        raise ValueError("You must provide a model parameter: a text of 1 to 256 characters.")
    if has_messages and not isinstance(fields.get("messages"), list):
        raise ValueError("Missing required parameter: 'messages', a list.")
    is_streamed = fields.get("stream") or False
    if not isinstance(is_streamed, bool):
        raise ValueError("Invalid type for 'stream': expected a boolean.")  # noqa: TRY004 - as above
    limits = [(word, fields[word]) for word in limit_words if fields.get(word) is not None]
    for word, limit in limits:
        if type(limit) is not int or limit < 1:
            raise ValueError(f"Invalid value for {word!r}: expected an integer of 1 or more.")
    limit = limits[0][1] if limits else None
    return Asked(model, is_streamed, limit, wants_usage, shows_reasoning)


def to_json(value: object) -> bytes:
    """Return *value* as compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()
