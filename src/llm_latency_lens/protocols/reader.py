"""Readers: what a wire protocol brings to the decoder of its bodies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.samples import Usage

__all__ = ["EVENTS_ONLY", "Reader", "StreamForm"]


class Reader(Protocol):
    """
    What one wire protocol makes of the objects in a body, written to a draft.

    It may raise on shapes that it does not know: the decoder counts the event as lost.
    """

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:
        """Read one event of a stream, called *name*, that arrived at *at_ns*."""
        ...

    def read_whole(self, payload: dict[str, Any]) -> None:
        """Read an answer that was not streamed."""
        ...

    def has_ended(self) -> bool:
        """Whether the stream so far ends as the protocol says it must."""
        ...

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any] | None]:
        """Return usage comparable between providers, as counted, and as sent."""
        ...


@dataclass(frozen=True, slots=True)
class StreamForm:
    """
    What a protocol streams beside server-sent events of JSON.

    Attributes:
        has_array: An array is a stream of its objects.
        is_whole_line: Lines are a stream, and whether one that stands alone is a whole answer, by
            its object and the content type; None where there are no lines.
        texts: Names of server-sent events whose data is text, whatever it looks like. The reader
            gets it as ``{"text": ...}``.
    """

    has_array: bool = False
    is_whole_line: Callable[[dict[str, Any], str], bool] | None = None
    texts: frozenset[str] = frozenset()


EVENTS_ONLY = StreamForm()
