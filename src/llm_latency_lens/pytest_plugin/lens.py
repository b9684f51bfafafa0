"""The ``lens`` fixture: measure a callable, a prompt or a block of the test."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from llm_latency_lens.budgets import Evidence, Plan, Sampling, judge_all, merge_plans, read_plan
from llm_latency_lens.capture import Scope, bind, open_scope
from llm_latency_lens.capture.scope import current_run
from llm_latency_lens.errors import BudgetBroken, UsageError
from llm_latency_lens.profiler import (
    ClosedLoop,
    Job,
    Stopping,
    is_async,
    is_loop_running,
)
from llm_latency_lens.pytest_plugin.baselines import HERE, BaselineBudgets
from llm_latency_lens.pytest_plugin.clients import http_client_of
from llm_latency_lens.pytest_plugin.doubts import impossible_passes, open_budgets
from llm_latency_lens.pytest_plugin.own_calls import OwnCalls, split_words
from llm_latency_lens.pytest_plugin.pairs import Pair, read_pair
from llm_latency_lens.pytest_plugin.recorder import Recorder
from llm_latency_lens.pytest_plugin.targets import (
    NOTHING_TO_RUN,
    Target,
    read_job,
)
from llm_latency_lens.reports import explain_failure
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
        self._own_calls = OwnCalls(recorder)

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
        **words: Any,
    ) -> ProfileResult:
        """
        Run a callable, or send a prompt, again and again, and return the numbers.

        Args:
            target: What to run, sync or async; an async one gets its own event loop. With a
                *concurrency* above 1 a sync one runs in threads.
            provider: Name of a vendor, such as ``openai``, instead of a *target*: a
                :class:`~llm_latency_lens.LatencyProfiler` makes the calls.
            model: Model to ask, with *provider*.
            prompt: What to send, with *provider*.
            stream: Whether the answer is streamed, with *provider*.
            max_tokens: Most tokens of an answer, with *provider*.
            api_key: Key for *provider*; without it the SDK reads its environment variable.
            base_url: Another server that speaks the provider's protocol.
            iterations: Runs that count.
            warmup: Runs before them.
            concurrency: Runs in progress at once (a closed loop).
            **words: Budget words, as on the marker; with ``confidence`` the runs end as soon
                as the answer is that sure. With *provider* also ``rate``, ``retry`` and all other
                words of :meth:`~llm_latency_lens.LatencyProfiler.configure`.

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
        job = read_job(target, provider, model, prompt, api_key, base_url)
        how, budgets = split_words(words, job, stream=stream, max_tokens=max_tokens)
        plan, loop = self._prepare(iterations, warmup, concurrency, budgets)
        if target is not None and not is_async(target):
            with self._child(Phase.WARMUP) as scope:
                sampling = self._sampling(plan, loop)
                run_ns = loop.run(target, scope, self._stopping(sampling, scope))
                samples = self._settled(scope)
            evidence = Evidence(samples, run_ns, loop.iterations, sampling.is_capped)
            return self._judged(plan, evidence)

        import asyncio  # noqa: PLC0415 - not for sync targets

        return asyncio.run(self._profile_async(job or target, plan, loop, how))

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
        **words: Any,
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
        job = read_job(target, provider, model, prompt, api_key, base_url)
        how, budgets = split_words(words, job, stream=stream, max_tokens=max_tokens)
        plan, loop = self._prepare(iterations, warmup, concurrency, budgets)
        return await self._profile_async(job or target, plan, loop, how)

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
        pair = self._pair((a, b), names, ClosedLoop(iterations, warmup), fail)
        if pair.needs_loop:
            import asyncio  # noqa: PLC0415 - not for sync targets

            return asyncio.run(pair.arun(self._child, self._settled, self._own_calls.open))
        return pair.run(self._child, self._settled)

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
        pair = self._pair((a, b), names, ClosedLoop(iterations, warmup), fail)
        return await pair.arun(self._child, self._settled, self._own_calls.open)

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
        self, targets: tuple[Target, Target], names: tuple[str, str], loop: ClosedLoop, fail: str
    ) -> Pair:
        pair = read_pair(targets, names, loop, fail)
        return pair.once() if self._recorder.is_disabled else pair

    def _prepare(
        self, iterations: int, warmup: int, concurrency: int, budgets: dict[str, Any]
    ) -> tuple[Plan, ClosedLoop]:
        plan = merge_plans([(self, read_plan(budgets))])
        loop = ClosedLoop(iterations, warmup, concurrency)
        if self._recorder.is_disabled:
            return Plan(), ClosedLoop(1, 0, 1)
        return self._baselines.added_to(plan, self._scope.node_id), loop

    async def _profile_async(
        self, source: Job | _Target | None, plan: Plan, loop: ClosedLoop, how: dict[str, Any]
    ) -> ProfileResult:
        measured = None
        with self._child(Phase.WARMUP) as scope:
            sampling = self._sampling(plan, loop)
            if isinstance(source, Job):
                profiler = self._own_calls.profiler(source, loop, how)
                stop = Stopping(sampling, scope, underway=profiler.underway)
                measured = await profiler.profile(source.request, until=stop)
                run_ns = measured.run_ns
            elif source is not None:
                run_ns = await loop.arun(source, scope, self._stopping(sampling, scope))
            else:
                raise UsageError(NOTHING_TO_RUN)
            samples = self._settled(scope)
        evidence = Evidence(samples, run_ns, loop.iterations, sampling.is_capped)
        return self._judged(plan, evidence, measured)

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
        self, plan: Plan, evidence: Evidence, run: ProfileResult | None = None
    ) -> ProfileResult:
        verdicts = judge_all(plan.budgets, evidence, plan.certainty)
        saving = Saving.of(evidence)
        self._on_saving(saving)
        self._recorder.listeners.hear_verdicts(self._scope.node_id, verdicts)
        if any(verdict.failed for verdict in verdicts):
            told = explain_failure(verdicts, evidence.samples, place="lens.profile")
            raise BudgetBroken(told)
        for warning in open_budgets(verdicts):
            warnings.warn(warning, stacklevel=3)
        run = run or ProfileResult()
        return ProfileResult(
            evidence.body,
            evidence.run_ns,
            verdicts,
            saving,
            metadata=run.metadata,
            config=run.config,
            raw=run.raw,
        )
