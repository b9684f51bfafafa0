"""Tracebacks: an error of the lens is told at the line of the test that met it."""

from collections.abc import Iterator
from types import TracebackType

from llm_latency_lens.errors import LensError

__all__ = ["end_at_the_test"]

_PACKAGE = f"{__package__.partition('.')[0]}."
# The hooks that pytest itself goes through on its way to the test.
_ON_THE_WAY = frozenset({__package__, f"{__package__}.item_run"})


def end_at_the_test(fault: LensError) -> None:
    """
    Cut the traceback of *fault* where the test called the lens.

    What lies below is ours and tells the reader nothing: the message names what to change. The
    exception that it was made from is left out for the same reason.
    """
    last: TracebackType | None = None
    for one in _steps(fault.__traceback__):
        module = one.tb_frame.f_globals.get("__name__", "")
        if last is not None and module.startswith(_PACKAGE) and module not in _ON_THE_WAY:
            last.tb_next = None
            fault.__suppress_context__ = True
            fault.__cause__ = None
            return
        last = one


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next
