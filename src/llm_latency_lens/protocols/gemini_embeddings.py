"""Gemini's embeddings: of the Gemini API, of Vertex AI, and of Vertex AI's older models."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.protocols.counters import count, merge_counters, total
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.embeddings import EmbeddingsProtocol, embedding_facts
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.requests import has_list

__all__ = ["GeminiEmbeddings"]

# The verb of every older model on Vertex AI, also of those that draw.
_PREDICT = ":predict"


class GeminiEmbeddings(EmbeddingsProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "gemini_embeddings"
    paths = (":embedContent", ":batchEmbedContents")
    request_ids = ("x-request-id", "x-goog-request-id")

    def is_call(self, method: str, path: str) -> bool:
        """Whether it is a POST to a method of a model that embeds."""
        path = path.partition("?")[0]
        is_older = path.endswith(_PREDICT) and "embedding" in path.rpartition("/")[2]
        return (method == "POST" and is_older) or super().is_call(method, path)

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has something to embed."""
        has_any = has_list(request, "requests") or has_list(request, "instances")
        return has_any or isinstance(request.get("content"), dict)

    def read_request(self, request: Mapping[str, Any], path: str = "") -> RequestFacts:
        """Return the request's facts; the path names the model."""
        model = path.partition("?")[0].rpartition("/")[2].rpartition(":")[0]
        return embedding_facts(request, name_of(model) or "", model_word="")

    def told(self, payload: dict[str, Any], draft: Draft, raw: dict[str, Any]) -> CountedUsage:  # noqa: ARG002 - there is no more
        """Return the tokens as counted."""
        merge_counters(raw, payload.get("usageMetadata"))
        told = count(raw, "promptTokenCount")
        if told is None:
            # Vertex AI's older models count text by text.
            place = ("embeddings", "statistics", "token_count")
            told = total(*(count(each, *place) for each in payload.get("predictions") or ()))
        return CountedUsage(input_tokens=told, total_tokens=count(raw, "totalTokenCount"))
