"""
Writes Ollama's embeddings.

https://github.com/ollama/ollama/blob/main/docs/api.md#generate-embeddings
"""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.simulator.answer import Answer, Usage
from llm_latency_lens.simulator.dialect import Asked, Ticket, read_asked, to_json
from llm_latency_lens.simulator.embeddings import Embeddings, joined, wanting
from llm_latency_lens.simulator.ollama import OllamaChat
from llm_latency_lens.simulator.vectors import read_vectors

__all__ = ["OllamaEmbeddings"]

_TIMES = {"total_duration": 3_000_000, "load_duration": 1_000_000}


class OllamaEmbeddings(Embeddings):
    """``/api/embed``."""

    __slots__ = ()

    name = "ollama_embeddings"

    def __init__(self) -> None:
        super().__init__(OllamaChat())

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what the request body asks for; ValueError when it is no valid request."""
        asked = read_asked(fields, (), wants_usage=True, has_messages=False)
        return wanting(asked, read_vectors(fields, fields.get("input"), "dimensions", "float"))

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:  # noqa: ARG002 - there are no words
        """Return the vectors in one piece."""
        told: dict[str, Any] = {"model": ticket.model, **_TIMES}
        if usage:
            told["prompt_eval_count"] = usage.input_tokens
        return b'{"embeddings":[' + joined(ticket) + b"]," + to_json(told)[1:]
