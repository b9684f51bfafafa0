"""
The closed loop: a fixed number of runs in progress, each starting when another ends.

A run is one execution of a callable. The next run waits for a slow one, so a closed loop shows
what its callers would feel, not what an open stream of arrivals would.
"""

import asyncio
import inspect
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.capture import Scope, running
from llm_latency_lens.clock import SystemClock
from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler.failures import is_provider_failure
from llm_latency_lens.profiler.turns import Stop, Turns
from llm_latency_lens.samples import Phase

__all__ = ["ClosedLoop", "atimed", "is_async", "is_loop_running", "timed"]

_now_ns = SystemClock.now_ns


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """
    How often a callable is run, and how many runs go on at once.

    Attributes:
        iterations: Runs that count, 1 or more.
        warmup: Runs before them, one after the other, that count in nothing but cost.
        concurrency: Runs in progress at once, 1 or more.
    """

    iterations: int = 10
    warmup: int = 0
    concurrency: int = 1

    def __post_init__(self) -> None:
        for name, least in (("iterations", 1), ("warmup", 0), ("concurrency", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise UsageError(f"{name}={value!r}: a whole number, {least} or more, is expected")

    def run(
        self, body: Callable[[], Any], scope: Scope, stop: Stop | None = None
    ) -> tuple[int, ...]:
        """
        Run a plain callable; return the wall time of each run in nanoseconds, in start order.

        With a concurrency of 1 it runs in the calling thread, else in threads. *stop* may end
        it before all iterations are made; runs in flight are waited for.

        Raises:
            Exception: Whatever the callable raised, unless it was a provider's error: that one
                is a sample.
        """
        scope.phase = Phase.WARMUP
        for scope.run in range(self.warmup):
            timed(body, scope, scope.run)
        turns = self._begin_counting(scope, stop)
        if self.concurrency == 1:
            while (number := turns.take()) is not None:
                scope.run = number
                turns.ended(number, timed(body, scope, number))
            return turns.times_ns()

        def work() -> None:
            while (number := turns.take()) is not None:
                turns.ended(number, timed(body, scope, number))

        workers = min(self.concurrency, self.iterations)
        with ThreadPoolExecutor(workers) as threads:
            # In a copy of this context, so that a thread knows the scope that it works for.
            pending = [threads.submit(copy_context().run, work) for _ in range(workers)]
            try:
                # The first to end is the first that may have raised.
                for future in as_completed(pending):
                    future.result()
            except BaseException:
                turns.close()
                raise
        return turns.times_ns()

    async def arun(
        self, body: Callable[[], Any], scope: Scope, stop: Stop | None = None
    ) -> tuple[int, ...]:
        """
        Run a callable from the running loop (asyncio or trio); see :meth:`run`.

        A coroutine function runs in the loop. Anything else runs in a thread, and what it
        returns is awaited in the loop if it can be, as with a lambda around a coroutine.
        """
        from anyio import create_task_group, get_cancelled_exc_class  # noqa: PLC0415 - 60 ms

        scope.phase = Phase.WARMUP
        for scope.run in range(self.warmup):
            await atimed(body, scope, scope.run)
        turns = self._begin_counting(scope, stop)
        faults: list[BaseException] = []

        async def worker() -> None:
            while (number := turns.take()) is not None:
                if self.concurrency == 1:
                    scope.run = number
                try:
                    turns.ended(number, await atimed(body, scope, number))
                except (get_cancelled_exc_class(), KeyboardInterrupt, SystemExit):
                    raise
                except BaseException as fault:
                    # A task group would wrap it in a group; the caller's own exception is due.
                    # Those that end a test are no Exception, as pytest.fail and pytest.skip.
                    faults.append(fault)
                    turns.close()

        async with create_task_group() as tasks:
            for _ in range(min(self.concurrency, self.iterations)):
                tasks.start_soon(worker)
        if faults:
            raise faults[0]
        return turns.times_ns()

    def _begin_counting(self, scope: Scope, stop: Stop | None) -> Turns:
        scope.begun.clear()
        scope.run = 0 if self.concurrency == 1 else -1
        if stop:
            stop.warmed_up()
        scope.phase = Phase.CALL
        return Turns(self.iterations, stop)


def is_loop_running() -> bool:
    """Whether an event loop (asyncio or trio) runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        trio = sys.modules.get("trio")
        return trio is not None and bool(trio.lowlevel.in_trio_run())
    return True


def is_async(target: Callable[[], Any]) -> bool:
    """Whether the callable is a coroutine function, or an object whose call is one."""
    return inspect.iscoroutinefunction(target) or inspect.iscoroutinefunction(
        getattr(target, "__call__", None)  # noqa: B004 - its kind is asked for, not its presence
    )


def timed(body: Callable[[], Any], scope: Scope, number: int) -> int:
    """
    Run a plain callable once and return its wall time in nanoseconds.

    Raises:
        UsageError: It returned a coroutine.
        Exception: Whatever it raised, unless it was a provider's error.
    """
    with running(scope, number):
        started = _now_ns()
        try:
            result = body()
        except Exception as fault:
            if not _is_sample(fault, scope, number):
                raise
            result = None
        ended = _now_ns()
    if inspect.iscoroutine(result):
        result.close()
        raise UsageError(
            "the callable returned a coroutine, which nobody awaits here: pass the 'async def' "
            "function itself or a functools.partial of it"
        )
    return ended - started


async def atimed(body: Callable[[], Any], scope: Scope, number: int) -> int:
    """
    Run a callable once from the running loop and return its wall time in nanoseconds.

    Raises:
        Exception: Whatever it raised, unless it was a provider's error.
    """
    with running(scope, number):
        started = _now_ns()
        try:
            if is_async(body):
                await body()
            else:
                result = await _in_thread(body)
                if inspect.isawaitable(result):
                    await result
        except Exception as fault:
            if not _is_sample(fault, scope, number):
                raise
        return _now_ns() - started


async def _in_thread(body: Callable[[], Any]) -> Any:
    from anyio import to_thread  # noqa: PLC0415 - as for the task group

    return await to_thread.run_sync(body)


def _is_sample(fault: Exception, scope: Scope, number: int) -> bool:
    # An SDK that refuses its own configuration has sent nothing: that is no sample.
    return number in scope.begun and is_provider_failure(fault)
