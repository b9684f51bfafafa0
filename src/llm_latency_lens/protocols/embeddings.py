"""
Embeddings, in what all protocols of them have in common: vectors that nobody here reads.

Their answers are long, whole and of numbers. What counts is how many tokens went in; no token
comes out, which is told as 0, so that a price can be found.
"""

from dataclasses import replace
from typing import Any, Protocol

from llm_latency_lens.protocols.answer import Answer, CountedUsage
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.protocols.decoding import BodyDecoder
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.requests import read_facts
from llm_latency_lens.samples import Usage
from llm_latency_lens.wire import Thinning, thinned

__all__ = ["EmbeddingsDecoder", "Told", "read_embedding_request"]

_NO_OUTPUT = 0
_FIRST_ERROR = 400


class Told(Protocol):
    """Reads what one answer tells beside its vectors."""

    def __call__(self, payload: dict[str, Any], draft: Draft, raw: dict[str, Any]) -> CountedUsage:
        """Return the tokens as counted; put the provider's own words into *raw*."""
        ...


class EmbeddingsDecoder:
    """
    A :class:`~llm_latency_lens.protocols.StreamDecoder` for answers with embeddings.

    Args:
        told: Reads what the protocol tells.
        content_type: Of the response.
        http_status: Of the response.
        keep_content: Whether messages of errors are kept; vectors never are.
    """

    __slots__ = ("_body", "_thinning")

    def __init__(
        self, told: Told, *, content_type: str, http_status: int, keep_content: bool
    ) -> None:
        draft = Draft(keep_content=keep_content)
        # An error is short, and its message may be long.
        self._thinning = Thinning() if http_status < _FIRST_ERROR else None
        self._body = BodyDecoder(
            _EmbeddingsReader(draft, told),
            draft,
            content_type=content_type,
            http_status=http_status,
        )

    def feed(self, chunk: bytes, at_ns: int) -> None:
        """Take the next *chunk*, decompressed, which arrived at *at_ns*. Never raises."""
        if self._thinning is not None:
            chunk = self._thinning.feed(chunk)
        self._body.feed(chunk, at_ns)

    def finish(self) -> Answer:
        """Return what the body said. Never raises; a second call returns the same."""
        return self._body.finish()


class _EmbeddingsReader:
    """Writes one answer to a draft."""

    __slots__ = ("_counted", "_draft", "_raw", "_told")

    def __init__(self, draft: Draft, told: Told) -> None:
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


def read_embedding_request(
    body: bytes, path_model: str = "", *, model_word: str = "model"
) -> RequestFacts:
    """Return what a body asks for, as ``read_facts``: never a stream, nor a token of output."""
    facts = read_facts(thinned(body), path_model, model_word=model_word)
    return replace(facts, streamed=False, max_output_tokens=_NO_OUTPUT, choices=1)
