"""
Writes answers with embeddings: what the APIs have in common, which is that nothing is streamed.

Headers and errors are those of the vendor's chat.
"""

from collections.abc import Iterator
from dataclasses import replace

from llm_latency_lens.simulator.answer import Answer, Usage
from llm_latency_lens.simulator.dialect import Asked, Dialect, Headers, Ticket
from llm_latency_lens.simulator.pacing import Event
from llm_latency_lens.simulator.vectors import Vectors

__all__ = ["Embeddings", "joined", "wanting"]


class Embeddings:
    """What the dialects of embeddings do alike; *chat* is the vendor's other dialect."""

    __slots__ = ("_chat",)

    stream_type = "application/json"

    def __init__(self, chat: Dialect) -> None:
        self._chat = chat

    def headers(self, ticket: Ticket) -> Headers:
        """Return the headers that the vendor sends with every answer."""
        return self._chat.headers(ticket)

    def events(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> Iterator[Event]:  # noqa: ARG002 - as for every API
        """Yield nothing: there is no stream."""
        return iter(())

    def error(self, ticket: Ticket, status: int, message: str | None = None) -> bytes:
        """Return the error body of *status*, with the vendor's words if *message* is None."""
        return self._chat.error(ticket, status, message)


def wanting(asked: Asked, vectors: Vectors) -> Asked:
    """Return what a request for *vectors* asks for: no stream and no text, whatever it says."""
    return replace(asked, is_streamed=False, token_limit=None, vectors=vectors)


def joined(ticket: Ticket) -> bytes:
    """Return the vectors that a ticket wants as the items of an array."""
    vectors = ticket.vectors or Vectors(1)
    return b",".join(vectors.as_json(place) for place in range(vectors.number))
