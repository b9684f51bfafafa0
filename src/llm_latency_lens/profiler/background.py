"""
Background: a coroutine that runs on beside a generator that tells of it.

A task group in an asynchronous generator breaks when the generator is closed by another task
than the one that opened it (PEP 789), so the coroutine gets a task of the event loop's own.
"""

import sys
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from llm_latency_lens.errors import CostCapReached

__all__ = ["Background", "post_to_loop"]

Item = TypeVar("Item")


class Background(Generic[Item]):
    """What a coroutine puts while it runs, to be iterated over until it ends."""

    def __init__(self) -> None:
        from anyio import Event, create_memory_object_stream  # noqa: PLC0415 - see runner

        self._send, self._receive = create_memory_object_stream[Item](float("inf"))
        self._ended = Event()
        self._fault: BaseException | None = None
        self._cancel: Callable[[], object] | None = None

    def put(self, item: Item) -> None:
        """Give the consumer another item."""
        self._send.send_nowait(item)

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Start *work*."""
        self._cancel = _start(self._work(work))

    def __aiter__(self) -> "Background[Item]":
        return self

    async def __anext__(self) -> Item:
        """Return what was put next; raise what the work raised once it has ended."""
        from anyio import EndOfStream  # noqa: PLC0415 - see runner

        try:
            return await self._receive.receive()
        except EndOfStream:
            if self._fault is not None:
                raise self._fault from None
            raise StopAsyncIteration from None

    def cancel(self) -> None:
        """Cancel the work if it still goes on."""
        if self._cancel is None:
            self._ended.set()
        elif not self._ended.is_set():
            self._cancel()

    async def ended(self) -> None:
        """Wait until the work is over."""
        from anyio import CancelScope  # noqa: PLC0415 - see runner

        with CancelScope(shield=True):
            await self._ended.wait()
        self._receive.close()

    async def _work(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except (Exception, CostCapReached) as fault:
            self._fault = fault
        finally:
            self._send.close()
            self._ended.set()


def _start(work: Coroutine[Any, Any, None]) -> Callable[[], object]:
    """Run *work* in a task of its own; return what cancels it."""
    if _is_trio():
        import trio  # noqa: PLC0415 - it is loaded

        scope = trio.CancelScope()

        async def run() -> None:
            with scope:
                await work

        trio.lowlevel.spawn_system_task(run, context=copy_context())
        return scope.cancel

    import asyncio  # noqa: PLC0415 - as above

    return asyncio.get_running_loop().create_task(work).cancel


def post_to_loop() -> Callable[[Callable[[], None]], None]:
    """Return what lets any thread have a function called in the running event loop."""
    if _is_trio():
        import trio  # noqa: PLC0415 - it is loaded

        token = trio.lowlevel.current_trio_token()

        def post(function: Callable[[], None]) -> None:
            token.run_sync_soon(function)

        return post

    import asyncio  # noqa: PLC0415 - as above

    loop = asyncio.get_running_loop()

    def call_soon(function: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(function)

    return call_soon


def _is_trio() -> bool:
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run()) and trio.lowlevel.in_trio_task()
