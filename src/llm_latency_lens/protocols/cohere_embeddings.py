"""Cohere's embeddings, of both versions of its API."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.counters import count, merge_counters
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.embeddings import EmbeddingsProtocol
from llm_latency_lens.protocols.requests import has_list, has_text

__all__ = ["CohereEmbeddings"]

_INPUTS = ("texts", "images", "inputs")
_COUNTS = ("tokens", "billed_units", "cached_tokens")
# Billed apart, at another price, and nobody says whether the others hold them.
_PICTURES = ("images", "image_tokens")


class CohereEmbeddings(EmbeddingsProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "cohere_embeddings"
    paths = ("/v2/embed", "/v1/embed")
    request_ids = ("x-request-id", "x-debug-trace-id")

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has a model and a list of what to embed."""
        has_any = any(has_list(request, word) for word in _INPUTS)
        return has_text(request, "model") and has_any

    def told(self, payload: dict[str, Any], draft: Draft, raw: dict[str, Any]) -> CountedUsage:  # noqa: ARG002 - there is no more
        """Return the tokens as counted."""
        meta = payload.get("meta")
        if isinstance(meta, dict):
            merge_counters(raw, {word: meta.get(word) for word in _COUNTS})
        if any(count(raw, "billed_units", word) for word in _PICTURES):
            return CountedUsage()
        counted = count(raw, "tokens", "input_tokens")
        billed = count(raw, "billed_units", "input_tokens")
        return CountedUsage(
            input_tokens=billed if counted is None else counted, billed_input_tokens=billed
        )
