"""Ollama's embeddings: the newer path, which counts tokens, and the older one, which does not."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.counters import count, merge_counters
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.embeddings import EmbeddingsProtocol
from llm_latency_lens.protocols.ollama import tell_times
from llm_latency_lens.protocols.requests import has_input, has_text

__all__ = ["OllamaEmbeddings"]

# What others send to paths of the same name has other words.
_WORDS = frozenset({"model", "input", "prompt", "truncate", "options", "keep_alive", "dimensions"})


class OllamaEmbeddings(EmbeddingsProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "ollama_embeddings"
    paths = ("/api/embed", "/api/embeddings")
    request_ids = ("x-request-id",)

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has a model, an input, and no word of others."""
        has_any = has_input(request) or (has_text(request, "model") and has_text(request, "prompt"))
        return has_any and request.keys() <= _WORDS

    def told(self, payload: dict[str, Any], draft: Draft, raw: dict[str, Any]) -> CountedUsage:
        """Return the tokens as counted."""
        merge_counters(raw, {"prompt_eval_count": payload.get("prompt_eval_count")})
        tell_times(draft, payload)
        return CountedUsage(input_tokens=count(raw, "prompt_eval_count"))
