"""One call: attempts at one prompt, within its time, until one succeeds or there is no use."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from llm_latency_lens.capture import Observer, Scope, in_scope, under_deadline
from llm_latency_lens.clock import Clock
from llm_latency_lens.errors import CaptureError, UsageError
from llm_latency_lens.profiler.failures import (
    Failure,
    FailureKind,
    failure_of,
    is_provider_failure,
    read_failure,
)
from llm_latency_lens.profiler.pacing import Pace
from llm_latency_lens.profiler.retrying import RetryPolicy
from llm_latency_lens.profiler.timeouts import Countdown, Timeouts
from llm_latency_lens.providers import Ask, Prompt
from llm_latency_lens.samples import Cost, Phase, Sample, Status

__all__ = ["Asked", "CallMaker", "Made"]

_NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What a call sends, and through what.

    Attributes:
        provider: Name of the vendor, whatever the address of the server.
        prompt: What is sent.
        ask: The open client.
        label: The label of its sample; empty without one.
    """

    provider: str
    prompt: Prompt
    ask: Ask
    label: str = ""


@dataclass(slots=True)
class Made:
    """
    A call, as it goes on and when it is over.

    Attributes:
        number: Its number in the run.
        phase: Warm-up or not.
        intended_ns: When it was to start; None where no schedule fixed that.
        sample: The call, measured; None if nothing was sent.
        fault: The exception of its last attempt.
        began_ns: When its first attempt began.
        ended_ns: When it was over, pauses and all.
        attempts: How often it has been sent.
        pieces: The text of its answer, where it is kept.
        seen: Its attempts as they were observed so far.
    """

    number: int
    phase: Phase
    intended_ns: int | None = None
    sample: Sample | None = None
    fault: BaseException | None = None
    began_ns: int = 0
    ended_ns: int = 0
    attempts: int = 0
    pieces: list[str] | None = None
    seen: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CallMaker:
    """
    Makes calls. Everything that all calls of a run share.

    Attributes:
        underway: Number and start of the calls that go on, by keys of the observer's.
    """

    observer: Observer
    clock: Clock
    timeouts: Timeouts
    retry: RetryPolicy
    pace: Pace
    price: Callable[[Sample], Cost | None]
    random: Random = field(default_factory=Random)
    underway: dict[int, tuple[int, int]] = field(default_factory=dict)

    async def make(self, made: Made, asked: Asked, outer: Scope | None) -> None:
        """
        Make the call; *made* tells how it ended, also when this is cancelled.

        Its sample, with its cost, is handed to the scope *outer* as well.

        Raises:
            CaptureError: The call was made, and nothing of it was seen.
            UsageError: A time limit ran out before anything was sent.
            CostCapReached: The call was not sent, for what it might have cost.
            Exception: The fault of an attempt that sent nothing, or that is not a provider's.
        """

        def show(sample: Sample) -> None:
            made.seen.append(sample)
            # A failed attempt that waits for its retry must not be lost if the process dies.
            if outer is not None:
                outer.show(sample)

        scope = Scope(label=asked.label, phase=made.phase, observer=self.observer, sink=show)
        scope.run = made.number
        scope.underway = self.underway
        countdown = Countdown(self.timeouts)
        made.began_ns = self.clock.now_ns()
        with in_scope(scope), under_deadline(countdown.expired):
            try:
                with countdown.call():
                    await self._attempts(made, asked, scope, countdown)
            finally:
                made.ended_ns = self.clock.now_ns()
                self.observer.settle(scope)
                sample = _sample_of(made, scope, is_cut=countdown.call_is_cut)
                made.seen.clear()
                if sample is not None:
                    made.sample = sample = self._priced(sample, asked.provider)
                    if outer is not None:
                        outer.add(sample, run=sample.run, phase=sample.phase)
        if made.sample is None and (countdown.call_is_cut or countdown.attempt_is_cut):
            raise UsageError(
                "timeout= leaves no time to send a call: its limit ran out before that"
            )
        if made.sample is None:
            raise made.fault or CaptureError(
                "the call was made, but not seen: its SDK did not send it through httpx, or to a "
                "path that no known protocol has; check base_url"
            )

    def _priced(self, sample: Sample, provider: str) -> Sample:
        sample = replace(sample, provider=provider)
        return replace(sample, cost=self.price(sample))

    async def _attempts(self, made: Made, asked: Asked, scope: Scope, countdown: Countdown) -> None:
        from anyio import sleep  # noqa: PLC0415 - see runner

        while True:
            if made.pieces is not None:
                made.pieces.clear()
            failure = await self._attempt(made, asked, scope, countdown)
            if failure is None or countdown.has_token:
                return
            wait_ns = self.retry.wait_ns(made.attempts, failure, self.random)
            if wait_ns is None:
                return
            await sleep(wait_ns / _NS_PER_S)
            await self.pace.again(made.number)

    async def _attempt(
        self, made: Made, asked: Asked, scope: Scope, countdown: Countdown
    ) -> Failure | None:
        """Return what the attempt failed of; None when it did not."""
        failure: Failure | None = None
        made.fault = None
        attempt, made.attempts = made.attempts, made.attempts + 1
        made.seen.clear()
        ended: Sample | Failure | None = None
        try:
            with countdown.attempt(is_streamed=asked.prompt.stream) as token:
                on_token = _on_token(token, made.pieces)
                await asked.ask(asked.prompt, attempt=attempt, on_token=on_token)
            if countdown.attempt_is_cut:
                failure = Failure(FailureKind.TIMEOUT)
        except Exception as fault:
            made.fault = fault
            seen = made.seen[-1] if made.seen else None
            has_failed = seen is not None and seen.outcome.failed
            if not scope.begun or not (has_failed or is_provider_failure(fault)):
                raise
            failure = read_failure(fault, self.clock.wall_ns(), seen)
        else:
            ended = scope.samples[-1] if scope.samples and failure is None else None
            if failure is None and made.seen:
                # Not every SDK raises when a stream tells of a failure.
                failure = failure_of(made.seen[-1])
        finally:
            self.pace.attempt_ended(made.number, failure or ended)
        return failure


def _on_token(token: Callable[[], None], pieces: list[str] | None) -> Callable[[str], None]:
    if pieces is None:
        return lambda text: token()  # noqa: ARG005 - an answer that nobody keeps

    def keep(text: str) -> None:
        token()
        pieces.append(text)

    return keep


def _sample_of(made: Made, scope: Scope, *, is_cut: bool) -> Sample | None:
    """Return the sample of the call, dated by its schedule and ended by its own limits."""
    samples = scope.take()
    if not samples:
        return None
    sample = samples[-1]
    if made.intended_ns is not None:
        delay_ns = sample.timeline.started_ns - made.intended_ns
        timeline = replace(sample.timeline, started_ns=made.intended_ns)
        sample = replace(sample, timeline=timeline, wall_ns=sample.wall_ns - delay_ns)
    if not is_cut:
        return sample
    # The last attempt may have failed long before; its caller waited until now.
    outcome = replace(sample.outcome, status=Status.TIMEOUT, error_type="TotalTimeout")
    return replace(
        sample, outcome=outcome, timeline=replace(sample.timeline, ended_ns=made.ended_ns)
    )
