"""OpenAI's embeddings, and those of the many servers that speak as it does."""

from collections.abc import Iterable
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.contract import RequestFacts, StreamDecoder
from llm_latency_lens.protocols.counters import count, merge_counters
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.embeddings import EmbeddingsDecoder, read_embedding_request
from llm_latency_lens.protocols.headers import HeaderFacts, read_headers
from llm_latency_lens.protocols.requests import deployment_of, has_input
from llm_latency_lens.wire import thinned

__all__ = ["OpenAIEmbeddings"]

_PATH = "/embeddings"
_REQUEST_IDS = ("x-request-id", "apim-request-id", "mistral-correlation-id", "request-id")


class OpenAIEmbeddings:
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "openai_embeddings"

    def is_call(self, method: str, path: str) -> bool:
        """Whether it is a POST to ``.../embeddings``, below whatever prefix."""
        return method == "POST" and path.partition("?")[0].rstrip("/").endswith(_PATH)

    def recognises(self, path: str, body: bytes) -> bool:
        """Whether the path fits and the body has a model and an input."""
        return self.is_call("POST", path) and has_input(thinned(body))

    def read_request(self, body: bytes, path: str = "") -> RequestFacts:
        """Return the request's facts; Azure names the model in the path as a deployment."""
        return read_embedding_request(body, deployment_of(path))

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
    merge_counters(raw, payload.get("usage"))
    total = count(raw, "total_tokens")
    given = count(raw, "prompt_tokens")
    # Voyage counts the total alone.
    return CountedUsage(input_tokens=total if given is None else given, total_tokens=total)
