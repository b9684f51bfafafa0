"""Asking: whoever wants to see the requests of this process, asked about each one."""

from typing import Any, Protocol

from llm_latency_lens.capture.watch import Watch

__all__ = ["Begin", "ask", "asked"]


class Begin(Protocol):
    """Decides whether a request is watched."""

    def __call__(self, client: object, request: Any) -> Watch | None:
        """Return the watch on a request that begins now; None to leave it alone."""
        ...


asked: list[Begin] = []


def ask(client: object, request: Any) -> Watch | None:
    """Return the watch on a request that begins now: the first that is asked and wants it."""
    for begin in tuple(asked):
        try:
            watch = begin(client, request)
        except Exception:
            return None  # a fault in observing never reaches the user's call
        if watch is not None:
            return watch
    return None
