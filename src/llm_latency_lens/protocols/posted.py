"""What protocols have in common whose calls are POSTs of JSON."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.contract import RequestFacts, StreamDecoder
from llm_latency_lens.protocols.decoding import BodyDecoder
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.reader import EVENTS_ONLY, Reader, StreamForm
from llm_latency_lens.protocols.requests import read_facts, read_object

__all__ = ["PostedProtocol"]


class PostedProtocol(ABC):
    """
    A :class:`~llm_latency_lens.protocols.WireProtocol`, but for what makes one differ.

    Attributes:
        name: As samples and reports spell it.
        paths: How the paths of its calls end.
        request_ids: Headers with the provider's id of the request, the best first.
        form: What else than server-sent events is a stream.
    """

    name: str
    paths: tuple[str, ...]
    request_ids: tuple[str, ...]
    form: StreamForm = EVENTS_ONLY

    def is_call(self, method: str, path: str) -> bool:
        """Whether it is a POST to one of the paths, below whatever prefix a server has."""
        return method == "POST" and path.partition("?")[0].rstrip("/").endswith(self.paths)

    def read_body(self, body: bytes) -> Mapping[str, Any]:
        """Return the object that a request's body is."""
        return read_object(body)

    @abstractmethod
    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether a request to one of the paths is a call, by its body."""

    def read_request(self, request: Mapping[str, Any], path: str = "") -> RequestFacts:  # noqa: ARG002 - the contract's
        """Return what the request's body asks for."""
        return read_facts(request)

    def decoder(
        self, *, content_type: str = "", http_status: int = 200, keep_content: bool = False
    ) -> StreamDecoder:
        """Return a decoder for one response body."""
        draft = Draft(keep_content=keep_content)
        return BodyDecoder(
            self.reader(draft),
            draft,
            self.form,
            content_type=content_type,
            http_status=http_status,
        )

    @abstractmethod
    def reader(self, draft: Draft) -> Reader:
        """Return what writes the objects of one answer to *draft*."""
