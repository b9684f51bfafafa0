"""
The runner: makes the calls of a profile, each when its pace lets it start.

anyio and the SDKs are imported by the functions that need them: the modules of the profiler are
loaded with the command, which has to answer ``--help`` at once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llm_latency_lens.capture import Observer, current_scope
from llm_latency_lens.clock import Clock
from llm_latency_lens.errors import CostCapReached
from llm_latency_lens.profiler.allowance import Allowance
from llm_latency_lens.profiler.configuration import Configuration, loop_of
from llm_latency_lens.profiler.events import CallEnded, CallFailed, Event, Progress, Started
from llm_latency_lens.profiler.one_call import Asked, CallMaker, Made
from llm_latency_lens.profiler.open_clients import open_clients
from llm_latency_lens.profiler.pacing import pace_of
from llm_latency_lens.profiler.request import Request, Target
from llm_latency_lens.profiler.schedules import AtConcurrency, Schedule
from llm_latency_lens.profiler.seen_limits import SeenLimits
from llm_latency_lens.profiler.turns import Stop
from llm_latency_lens.providers import Ask, Prompt
from llm_latency_lens.samples import Cost, Phase, Sample

if TYPE_CHECKING:
    from anyio import CancelScope

__all__ = ["Job", "Runner"]


@dataclass(frozen=True, slots=True)
class Job:
    """One request to one target, made as often as the configuration says."""

    target: Target
    request: Request

    def asked(self, configuration: Configuration, ask: Ask) -> Asked:
        """Return what is sent through *ask*."""
        parameters = dict(self.request.parameters)
        max_tokens = parameters.pop("max_tokens", configuration.max_tokens)
        prompt = Prompt(
            self.request.prompt,
            self.target.model,
            configuration.stream,
            max_tokens,
            parameters,
        )
        return Asked(self.target.provider, prompt, ask, self.request.label)


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
        until: Says before each call that counts whether it is wanted.
        seen: Keeps what the models tell of their limits; a run begins with what it knows.

    Attributes:
        calls: The calls that have ended and count, with their numbers.
        underway: Number and start of the calls that go on, by keys of no meaning.
        wall_ns: When its first call could start, in nanoseconds since the Unix epoch.
        is_stopped: The run was told to stop.
        has_enough: No further call was wanted.
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
        until: Stop | None = None,
    ) -> None:
        self.jobs = tuple(jobs)
        self.calls: list[Made] = []
        self.underway: dict[int, tuple[int, int]] = {}
        self.is_stopped = False
        self.has_enough = False
        self.wall_ns = clock.wall_ns()
        self._begun_ns = clock.now_ns()
        self._configuration = configuration
        self._observer = observer
        self._price = price
        self._clock = clock
        self._tell = tell
        self._seen = seen
        self._until = until
        self._outer = current_scope()
        self._asked: list[Asked] = []
        self._fault: Exception | CostCapReached | None = None
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
            CostCapReached: A call was not sent, for what it might have cost.
            Exception: A fault that is not a provider's; the other calls are broken off.
        """
        configuration = self._configuration
        targets = [job.target for job in self.jobs]
        connect_s = configuration.timeouts.connect_s
        async with open_clients(targets, connect_s, self._observer) as asks:
            # What opening the SDKs took belongs to no call.
            self._begun_ns, self.wall_ns = self._clock.now_ns(), self._clock.wall_ns()
            self._asked = [job.asked(configuration, asks[job.target]) for job in self.jobs]
            warmup = configuration.warmup * len(self.jobs)
            self._tell(Started(self.total, warmup, loop_of(configuration.schedule)))
            await self._make_warmup(warmup)
            if self._until is not None:
                self._until.warmed_up()
            await self._make_calls()

    async def _make_warmup(self, count: int) -> None:
        from anyio import CancelScope  # noqa: PLC0415 - 60 ms

        maker = self._maker(AtConcurrency())
        with CancelScope() as self._in_flight:
            for number in range(count):
                if self.is_stopped:
                    return
                await self._make(maker, Made(number, Phase.WARMUP))

    async def _make_calls(self) -> None:
        from anyio import CancelScope, create_task_group  # noqa: PLC0415 - 60 ms

        maker = self._maker(self._configuration.schedule)
        self._pace = maker.pace

        async def call(made: Made) -> None:
            try:
                await self._make(maker, made)
                if self._until is not None:
                    self._until.ended(made.number, made.ended_ns - made.began_ns)
            except (Exception, CostCapReached) as fault:
                self._break_off(fault)
            finally:
                maker.pace.call_ended(made.number)

        async with create_task_group() as calls:
            self._in_flight = calls.cancel_scope
            with CancelScope() as self._admission:
                if self.is_stopped:
                    return
                try:
                    for number in range(self.total):
                        intended_ns = await maker.pace.start(number)
                        if self._until is not None and not self._until.may_begin(number):
                            self.has_enough = True
                            break
                        calls.start_soon(call, Made(number, Phase.CALL, intended_ns))
                except Exception as fault:
                    self._break_off(fault)
        if self._fault is not None:
            raise self._fault

    def _break_off(self, fault: Exception | CostCapReached) -> None:
        # A task group would wrap it in a group; the fault itself is due.
        self._fault = self._fault or fault
        self.stop(now=True)

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
            self._price,
            underway=self.underway,
        )

    def _allowances(self) -> list[Allowance]:
        """Return what limits each turn; requests to one model share its allowance."""
        known = {job.target: self._seen.allowance(job.target) for job in self.jobs}
        return [known[job.target] for job in self.jobs]

    async def _make(self, maker: CallMaker, made: Made) -> None:
        if self._configuration.raw:
            made.pieces = []
        try:
            await maker.make(made, self._asked[made.number % len(self.jobs)], self._outer)
        finally:
            if made.sample is not None:
                self._record(made, made.sample)

    def _record(self, made: Made, sample: Sample) -> None:
        target = self.jobs[made.number % len(self.jobs)].target
        self._seen.note(target, sample, self._clock.now_ns(), self._clock.wall_ns())
        fault, made.fault = made.fault, None
        if sample.outcome.failed:
            self._tell(CallFailed(fault, sample))
        self._tell(CallEnded(sample))
        if made.phase is Phase.CALL:
            self.calls.append(made)
            self._tell(Progress(len(self.calls), self.total, sample))
