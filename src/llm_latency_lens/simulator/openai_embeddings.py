"""
Writes OpenAI's embeddings.

https://platform.openai.com/docs/api-reference/embeddings
"""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.simulator.answer import Answer, Usage
from llm_latency_lens.simulator.dialect import Asked, Ticket, read_asked, to_json
from llm_latency_lens.simulator.embeddings import Embeddings, wanting
from llm_latency_lens.simulator.openai_chat import OpenAIChat
from llm_latency_lens.simulator.vectors import Vectors, read_vectors

__all__ = ["OpenAIEmbeddings"]


class OpenAIEmbeddings(Embeddings):
    """The Embeddings API."""

    __slots__ = ()

    name = "openai_embeddings"

    def __init__(self) -> None:
        super().__init__(OpenAIChat())

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what the request body asks for; ValueError when it is no valid request."""
        asked = read_asked(fields, (), wants_usage=True, has_messages=False)
        form = str(fields.get("encoding_format") or "float")
        return wanting(asked, read_vectors(fields, fields.get("input"), "dimensions", form))

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:  # noqa: ARG002 - there are no words
        """Return the vectors in one piece."""
        vectors = ticket.vectors or Vectors(1)
        items = b",".join(
            b'{"object":"embedding","index":%d,"embedding":%b}' % (at, vectors.as_json(at))
            for at in range(vectors.number)
        )
        told: dict[str, Any] = {"model": ticket.model}
        if usage:
            told["usage"] = {
                "prompt_tokens": usage.input_tokens,
                "total_tokens": usage.input_tokens,
            }
        return b'{"object":"list","data":[' + items + b"]," + to_json(told)[1:]
