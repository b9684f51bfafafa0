"""Gemini's embeddings: of the Gemini API, of Vertex AI, and of Vertex AI's older models."""

from collections.abc import Iterable
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.contract import RequestFacts, StreamDecoder
from llm_latency_lens.protocols.counters import count, merge_counters, total
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.embeddings import EmbeddingsDecoder, read_embedding_request
from llm_latency_lens.protocols.headers import HeaderFacts, read_headers
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.requests import has_list, has_object
from llm_latency_lens.wire import thinned

__all__ = ["GeminiEmbeddings"]

_VERBS = (":embedContent", ":batchEmbedContents")
# The verb of every older model on Vertex AI, also of those that draw.
_PREDICT = ":predict"
_REQUEST_IDS = ("x-request-id", "x-goog-request-id")


class GeminiEmbeddings:
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "gemini_embeddings"

    def is_call(self, method: str, path: str) -> bool:
        """Whether it is a POST to a method of a model that embeds."""
        path = path.partition("?")[0]
        is_older = path.endswith(_PREDICT) and "embedding" in path.rpartition("/")[2]
        return method == "POST" and (is_older or path.endswith(_VERBS))

    def recognises(self, path: str, body: bytes) -> bool:
        """Whether the path fits and the body has something to embed."""
        body = thinned(body)
        has_any = has_object(body, "content") or any(
            has_list(body, word) for word in ("requests", "instances")
        )
        return self.is_call("POST", path) and has_any

    def read_request(self, body: bytes, path: str = "") -> RequestFacts:
        """Return the request's facts; the path names the model."""
        model = path.partition("?")[0].rpartition("/")[2].rpartition(":")[0]
        return read_embedding_request(body, name_of(model) or "", model_word="")

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
    merge_counters(raw, payload.get("usageMetadata"))
    told = count(raw, "promptTokenCount")
    if told is None:
        # Vertex AI's older models count text by text.
        texts = payload.get("predictions") or ()
        told = total(*(count(each, "embeddings", "statistics", "token_count") for each in texts))
    return CountedUsage(input_tokens=told, total_tokens=count(raw, "totalTokenCount"))
