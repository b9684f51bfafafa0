"""OpenAI's embeddings, and those of the many servers that speak as it does."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.protocols.counters import count, merge_counters
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.embeddings import EmbeddingsProtocol, embedding_facts
from llm_latency_lens.protocols.requests import deployment_of, has_input

__all__ = ["OpenAIEmbeddings"]


class OpenAIEmbeddings(EmbeddingsProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "openai_embeddings"
    paths = ("/embeddings",)
    request_ids = ("x-request-id", "apim-request-id", "mistral-correlation-id", "request-id")

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has a model and an input."""
        return has_input(request)

    def read_request(self, request: Mapping[str, Any], path: str = "") -> RequestFacts:
        """Return the request's facts; Azure names the model in the path as a deployment."""
        return embedding_facts(request, deployment_of(path))

    def told(self, payload: dict[str, Any], draft: Draft, raw: dict[str, Any]) -> CountedUsage:  # noqa: ARG002 - there is no more
        """Return the tokens as counted."""
        merge_counters(raw, payload.get("usage"))
        total = count(raw, "total_tokens")
        given = count(raw, "prompt_tokens")
        # Voyage counts the total alone.
        return CountedUsage(input_tokens=total if given is None else given, total_tokens=total)
