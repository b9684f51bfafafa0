"""LatencyProfiler: makes calls to providers, measures them, and tells how it goes."""

import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from llm_latency_lens.capture import Observer
from llm_latency_lens.clock import Clock, SystemClock
from llm_latency_lens.errors import UsageError
from llm_latency_lens.pricing import CostInfo, PriceBook
from llm_latency_lens.profiler.background import Background, post_to_loop
from llm_latency_lens.profiler.call_prices import PriceOf, read_prices
from llm_latency_lens.profiler.configuration import Configuration
from llm_latency_lens.profiler.events import EVENTS, Completed, Event, Listener, Progress
from llm_latency_lens.profiler.outcome import BatchResult, result_of, results_by_request
from llm_latency_lens.profiler.request import Request, Target
from llm_latency_lens.profiler.runner import Job, Runner
from llm_latency_lens.profiler.seen_limits import RateLimits, SeenLimits
from llm_latency_lens.profiler.turns import Stop
from llm_latency_lens.providers import Directory
from llm_latency_lens.results import Ending, ProfileResult

if TYPE_CHECKING:
    from llm_latency_lens.profiler.sync_profiler import SyncProfiler

__all__ = ["LatencyProfiler"]

_NS_PER_MS = 1_000_000


class LatencyProfiler:
    """
    Measures the calls to one or several models.

    ``await profiler.profile("Hello", iterations=50, concurrency=5)`` runs in asyncio and trio;
    ``profiler.sync.profile(...)`` is the same without an event loop. One profiler makes one run
    at a time. What the words mean is told at :class:`~llm_latency_lens.profiler.Configuration`.

    Args:
        provider: Name of the vendor.
        model: Model to ask.
        api_key: The key; without it the SDK reads its environment variable.
        base_url: Another server that speaks the vendor's protocol.
        targets: Several models instead; their calls take turns, ``iterations`` for each.
        prices: Your own price file, a price book, or a function that returns what a call cost,
            None where that is unknown.
        observer: What watches the calls, where it has to know more than the profiler does, such
            as a limit on the cost; it may watch nothing else.
        clock: Another reader of time, for tests.
        **words: Words of the configuration, as for :meth:`configure`.

    Attributes:
        configuration: What is done unless a run says otherwise.
        result: What the last run measured, also when it was broken off; None before the first.

    Raises:
        UsageError: A word is unknown, its value cannot be used, or no target is named.
        ConfigurationError: The price file cannot be read.
    """

    def __init__(
        self,
        provider: str | None = None,
        model: str | None = None,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        targets: Iterable[Target] = (),
        prices: Path | str | PriceBook | PriceOf | None = None,
        observer: Observer | None = None,
        clock: Clock | None = None,
        **words: Any,
    ) -> None:
        self.targets = _read_targets(provider, model, api_key, base_url, tuple(targets))
        self.configuration = Configuration().with_words(words)
        self.result: ProfileResult | None = None
        self._prices = read_prices(prices)
        self._observer = observer
        self._seen = SeenLimits()
        self._clock: Clock = SystemClock() if clock is None else clock
        self._listeners: dict[str, list[Listener]] = {name: [] for name in EVENTS}
        self._runner: Runner | None = None
        self._thread = 0
        self._post: Callable[[Callable[[], None]], None] | None = None

    def __repr__(self) -> str:
        models = ", ".join(f"{each.provider}/{each.model}" for each in self.targets)
        return f"<LatencyProfiler: {models}>"

    def configure(self, **words: Any) -> Self:
        """
        Change what is done unless a run says otherwise; return this profiler.

        The words are ``iterations``, ``warmup``; ``concurrency`` (a number, ``"adaptive"`` or
        its bounds), or ``rate`` (a second) with ``arrivals`` (``"constant"``, ``"poisson"``), or
        ``ramp`` (``{"from": 1, "to": 50, "over": "30s"}``), or ``schedule``; ``timeout``
        (``"30s"`` in all, or ``connect``, ``first_token``, ``between_tokens``, ``total``);
        ``retry`` (a number of attempts, or a mapping); ``stream``, ``max_tokens``,
        ``max_requests_per_second``, ``monthly_requests`` and ``raw``.

        Raises:
            UsageError: A word is unknown or its value cannot be used.
        """
        self.configuration = self.configuration.with_words(words)
        return self

    def on(self, event: str, callback: Callable[[Any], None]) -> Self:
        """
        Call *callback* with each event of a kind; return this profiler.

        ``start`` brings :class:`~llm_latency_lens.profiler.Started`,
        ``progress`` :class:`~llm_latency_lens.profiler.Progress`,
        ``result`` :class:`~llm_latency_lens.profiler.CallEnded`,
        ``error`` :class:`~llm_latency_lens.profiler.CallFailed` and
        ``complete`` :class:`~llm_latency_lens.profiler.Completed`. A
        callback runs between calls, so it should be quick; one that raises ends the run.

        Raises:
            UsageError: The event is unknown.
        """
        if event not in EVENTS:
            raise UsageError(f"on({event!r}): known events are {', '.join(EVENTS)}")
        self._listeners[event].append(callback)
        return self

    async def profile(
        self, prompt: str | Request, *, until: Stop | None = None, **words: Any
    ) -> ProfileResult:
        """
        Send *prompt* again and again; return the numbers.

        Args:
            prompt: What is sent.
            until: Is asked before each call that counts whether it is wanted. The first that is
                not ends the run; calls in progress are finished, and the result's ``ending``
                is ``enough``.
            **words: Hold for this run alone, see :meth:`configure`.

        Raises:
            UsageError: A word cannot be used, or a run is already going on.
            MissingExtra: The SDK is not installed.
            ConfigurationError: The SDK refuses its configuration, as without a key.
        """
        await self._run((_read_request(prompt),), words, until)
        assert self.result is not None
        return self.result

    async def batch(
        self, requests: Iterable[str | Request], *, until: Stop | None = None, **words: Any
    ) -> BatchResult:
        """
        Send several requests, in turns, each as often as ``iterations`` says.

        *until* and *words* are as for :meth:`profile`; calls are numbered over all requests.

        Raises:
            UsageError: As :meth:`profile`, or there is no request.
            MissingExtra: The SDK is not installed.
            ConfigurationError: The SDK refuses its configuration, as without a key.
        """
        read = tuple(map(_read_request, requests))
        if not read:
            raise UsageError("batch: at least one request is expected")
        runner = await self._run(read, words, until)
        assert self.result is not None
        return BatchResult(self.result, results_by_request(runner, read, self.result))

    async def stream(
        self, prompt: str | Request, *, until: Stop | None = None, **words: Any
    ) -> AsyncIterator[Progress]:
        """
        Send *prompt* again and again; yield the progress after each call.

        *until* and *words* are as for :meth:`profile`.

        The last one carries the ``result``. Leaving the loop early stops the run and breaks off
        the calls in progress.

        Raises:
            UsageError: As :meth:`profile`.
            MissingExtra: The SDK is not installed.
            ConfigurationError: The SDK refuses its configuration, as without a key.
        """
        background = Background[Progress]()
        last: Progress | None = None
        listeners = self._listeners["progress"]
        listeners.append(background.put)
        try:
            background.start(self.profile(prompt, until=until, **words))
            async for progress in background:
                if last is not None:
                    yield last
                last = progress
        finally:
            # What must not be left out first: a cancelled task gets no further than an await.
            listeners.remove(background.put)
            background.cancel()
            await background.ended()
        if last is not None:
            yield Progress(last.completed, last.total, last.sample, self.result)

    def stop(self, *, now: bool = False) -> None:
        """
        End the run: no further call starts, those in progress are finished.

        With *now* they are broken off and count as cancelled. The result says that it is
        partial. May be called from a callback and from any thread; without a run it does nothing.
        """
        runner, post = self._runner, self._post
        if runner is None or post is None:
            return
        if threading.get_ident() == self._thread:
            runner.stop(now=now)
            return
        # An event loop that has ended meanwhile has nothing to stop.
        with suppress(RuntimeError):
            post(lambda: runner.stop(now=now))

    def underway(self) -> tuple[tuple[int, int], ...]:
        """Return the number and the start, in monotonic nanoseconds, of each call that goes on."""
        return () if self._runner is None else tuple(self._runner.underway.values())

    def get_rate_limits(self) -> tuple[RateLimits, ...]:
        """
        Return the rate limits of each target, in order, as the provider last told them.

        They come with its answers, so before the first call, and from a provider that tells
        none, ``limits`` is empty. A run with ``concurrency="adaptive"`` heeds them.
        """
        return tuple(map(self._seen.of, self.targets))

    def get_cost_info(self) -> tuple[CostInfo, ...]:
        """
        Return what each target costs today, in order: by the price file, else ``genai-prices``.

        A price that nobody knows is None, never zero.
        """
        today_ns = self._clock.wall_ns()
        return tuple(
            self._prices.info(target.provider, target.model, today_ns) for target in self.targets
        )

    @property
    def sync(self) -> "SyncProfiler":
        """The same for code without an event loop: ``sync.profile``, ``batch``, ``stream``."""
        from llm_latency_lens.profiler.sync_profiler import SyncProfiler  # noqa: PLC0415 - mutual

        return SyncProfiler(self)

    async def _run(
        self, requests: tuple[Request, ...], words: dict[str, Any], until: Stop | None
    ) -> Runner:
        if self._runner is not None:
            raise UsageError("this profiler is running; make another one to run beside it")
        configuration = self.configuration.with_words(words)
        self._prices.load()
        runner = Runner(
            [Job(target, request) for request in requests for target in self.targets],
            configuration,
            observer=self._observer or Observer(Directory()),
            price=self._prices.price,
            clock=self._clock,
            tell=self._tell,
            until=until,
            seen=self._seen,
        )
        self._runner, self._thread, self._post = runner, threading.get_ident(), post_to_loop()
        ending = Ending.INTERRUPTED
        try:
            await runner.run()
            ending = _ending_of(runner)
        finally:
            self.result = result_of(runner, configuration, ending)
            self._runner = None
            self._tell(Completed(self.result, runner.duration_ns / _NS_PER_MS))
        return runner

    def _tell(self, event: Event) -> None:
        for name, kind in EVENTS.items():
            if isinstance(event, kind):
                for listener in tuple(self._listeners[name]):
                    listener(event)


def _ending_of(runner: Runner) -> Ending:
    if runner.is_stopped:
        return Ending.STOPPED
    return Ending.ENOUGH if runner.has_enough else Ending.COMPLETE


def _read_targets(
    provider: str | None,
    model: str | None,
    api_key: str | None,
    base_url: str | None,
    targets: tuple[Target, ...],
) -> tuple[Target, ...]:
    if targets:
        if provider or model or api_key or base_url:
            raise UsageError("give targets=, or provider= and model=, not both")
        if len(set(targets)) < len(targets):
            raise UsageError("targets= names one model twice")
        return targets
    if provider is None or model is None:
        raise UsageError('a profiler needs provider= and model=, such as "openai", "gpt-4o-mini"')
    return (Target(provider, model, api_key, base_url),)


def _read_request(given: object) -> Request:
    return given if isinstance(given, Request) else Request(given)  # type: ignore[arg-type]
