"""
Layers: a request that passes through a client and a transport beneath it is watched once.

Whoever is on top begins the watch and leaves it in the context of its task; a transport that
finds it there stamps it, because it is nearer to the network, and begins none of its own.
"""

from contextvars import ContextVar, Token

from llm_latency_lens.capture.watch import Watch

__all__ = ["Passage", "enter", "leave", "passage"]


class Passage:
    """
    One request on its way down to the network.

    Attributes:
        client: Whose request it is.
        watch: The watch on the attempt in progress.
        ends_above: The client on top tells how the attempt ends; the transport stamps only.
    """

    __slots__ = ("client", "ends_above", "watch")

    def __init__(self, client: object, watch: Watch, *, ends_above: bool) -> None:
        self.client = client
        self.watch = watch
        self.ends_above = ends_above


_passage: ContextVar[Passage | None] = ContextVar("llm_latency_lens_passage", default=None)
passage = _passage.get


def enter(passing: Passage | None) -> Token[Passage | None]:
    """Let the transports beneath find *passing* until it is left; None hides what is above."""
    return _passage.set(passing)


def leave(token: Token[Passage | None]) -> None:
    """Find what was found before."""
    try:
        _passage.reset(token)
    except ValueError:
        return  # a coroutine that was dropped is closed in whatever context that happens
