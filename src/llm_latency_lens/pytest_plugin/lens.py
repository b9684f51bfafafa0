"""The ``lens`` fixture: measure a callable, a prompt or a block of the test."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.budgets import Evidence, Plan, judge_all, read_plan
from llm_latency_lens.capture import Scope, open_scope
from llm_latency_lens.capture.scope import current_run
from llm_latency_lens.errors import BudgetBroken, UsageError
from llm_latency_lens.profiler import ClosedLoop, LatencyProfiler, is_async, is_loop_running
from llm_latency_lens.pytest_plugin.recorder import Recorder
from llm_latency_lens.reports import explain_failure
from llm_latency_lens.results import ProfileResult
from llm_latency_lens.samples import Phase, Sample

__all__ = ["Lens"]

_ITERATIONS = 10
# The block of a lens that this task or thread is in. Not the current scope: that one may have
# been opened by another task.
_block: ContextVar[Scope | None] = ContextVar("llm_latency_lens_block", default=None)
_Target = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class _Active:
    """A prompt, and the profiler that sends it."""

    profiler: LatencyProfiler
    prompt: str

    async def run(self, loop: ClosedLoop) -> tuple[int, ...]:
        """Send the prompt; its calls join the current scope. Return the time of each run."""
        result = await self.profiler.profile(
            self.prompt,
            iterations=loop.iterations,
            warmup=loop.warmup,
            concurrency=loop.concurrency,
        )
        return result.run_ns


class Lens:
    """
    Measures on request, inside a test.

    What it measures counts for the budgets of the test as well.
    """

    def __init__(self, recorder: Recorder, scope: Scope) -> None:
        self._recorder = recorder
        self._scope = scope

    def profile(
        self,
        target: Callable[[], Any] | None = None,
        *,
        provider: str | None = None,
        model: str | None = None,
        prompt: str | None = None,
        stream: bool = True,
        max_tokens: int | None = None,
        api_key: str | None = None,
        base_url: str | None = None,
        iterations: int = _ITERATIONS,
        warmup: int = 0,
        concurrency: int = 1,
        **budgets: Any,
    ) -> ProfileResult:
        """
        Run a callable, or send a prompt, again and again, and return the numbers.

        Args:
            target: What to run, sync or async; an async one gets its own event loop. With a
                *concurrency* above 1 a sync one runs in threads.
            provider: ``openai`` or ``anthropic``, instead of a *target*: the lens makes the
                calls through that vendor's SDK.
            model: Model to ask, with *provider*.
            prompt: What to send, with *provider*.
            stream: Whether the answer is streamed, with *provider*.
            max_tokens: Most tokens of an answer, with *provider*.
            api_key: Key for *provider*; without it the SDK reads its environment variable.
            base_url: Another server that speaks the provider's protocol.
            iterations: Runs that count.
            warmup: Runs before them.
            concurrency: Runs in progress at once (a closed loop).
            **budgets: Budget words, as on the marker.

        Raises:
            BudgetError: A budget cannot be read; nothing was sent.
            BudgetBroken: A budget does not hold; also an ``AssertionError``.
            UsageError: Called inside a running event loop, or with arguments that do not go
                together.
            Exception: What the target raised, unless it was a provider's error.
        """
        if is_loop_running():
            raise UsageError(
                "lens.profile cannot wait inside a running event loop: use "
                "'await lens.aprofile(...)' in an async test"
            )
        active = self._read_active(
            target, provider, model, prompt, stream, max_tokens, api_key, base_url
        )
        plan, loop = self._prepare(iterations, warmup, concurrency, budgets)
        if target is not None and not is_async(target):
            with self._child(Phase.WARMUP) as scope:
                run_ns = loop.run(target, scope)
                samples = self._settled(scope)
            return self._judged(plan, samples, run_ns)

        import asyncio  # noqa: PLC0415 - not for sync targets

        return asyncio.run(self._profile_async(active or target, plan, loop))

    async def aprofile(
        self,
        target: Callable[[], Any] | None = None,
        *,
        provider: str | None = None,
        model: str | None = None,
        prompt: str | None = None,
        stream: bool = True,
        max_tokens: int | None = None,
        api_key: str | None = None,
        base_url: str | None = None,
        iterations: int = _ITERATIONS,
        warmup: int = 0,
        concurrency: int = 1,
        **budgets: Any,
    ) -> ProfileResult:
        """
        Do as :meth:`profile` does, in the event loop of an async test (asyncio or trio).

        A coroutine function runs in the loop; a plain one runs in threads.

        Raises:
            BudgetError: As :meth:`profile`.
            BudgetBroken: As :meth:`profile`.
            UsageError: The arguments do not go together.
            Exception: What the target raised, unless it was a provider's error.
        """
        active = self._read_active(
            target, provider, model, prompt, stream, max_tokens, api_key, base_url
        )
        plan, loop = self._prepare(iterations, warmup, concurrency, budgets)
        return await self._profile_async(active or target, plan, loop)

    @contextmanager
    def observe(self, label: str = "") -> Iterator[ProfileResult]:
        """
        Collect the calls that begin in the block, under a name.

        The result is filled when the block ends.
        """
        result = ProfileResult()
        with self._child(label=label) as scope:
            try:
                yield result
            finally:
                result.samples = self._settled(scope)

    @contextmanager
    def _child(self, phase: Phase | None = None, label: str = "") -> Iterator[Scope]:
        outer = _block.get()
        parent = outer if outer is not None and outer.is_open else self._scope
        phase = parent.phase if phase is None else phase
        scope = Scope(self._scope.node_id, label=label, phase=phase, parent=parent)
        scope.run = current_run(parent)
        token = _block.set(scope)
        try:
            with open_scope(scope, in_task=True):
                yield scope
        finally:
            _block.reset(token)

    def _read_active(  # noqa: PLR0917 - the arguments of profile, in their order
        self,
        target: _Target | None,
        provider: str | None,
        model: str | None,
        prompt: str | None,
        stream: bool,
        max_tokens: int | None,
        api_key: str | None,
        base_url: str | None,
    ) -> _Active | None:
        given = {"provider": provider, "model": model, "prompt": prompt}
        if target is not None:
            if any(given.values()):
                raise UsageError(
                    "give lens.profile a callable or provider=, model=, prompt=, not both"
                )
            _refuse_what_cannot_be_called(target)
            return None
        if not any(given.values()):
            raise UsageError(_NOTHING_TO_RUN)
        if provider is None or model is None or prompt is None:
            missing = ", ".join(f"{name}=" for name, value in given.items() if value is None)
            raise UsageError(f"lens.profile needs {missing} as well")
        profiler = LatencyProfiler(
            provider,
            model,
            api_key=api_key,
            base_url=base_url,
            prices=self._recorder.prices,
            stream=stream,
            max_tokens=max_tokens,
        )
        return _Active(profiler, prompt)

    def _prepare(
        self, iterations: int, warmup: int, concurrency: int, budgets: dict[str, Any]
    ) -> tuple[Plan, ClosedLoop]:
        plan, loop = read_plan(budgets), ClosedLoop(iterations, warmup, concurrency)
        if self._recorder.is_disabled:
            return Plan(), ClosedLoop(1, 0, 1)
        return plan, loop

    async def _profile_async(
        self, source: _Active | _Target | None, plan: Plan, loop: ClosedLoop
    ) -> ProfileResult:
        with self._child(Phase.WARMUP) as scope:
            if isinstance(source, _Active):
                run_ns = await source.run(loop)
            elif source is not None:
                run_ns = await loop.arun(source, scope)
            else:
                raise UsageError(_NOTHING_TO_RUN)
            samples = self._settled(scope)
        return self._judged(plan, samples, run_ns)

    def _settled(self, scope: Scope) -> tuple[Sample, ...]:
        self._recorder.settle(scope)
        return tuple(self._recorder.priced(scope.take()))

    def _judged(
        self, plan: Plan, samples: tuple[Sample, ...], run_ns: tuple[int, ...]
    ) -> ProfileResult:
        verdicts = judge_all(plan.budgets, Evidence(samples, run_ns))
        if any(verdict.failed for verdict in verdicts):
            raise BudgetBroken(explain_failure(verdicts, samples))
        return ProfileResult((one for one in samples if one.phase is Phase.CALL), run_ns, verdicts)


_NOTHING_TO_RUN = (
    "nothing to profile: pass a callable, or provider=, model= and prompt= for calls by the lens"
)


def _refuse_what_cannot_be_called(target: object) -> None:
    if callable(target):
        return
    what = type(target).__name__
    if inspect.iscoroutine(target):
        target.close()
        what = "coroutine, which can run only once"
    raise UsageError(
        f"lens.profile runs its target again and again, so it wants a callable, not a {what}: "
        "pass the function itself, without calling it, or a lambda around the call"
    )
