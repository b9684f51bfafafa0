"""Frames: the pieces of a stream that each stand for themselves, whatever holds them apart."""

from typing import NamedTuple

__all__ = ["MAX_STREAM_LINES", "Frame"]

# Two to three lines of server-sent events are one event, and no answer has half a million. Each
# line costs time, however short it is, and a compressed body can hold any number of them.
MAX_STREAM_LINES = 2**21


class Frame(NamedTuple):
    """
    One event, line or element that carries data.

    A tuple, since one is made per token and a frozen dataclass costs more to make.

    Attributes:
        name: Its ``event`` field; empty without one.
        data: What it carries: of an event its ``data`` lines, joined by line feeds.
        at_ns: Arrival of its last byte.
    """

    name: str
    data: bytes
    at_ns: int
