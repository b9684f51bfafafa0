"""Cohere's embeddings, of both versions of its API."""

from collections.abc import Iterable
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.contract import RequestFacts, StreamDecoder
from llm_latency_lens.protocols.counters import count, merge_counters
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.embeddings import EmbeddingsDecoder, read_embedding_request
from llm_latency_lens.protocols.headers import HeaderFacts, read_headers
from llm_latency_lens.protocols.requests import has_list, has_text
from llm_latency_lens.wire import thinned

__all__ = ["CohereEmbeddings"]

_PATHS = ("/v2/embed", "/v1/embed")
_REQUEST_IDS = ("x-request-id", "x-debug-trace-id")
_INPUTS = ("texts", "images", "inputs")
_COUNTS = ("tokens", "billed_units", "cached_tokens")
# Billed apart, at another price, and nobody says whether the others hold them.
_PICTURES = ("images", "image_tokens")


class CohereEmbeddings:
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "cohere_embeddings"

    def is_call(self, method: str, path: str) -> bool:
        """Whether it is a POST to ``.../v2/embed`` or ``.../v1/embed``."""
        return method == "POST" and path.partition("?")[0].rstrip("/").endswith(_PATHS)

    def recognises(self, path: str, body: bytes) -> bool:
        """Whether the path fits and the body has a model and a list of what to embed."""
        body = thinned(body)
        has_any = any(has_list(body, word) for word in _INPUTS)
        return self.is_call("POST", path) and has_text(body, "model") and has_any

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


def _told(payload: dict[str, Any], draft: Draft, raw: dict[str, Any]) -> CountedUsage:  # noqa: ARG001 - there is no more
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
