"""
Writes Cohere's embeddings, version 2.

https://docs.cohere.com/reference/embed
"""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.simulator.answer import Answer, Usage
from llm_latency_lens.simulator.cohere_v2 import CohereV2
from llm_latency_lens.simulator.dialect import Asked, Ticket, read_asked, to_json
from llm_latency_lens.simulator.embeddings import Embeddings, joined, wanting
from llm_latency_lens.simulator.vectors import Vectors, read_vectors

__all__ = ["CohereEmbeddings"]


class CohereEmbeddings(Embeddings):
    """The Embed API."""

    __slots__ = ()

    name = "cohere_embeddings"

    def __init__(self) -> None:
        super().__init__(CohereV2())

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what the request body asks for; ValueError when it is no valid request."""
        asked = read_asked({**fields, "stream": False}, (), wants_usage=True, has_messages=False)
        inputs = next((fields[word] for word in ("texts", "inputs") if fields.get(word)), None)
        forms = fields.get("embedding_types") or ["float"]
        return wanting(asked, read_vectors(fields, inputs, "output_dimension", str(forms[0])))

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:  # noqa: ARG002 - there are no words
        """Return the vectors in one piece."""
        form = (ticket.vectors or Vectors(1)).form
        told: dict[str, Any] = {"id": ticket.request_id.removeprefix("req_"), "texts": []}
        if usage:
            billed = {"input_tokens": usage.input_tokens}
            told["meta"] = {"api_version": {"version": "2"}, "billed_units": billed}
        told["response_type"] = "embeddings_by_type"
        vectors = b'{"embeddings":{"%b":[%b]},' % (form.encode(), joined(ticket))
        return vectors + to_json(told)[1:]
