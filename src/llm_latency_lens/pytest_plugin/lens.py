"""The ``lens`` fixture: measure a callable, a prompt or a block of the test."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from llm_latency_lens.baselines import Gate, read_gates
from llm_latency_lens.budgets import Evidence, Plan, Sampling, judge_all, merge_plans, read_plan
from llm_latency_lens.capture import Scope, bind, open_scope
from llm_latency_lens.capture.scope import current_run
from llm_latency_lens.errors import BudgetBroken, UsageError
from llm_latency_lens.profiler import (
    ActiveCall,
    ClosedLoop,
    Stopping,
    is_async,
    is_loop_running,
)
from llm_latency_lens.pytest_plugin.baselines import HERE, BaselineBudgets
from llm_latency_lens.pytest_plugin.clients import http_client_of
from llm_latency_lens.pytest_plugin.doubts import impossible_passes, open_budgets
from llm_latency_lens.pytest_plugin.pairs import Pair
from llm_latency_lens.pytest_plugin.recorder import Recorder
from llm_latency_lens.pytest_plugin.targets import (
    NOTHING_TO_RUN,
    Target,
    check_targets,
    read_active,
)
from llm_latency_lens.reports import explain_failure, explain_pair
from llm_latency_lens.results import PairResult, ProfileResult, Saving
from llm_latency_lens.samples import Phase, Sample

__all__ = ["Lens"]

_ITERATIONS = 10
_PAIRS = 20
# The block of a lens that this task or thread is in. Not the current scope: that one may have
# been opened by another task.
_block: ContextVar[Scope | None] = ContextVar("llm_latency_lens_block", default=None)
_Target = Callable[[], Any]
_Client = TypeVar("_Client")


class Lens:
    """
    Measures on request, inside a test.

    What it measures counts for the budgets of the test as well.
    """

    def __init__(
        self,
        recorder: Recorder,
        scope: Scope,
        on_saving: Callable[[Saving], None],
        baselines: BaselineBudgets = HERE,
    ) -> None:
        self._recorder = recorder
        self._scope = scope
        self._on_saving = on_saving
        self._baselines = baselines

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
            **budgets: Budget words, as on the marker; with ``confidence`` the runs end as soon
                as the answer is that sure.

        Raises:
            BudgetError: A budget cannot be read; nothing was sent.
            BudgetBroken: A budget does not hold; also an ``AssertionError``.
            MissingBaseline: A baseline was named that nobody has saved; nothing was sent.
            UsageError: Called inside a running event loop, or with arguments that do not go
                together.
            Exception: What the target raised, unless it was a provider's error.
        """
        if is_loop_running():
            raise UsageError(
                "lens.profile cannot wait inside a running event loop: use "
                "'await lens.aprofile(...)' in an async test"
            )
        active = read_active(target, provider, model, prompt, stream, max_tokens, api_key, base_url)
        plan, loop = self._prepare(iterations, warmup, concurrency, budgets)
        if target is not None and not is_async(target):
            with self._child(Phase.WARMUP) as scope:
                sampling = self._sampling(plan, loop)
                run_ns = loop.run(target, scope, self._stopping(sampling, scope))
                samples = self._settled(scope)
            return self._judged(plan, loop, sampling, samples, run_ns)

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
        active = read_active(target, provider, model, prompt, stream, max_tokens, api_key, base_url)
        plan, loop = self._prepare(iterations, warmup, concurrency, budgets)
        return await self._profile_async(active or target, plan, loop)

    def compare(
        self,
        a: Target,
        b: Target,
        *,
        iterations: int = _PAIRS,
        warmup: int = 1,
        fail: str = "",
        names: tuple[str, str] = ("a", "b"),
    ) -> PairResult:
        """
        Run two targets in turns and return what is between them.

        In turns, so that a machine or provider that gets slower does so for both.

        Args:
            a: What *b* is held against: a callable, sync or async, or the words of a call that
                the lens makes, ``dict(provider="openai", model="gpt-4o-mini", prompt="Hello")``.
            b: What is held against *a*.
            iterations: Runs of each that count.
            warmup: Runs of each before them.
            fail: Percentiles that fail the test where *b* is slower by more than a margin, as in
                ``"p50:10%, ttft_p95:25%"``.
            names: How the two are called in messages and, as label, on their calls.

        Raises:
            BudgetError: *fail* cannot be read; nothing was sent.
            BudgetBroken: *b* is slower than *fail* allows, beyond chance.
            UsageError: Called inside a running event loop, or with what cannot be run.
            Exception: What a target raised, unless it was a provider's error.
        """
        if is_loop_running():
            raise UsageError(
                "lens.compare cannot wait inside a running event loop: use "
                "'await lens.acompare(...)' in an async test"
            )
        pair, gates = self._pair((a, b), iterations, warmup, fail, names)
        if pair.needs_loop:
            import asyncio  # noqa: PLC0415 - not for sync targets

            return _compared(asyncio.run(pair.arun(self._child, self._settled, gates)))
        return _compared(pair.run(self._child, self._settled, gates))

    async def acompare(
        self,
        a: Target,
        b: Target,
        *,
        iterations: int = _PAIRS,
        warmup: int = 1,
        fail: str = "",
        names: tuple[str, str] = ("a", "b"),
    ) -> PairResult:
        """
        Do as :meth:`compare` does, in the event loop of an async test (asyncio or trio).

        Raises:
            BudgetError: As :meth:`compare`.
            BudgetBroken: As :meth:`compare`.
            UsageError: A target cannot be run.
            Exception: What a target raised, unless it was a provider's error.
        """
        pair, gates = self._pair((a, b), iterations, warmup, fail, names)
        return _compared(await pair.arun(self._child, self._settled, gates))

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

    def bind(self, client: _Client) -> _Client:
        """
        Charge every call of a client to this test, or to the block open here, and return it.

        For tests that run in parallel in one process, where the thread of a call does not tell
        whose it is; each needs a client of its own. It holds until the test or block ends.

        Args:
            client: A client of an SDK, or of httpx or httpx2.

        Raises:
            UsageError: It is neither.
        """
        bind(http_client_of(client), self._parent())
        return client

    def _parent(self) -> Scope:
        block = _block.get()
        return block if block is not None and block.is_open else self._scope

    @contextmanager
    def _child(self, phase: Phase | None = None, label: str = "") -> Iterator[Scope]:
        parent = self._parent()
        phase = parent.phase if phase is None else phase
        scope = Scope(self._scope.node_id, label=label, phase=phase, parent=parent)
        scope.run = current_run(parent)
        token = _block.set(scope)
        try:
            with open_scope(scope, in_task=True):
                yield scope
        finally:
            _block.reset(token)

    def _pair(
        self,
        targets: tuple[Target, Target],
        iterations: int,
        warmup: int,
        fail: str,
        names: tuple[str, str],
    ) -> tuple[Pair, tuple[Gate, ...]]:
        check_targets(*targets)
        gates = read_gates([fail]) if fail else ()
        loop = ClosedLoop(iterations, warmup)
        if self._recorder.is_disabled:
            loop, gates = ClosedLoop(1, 0), ()
        return Pair(targets, names, loop), gates

    def _prepare(
        self, iterations: int, warmup: int, concurrency: int, budgets: dict[str, Any]
    ) -> tuple[Plan, ClosedLoop]:
        plan = merge_plans([(self, read_plan(budgets))])
        loop = ClosedLoop(iterations, warmup, concurrency)
        if self._recorder.is_disabled:
            return Plan(), ClosedLoop(1, 0, 1)
        return self._baselines.added_to(plan, self._scope.node_id), loop

    async def _profile_async(
        self, source: ActiveCall | _Target | None, plan: Plan, loop: ClosedLoop
    ) -> ProfileResult:
        with self._child(Phase.WARMUP) as scope:
            sampling = self._sampling(plan, loop)
            stop = self._stopping(sampling, scope)
            if isinstance(source, ActiveCall):
                async with source.opened() as send:
                    run_ns = await loop.arun(send, scope, stop)
            elif source is not None:
                run_ns = await loop.arun(source, scope, stop)
            else:
                raise UsageError(NOTHING_TO_RUN)
            samples = self._settled(scope)
        return self._judged(plan, loop, sampling, samples, run_ns)

    def _sampling(self, plan: Plan, loop: ClosedLoop) -> Sampling:
        for warning in impossible_passes(plan, loop.iterations):
            warnings.warn(warning, stacklevel=3)
        return Sampling(plan.budgets, plan.certainty, loop.iterations)

    def _stopping(self, sampling: Sampling, scope: Scope) -> Stopping:
        return Stopping(sampling, scope, self._recorder.settle, self._recorder.priced)

    def _settled(self, scope: Scope) -> tuple[Sample, ...]:
        self._recorder.settle(scope)
        return tuple(self._recorder.priced(scope.take()))

    def _judged(
        self,
        plan: Plan,
        loop: ClosedLoop,
        sampling: Sampling,
        samples: tuple[Sample, ...],
        run_ns: tuple[int, ...],
    ) -> ProfileResult:
        evidence = Evidence(samples, run_ns, loop.iterations, sampling.is_capped)
        verdicts = judge_all(plan.budgets, evidence, plan.certainty)
        saving = Saving.of(evidence)
        self._on_saving(saving)
        self._recorder.listeners.hear_verdicts(self._scope.node_id, verdicts)
        if any(verdict.failed for verdict in verdicts):
            raise BudgetBroken(explain_failure(verdicts, samples, place="lens.profile"))
        for warning in open_budgets(verdicts):
            warnings.warn(warning, stacklevel=3)
        return ProfileResult(
            (one for one in samples if one.phase is Phase.CALL), run_ns, verdicts, saving
        )


def _compared(result: PairResult) -> PairResult:
    if result.comparison.failed:
        raise BudgetBroken(explain_pair(result))
    return result
