"""
Server facts: what a response told about the server itself, in its headers or its body.

Plain frozen values; ``protocols`` reads them, a ``Sample`` carries them.
"""

from dataclasses import dataclass

__all__ = ["RateLimit", "ServerTime"]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """
    How much of one resource the caller may still use. None is what was not told.

    Attributes:
        resource: What is limited: ``requests``, ``tokens``, ``input-tokens``,
            ``output-tokens``, or another word of the provider; a window of its own stands at
            the end (``tokens-minute``).
        limit: Most that may be used in a window.
        remaining: What is left of it.
        reset_ns: From the response's arrival until the limit is whole again; 0 when that
            time had passed.
    """

    resource: str
    limit: int | None = None
    remaining: int | None = None
    reset_ns: int | None = None


@dataclass(frozen=True, slots=True)
class ServerTime:
    """
    One duration that the server measured itself.

    Attributes:
        name: Header that told it; of ``server-timing`` with the metric, as in
            ``server-timing:proxy``; or the field of the body.
        nanoseconds: The duration.
        covers: What the server was doing in that time. ``until headers`` of a stream is not
            the whole answer; others are ``whole call``, ``queue``, ``load`` (of the model),
            ``validation``, ``prompt``, ``generation``, ``inference`` (both of these),
            ``first token`` and ``one token``.
    """

    name: str
    nanoseconds: int
    covers: str
