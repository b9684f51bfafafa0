"""
Deadlines: why a call was cancelled, where whoever made it set itself a limit.

A cancelled task looks the same whether its owner gave up, Ctrl-C was pressed or a time had run
out. Whoever sets the time says so here, and the call counts as timed out, not as cancelled.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["expired", "under_deadline"]

_expired: ContextVar[Callable[[], str] | None] = ContextVar("llm_latency_lens_why", default=None)


@contextmanager
def under_deadline(name_expired: Callable[[], str]) -> Iterator[None]:
    """Ask *name_expired* for the limit that ran out when a call of this task is cancelled."""
    token = _expired.set(name_expired)
    try:
        yield
    finally:
        _expired.reset(token)


def expired() -> str:
    """Return the name of the limit that ran out in this task; empty when none did."""
    name_expired = _expired.get()
    return "" if name_expired is None else name_expired()
