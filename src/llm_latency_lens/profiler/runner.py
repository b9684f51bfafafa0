"""
The runner: makes the calls of a profile, each when its pace lets it start.

anyio and the SDKs are imported by the functions that need them: the modules of the profiler are
loaded with the command, which has to answer ``--help`` at once.
"""

from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from llm_latency_lens.capture import Observer, Scope, current_scope, hooks, in_scope
from llm_latency_lens.clock import Clock
from llm_latency_lens.profiler.allowance import Allowance
from llm_latency_lens.profiler.configuration import Configuration, loop_of
from llm_latency_lens.profiler.events import CallEnded, CallFailed, Event, Progress, Started
from llm_latency_lens.profiler.one_call import CallMaker, Made
from llm_latency_lens.profiler.pacing import pace_of
from llm_latency_lens.profiler.request import Request, Target
from llm_latency_lens.profiler.schedules import AtConcurrency, Schedule
from llm_latency_lens.profiler.seen_limits import SeenLimits
from llm_latency_lens.providers import Ask, Prompt, find_vendor
from llm_latency_lens.samples import Cost, Phase, Sample

if TYPE_CHECKING:
    from anyio import CancelScope

__all__ = ["Job", "Runner"]

_NOBODY = object()


@dataclass(frozen=True, slots=True)
class Job:
    """One request to one target, made as often as the configuration says."""

    target: Target
    request: Request

    def prompt(self, configuration: Configuration) -> Prompt:
        """Return what is sent."""
        parameters = dict(self.request.parameters)
        max_tokens = parameters.pop("max_tokens", configuration.max_tokens)
        return Prompt(
            self.request.prompt,
            self.target.model,
            configuration.stream,
            max_tokens,
            parameters,
        )


