"""
An event loop whose timers are fine enough to pace tokens.

epoll counts its timeout in whole milliseconds and asyncio rounds up, so every timer of the
plain loop is up to 1 ms late. ``select`` on the one descriptor of epoll itself waits in
microseconds, without a spinning core.
"""

import asyncio
import gc
import select
import selectors
from collections.abc import Coroutine
from typing import Any

__all__ = ["new_event_loop", "run_finely"]


def run_finely(work: Coroutine[Any, Any, None]) -> None:
    """Run *work* to its end on a fine loop, without long pauses of the collector."""
    # Walking the modules loaded so far took up to 10 ms, in the middle of everyone's stream.
    gc.freeze()
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(work)
    finally:
        gc.unfreeze()


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a loop with timers of some 0.1 ms; on a machine without epoll, the plain one."""
    if not hasattr(selectors, "EpollSelector"):
        return asyncio.new_event_loop()  # kqueue waits in nanoseconds as it is

    class FineSelector(selectors.EpollSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            if timeout is not None and timeout > 0:
                ready, _, _ = select.select([self.fileno()], [], [], timeout)
                if not ready:
                    return []
                timeout = 0
            return super().select(timeout)

    return asyncio.SelectorEventLoop(FineSelector())
