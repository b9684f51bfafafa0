"""
The contract of a wire protocol: what capture asks of it, and nothing of how it answers.

A protocol is a stateless object; a decoder belongs to one response body. Neither does input or
output, and neither raises on anything that a server can send.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from llm_latency_lens.protocols.answer import Answer

__all__ = ["RequestFacts", "StreamDecoder", "WireProtocol"]


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """
    What is read from a request.

    Attributes:
        model: Model that it names; empty when it names none.
        streamed: Whether it asks for a stream.
        max_output_tokens: The most tokens that one answer may have; None when it sets no limit.
        choices: How many answers it asks for.
    """

    model: str = ""
    streamed: bool = False
    max_output_tokens: int | None = None
    choices: int = 1


class StreamDecoder(Protocol):
    """Reads one response body."""

    def feed(self, chunk: bytes, at_ns: int) -> None:
        """Take the next *chunk*, decompressed, which arrived at *at_ns*. Never raises."""
        ...

    def finish(self) -> Answer:
        """Return what the body said. Never raises; a second call returns the same."""
        ...


class WireProtocol(Protocol):
    """
    One wire protocol.

    Attributes:
        name: As samples and reports spell it.
    """

    name: str

    @property
    def request_ids(self) -> tuple[str, ...]:
        """Headers with the provider's id of a request, the best first, in lower case."""
        ...

    def is_call(self, method: str, path: str) -> bool:
        """Whether a request of *method* to *path*, a URL's path without query, can be a call."""
        ...

    def read_body(self, body: bytes) -> Mapping[str, Any]:
        """Return the object that a request's body is. Never raises; empty for anything else."""
        ...

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether what ``is_call`` took for a call is one, by its body: for unknown hosts."""
        ...

    def read_request(self, request: Mapping[str, Any], path: str = "") -> RequestFacts:
        """Return what a request asks for. Never raises; what cannot be read stays empty."""
        ...

    def decoder(
        self, *, content_type: str = "", http_status: int = 200, keep_content: bool = False
    ) -> StreamDecoder:
        """
        Return a decoder for one response body.

        Args:
            content_type: The header of that name; a hint, since it lies.
            http_status: Status of the response.
            keep_content: Keep text, tool arguments and error messages in the answer. Off, no
                word of them outlives the decoder.
        """
        ...