class Runner:
    """
    One run.

    Calls take turns between *jobs*, so that a provider's worse minutes are spread over them.

    Args:
        jobs: What is asked.
        configuration: How.
        observer: Makes the samples.
        price: Returns what a call cost; None where that is unknown.
        clock: The reader of time.
        tell: Is told of every event but the last.
        seen: Keeps what the models tell of their limits; a run begins with what it knows.

    Attributes:
        calls: The calls that have ended and count, with their numbers.
        wall_ns: When its first call could start, in nanoseconds since the Unix epoch.
        is_stopped: The run was told to stop.
    """

    def __init__(
        self,
        jobs: Iterable[Job],
        configuration: Configuration,
        *,
        observer: Observer,
        price: Callable[[Sample], Cost | None],
        clock: Clock,
        tell: Callable[[Event], None],
        seen: SeenLimits,
    ) -> None:
        self.jobs = tuple(jobs)
        self.calls: list[Made] = []
        self.is_stopped = False
        self.wall_ns = clock.wall_ns()
        self._begun_ns = clock.now_ns()
        self._configuration = configuration
        self._observer = observer
        self._price = price
        self._clock = clock
        self._tell = tell
        self._seen = seen
        self._random = Random()  # noqa: S311 - jitter
        self._outer = current_scope()
        self._prompts = [job.prompt(configuration) for job in self.jobs]
        self._fault: Exception | None = None
        self._pace: Any = None
        self._admission: CancelScope | None = None
        self._in_flight: CancelScope | None = None

    @property
    def total(self) -> int:
        """Calls that will be made, warm-up left out."""
        return len(self.jobs) * self._configuration.iterations

    @property
    def duration_ns(self) -> int:
        """How long the run has taken so far, warm-up included."""
        return self._clock.now_ns() - self._begun_ns

    @property
    def levels(self) -> tuple[Any, ...]:
        """The adapted concurrency over time; empty without one."""
        return tuple(getattr(self._pace, "levels", ()))

    def stop(self, *, now: bool = False) -> None:
        """Start no further call; with *now* break off those in progress too."""
        self.is_stopped = True
        for scope in (self._admission, self._in_flight if now else None):
            if scope is not None:
                scope.cancel()

    async def run(self) -> None:
        """
        Make all calls; what was measured is in ``calls``, also when this is cancelled.

        Raises:
            MissingExtra: An SDK is not installed.
            ConfigurationError: An SDK refuses its configuration.
            Exception: A fault that is not a provider's; the other calls are broken off.
        """
        configuration = self._configuration
        async with AsyncExitStack() as opened:
            opened.enter_context(hooks(self._begin))
            # What the SDKs do to get ready is no call of anybody.
            with in_scope(Scope(observer=_NOBODY)):
                asks = await self._open(opened)
            # What opening the SDKs took belongs to no call.
            self._begun_ns, self.wall_ns = self._clock.now_ns(), self._clock.wall_ns()
            warmup = configuration.warmup * len(self.jobs)
            self._tell(Started(self.total, warmup, loop_of(configuration.schedule)))
            by_job = [asks[job.target] for job in self.jobs]
            await self._make_warmup(by_job, warmup)
            await self._make_calls(by_job)

    async def _open(self, opened: AsyncExitStack) -> dict[Target, Ask]:
        asks: dict[Target, Ask] = {}
        for target in dict.fromkeys(job.target for job in self.jobs):
            asks[target] = await opened.enter_async_context(
                find_vendor(target.provider).open(
                    api_key=target.api_key,
                    base_url=target.base_url,
                    connect_s=self._configuration.timeouts.connect_s,
                )
            )
        return asks

    async def _make_warmup(self, asks: list[Ask], count: int) -> None:
        from anyio import CancelScope  # noqa: PLC0415 - 60 ms

        maker = self._maker(AtConcurrency())
        with CancelScope() as self._in_flight:
            for number in range(count):
                if self.is_stopped:
                    return
                await self._make(maker, Made(number, Phase.WARMUP), asks)

    async def _make_calls(self, asks: list[Ask]) -> None:
        from anyio import CancelScope, create_task_group  # noqa: PLC0415 - 60 ms

        maker = self._maker(self._configuration.schedule)
        self._pace = maker.pace

        async def call(made: Made) -> None:
            try:
                await self._make(maker, made, asks)
            except Exception as fault:
                # A task group would wrap it in a group; the fault itself is due.
                self._fault = self._fault or fault
                self.stop(now=True)
            finally:
                maker.pace.call_ended(made.number)

        async with create_task_group() as calls:
            self._in_flight = calls.cancel_scope
            with CancelScope() as self._admission:
                if self.is_stopped:
                    return
                for number in range(self.total):
                    intended_ns = await maker.pace.start(number)
                    calls.start_soon(call, Made(number, Phase.CALL, intended_ns))
        if self._fault is not None:
            raise self._fault

    def _maker(self, schedule: Schedule) -> CallMaker:
        configuration = self._configuration
        return CallMaker(
            self._observer,
            self._clock,
            configuration.timeouts,
            configuration.retry,
            pace_of(
                schedule, self._clock, configuration.max_requests_per_second, self._allowances()
            ),
            self._random,
        )

    def _allowances(self) -> list[Allowance]:
        """Return what limits each turn; requests to one model share its allowance."""
        known = {job.target: self._seen.allowance(job.target) for job in self.jobs}
        return [known[job.target] for job in self.jobs]

    async def _make(self, maker: CallMaker, made: Made, asks: list[Ask]) -> None:
        turn = made.number % len(self.jobs)
        if self._configuration.raw:
            made.pieces = []
        try:
            label = self.jobs[turn].request.label
            await maker.make(made, self._prompts[turn], asks[turn], label)
        finally:
            if made.sample is not None:
                self._record(made, made.sample)

    def _record(self, made: Made, sample: Sample) -> None:
        # Whom the call went to is known, whatever the address of the server.
        target = self.jobs[made.number % len(self.jobs)].target
        sample = replace(sample, provider=target.provider)
        self._seen.note(target, sample, self._clock.now_ns(), self._clock.wall_ns())
        sample = replace(sample, cost=self._price(sample))
        made.sample = sample
        fault, made.fault = made.fault, None
        if self._outer is not None:
            self._outer.add(sample, run=sample.run, phase=sample.phase)
        if sample.outcome.failed:
            self._tell(CallFailed(fault, sample))
        self._tell(CallEnded(sample))
        if made.phase is Phase.CALL:
            self.calls.append(made)
            self._tell(Progress(len(self.calls), self.total, sample))

    def _begin(self, client: object, request: Any) -> Any:
        scope = current_scope()
        # Other hooks of this process look after what is not ours.
        if scope is None or scope.observer is not self._observer:
            return None
        return self._observer.begin(client, request)
