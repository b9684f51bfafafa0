"""
Embeddings, in what all protocols of them have in common: vectors that nobody here reads.

Their answers are long, whole and of numbers. What counts is how many tokens went in; no token
comes out, which is told as 0, so that a price can be found.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from llm_latency_lens.protocols.answer import Answer, CountedUsage
from llm_latency_lens.protocols.contract import RequestFacts, StreamDecoder
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.posted import PostedProtocol
from llm_latency_lens.protocols.reader import Reader
from llm_latency_lens.protocols.requests import read_facts, read_object
from llm_latency_lens.samples import Usage
from llm_latency_lens.wire import Thinning, thinned

__all__ = ["EmbeddingsProtocol", "embedding_facts"]

_NO_OUTPUT = 0
_FIRST_ERROR = 400

_Told = Callable[[dict[str, Any], Draft, dict[str, Any]], CountedUsage]


class EmbeddingsProtocol(PostedProtocol):
    """A protocol of embeddings, but for what makes one differ."""

    def read_body(self, body: bytes) -> Mapping[str, Any]:
        """Return the object that a request's body is, without its vectors."""
        return read_object(thinned(body))

    def read_request(self, request: Mapping[str, Any], path: str = "") -> RequestFacts:  # noqa: ARG002 - the contract's
        """Return what the body asks for."""
        return embedding_facts(request)

    def decoder(
        self, *, content_type: str = "", http_status: int = 200, keep_content: bool = False
    ) -> StreamDecoder:
        """Return a decoder for one response body, which reads no vector."""
        body = super().decoder(
            content_type=content_type, http_status=http_status, keep_content=keep_content
        )
        # An error is short, and its message may be long.
        return body if http_status >= _FIRST_ERROR else _ThinnedBody(body)

    def reader(self, draft: Draft) -> Reader:
        """Return what writes one answer to *draft*."""
        return _EmbeddingsReader(draft, self.told)

    @abstractmethod
    def told(self, payload: dict[str, Any], draft: Draft, raw: dict[str, Any]) -> CountedUsage:
        """Return the tokens of an answer as counted; put the provider's own words into *raw*."""


class _ThinnedBody:
    """A decoder that is given a body without its vectors."""

    __slots__ = ("_body", "_thinning")

    def __init__(self, body: StreamDecoder) -> None:
        self._body = body
        self._thinning = Thinning()

    def feed(self, chunk: bytes, at_ns: int) -> None:
        """Take the next *chunk*, decompressed, which arrived at *at_ns*. Never raises."""
        self._body.feed(self._thinning.feed(chunk), at_ns)

    def finish(self) -> Answer:
        """Return what the body said. Never raises; a second call returns the same."""
        return self._body.finish()


class _EmbeddingsReader:
    """Writes one answer to a draft."""

    __slots__ = ("_counted", "_draft", "_raw", "_told")

    def __init__(self, draft: Draft, told: _Told) -> None:
        self._draft = draft
        self._told = told
        self._counted = CountedUsage()
        self._raw: dict[str, Any] = {}

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:  # noqa: ARG002 - the contract's
        # Nobody streams embeddings; gateways stream errors, which the decoder reads itself.
        self._draft.count_type(name)

    def read_whole(self, payload: dict[str, Any]) -> None:
        draft = self._draft
        draft.model = name_of(payload.get("model"))
        draft.response_id = name_of(payload.get("id"))
        self._counted = self._told(payload, draft, self._raw)

    def has_ended(self) -> bool:
        return False

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any] | None]:
        counted = self._counted
        if counted == CountedUsage():
            return Usage(), None, None
        billed = counted.billed_input_tokens
        usage = Usage(
            input_tokens=counted.input_tokens,
            output_tokens=None if counted.input_tokens is None else _NO_OUTPUT,
            billed_input_tokens=billed,
            billed_output_tokens=None if billed is None else _NO_OUTPUT,
        )
        return usage, counted, self._raw


def embedding_facts(
    request: Mapping[str, Any], path_model: str = "", *, model_word: str = "model"
) -> RequestFacts:
    """Return what a request asks for, as ``read_facts``: never a stream, nor a token of output."""
    facts = read_facts(request, path_model, model_word=model_word)
    return replace(facts, streamed=False, max_output_tokens=_NO_OUTPUT, choices=1)
