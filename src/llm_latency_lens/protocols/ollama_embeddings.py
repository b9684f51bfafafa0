"""Ollama's embeddings: the newer path, which counts tokens, and the older one, which does not."""

from collections.abc import Iterable
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.contract import RequestFacts, StreamDecoder
from llm_latency_lens.protocols.counters import count, merge_counters
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.embeddings import EmbeddingsDecoder, read_embedding_request
from llm_latency_lens.protocols.headers import HeaderFacts, read_headers
from llm_latency_lens.protocols.ollama import tell_times
from llm_latency_lens.protocols.requests import has_input, has_only, has_text
from llm_latency_lens.wire import thinned

__all__ = ["OllamaEmbeddings"]

_PATH, _OLDER_PATH = "/api/embed", "/api/embeddings"
_REQUEST_IDS = ("x-request-id",)
# What others send to paths of the same name has other words.
_WORDS = frozenset({"model", "input", "prompt", "truncate", "options", "keep_alive", "dimensions"})


class OllamaEmbeddings:
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "ollama_embeddings"

    def is_call(self, method: str, path: str) -> bool:
        """Whether it is a POST to ``/api/embed`` or ``/api/embeddings``, below whatever prefix."""
        path = path.partition("?")[0].rstrip("/")
        return method == "POST" and path.endswith((_PATH, _OLDER_PATH))

    def recognises(self, path: str, body: bytes) -> bool:
        """Whether the path fits and the body has a model, an input, and no word of others."""
        body = thinned(body)
        has_any = has_input(body) or (has_text(body, "model") and has_text(body, "prompt"))
        return self.is_call("POST", path) and has_any and has_only(body, _WORDS)

    def read_request(self, body: bytes, path: str = "") -> RequestFacts:  # noqa: ARG002 - the contract's
        """Return the request's facts."""
        return read_embedding_request(body)

    def decoder(
        self, *, content_type: str = "", http_status: int = 200, keep_content: bool = False
    ) -> StreamDecoder:
        """Return a decoder for one response body."""
        return EmbeddingsDecoder(
            _told, content_type=content_type, http_status=http_status, keep_content=keep_content
        )

    def read_headers(self, headers: Iterable[tuple[str, str]]) -> HeaderFacts:
        """Return what the response headers tell."""
        return read_headers(headers, _REQUEST_IDS)


def _told(payload: dict[str, Any], draft: Draft, raw: dict[str, Any]) -> CountedUsage:
    merge_counters(raw, {"prompt_eval_count": payload.get("prompt_eval_count")})
    tell_times(draft, payload)
    return CountedUsage(input_tokens=count(raw, "prompt_eval_count"))
