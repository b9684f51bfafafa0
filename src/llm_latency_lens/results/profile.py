"""ProfileResult: what a set of calls and runs amounts to."""

from collections.abc import Iterable, Mapping
from typing import Any

from llm_latency_lens.budgets import Verdict
from llm_latency_lens.metrics import Aggregate, Distribution, Tally, TokenSum
from llm_latency_lens.metrics.outliers import outliers
from llm_latency_lens.pricing import why_unpriced
from llm_latency_lens.results.cost import CostView
from llm_latency_lens.results.metadata import Ending, Response, RunMetadata
from llm_latency_lens.results.saving import NOTHING_SAVED, Saving
from llm_latency_lens.results.throughput import ThroughputView
from llm_latency_lens.results.views import ReliabilityView, TimesView
from llm_latency_lens.samples import Sample, Status

__all__ = ["ProfileResult"]

_NOT_STREAMED = "no call was streamed"


class ProfileResult:
    """
    The calls that were profiled or observed, and their numbers.

    Times are milliseconds, money is USD. The numbers speak of the calls in ``samples``; runs
    are executions of the callable.

    Attributes:
        samples: The calls, warm-up left out.
        run_ns: Wall time of each run in nanoseconds, warm-up left out.
        verdicts: Verdicts on the budgets that were given.
        saved: Runs that were asked for and not needed.
        metadata: Which run of a profiler the numbers come from; None for observed calls.
        config: The configuration of that run as plain values; empty without one.
        raw: What the calls brought; empty unless asked for.
    """

    def __init__(
        self,
        samples: Iterable[Sample] = (),
        run_ns: Iterable[int] = (),
        verdicts: Iterable[Verdict] = (),
        saved: Saving = NOTHING_SAVED,
        *,
        metadata: RunMetadata | None = None,
        config: Mapping[str, Any] | None = None,
        raw: Iterable[Response] = (),
    ) -> None:
        self.samples = tuple(samples)
        self.run_ns = tuple(run_ns)
        self.verdicts = tuple(verdicts)
        self.saved = saved
        self.metadata = metadata
        self.config = dict(config or {})
        self.raw = tuple(raw)
        self._known = Tally(())

    def __repr__(self) -> str:
        partial = f", {self.metadata.ending}" if self.metadata and self.is_partial else ""
        return f"<ProfileResult: {len(self.samples)} calls in {len(self.run_ns)} runs{partial}>"

    @property
    def is_partial(self) -> bool:
        """Whether the run was broken off before all the calls were made that it wanted."""
        ending = Ending.COMPLETE if self.metadata is None else self.metadata.ending
        return ending in (Ending.STOPPED, Ending.INTERRUPTED)

    @property
    def aggregate(self) -> Aggregate:
        """The exact, mergeable form of the numbers."""
        return Aggregate.of_tally(self._tally)

    @property
    def _tally(self) -> Tally:
        if self._known.calls is not self.samples:
            self._known = Tally(self.samples)
        return self._known

    @property
    def _counts(self) -> Aggregate:
        """The aggregate without its times, which take longer."""
        return Aggregate(**self._tally.counts)

    @property
    def calls(self) -> int:
        """Number of provider calls."""
        return len(self.samples)

    @property
    def latency(self) -> TimesView:
        """What each call let its caller wait, retries and all."""
        return TimesView("latency", self._tally.times("latency"), "no provider call was seen")

    @property
    def ttft(self) -> TimesView:
        """Time to first token."""
        return TimesView("ttft", self._tally.times("ttft"), _NOT_STREAMED)

    @property
    def ttfo(self) -> TimesView:
        """Time to first output token, reasoning left out."""
        return TimesView("ttfo", self._tally.times("ttfo"), _NOT_STREAMED)

    @property
    def wire_ttft(self) -> TimesView:
        """From the last byte of the request to the first token."""
        return TimesView("wire_ttft", self._tally.times("wire_ttft"), _NOT_STREAMED)

    @property
    def itl(self) -> TimesView:
        """Gaps between tokens, where each event carried one token."""
        why = "no stream carried one token an event and told its usage"
        return TimesView("itl", self._tally.times("itl"), why)

    @property
    def tpot(self) -> TimesView:
        """Time per output token of each call, after the first token."""
        return TimesView(
            "tpot", self._tally.times("tpot"), "no stream of two tokens told its usage"
        )

    @property
    def run(self) -> TimesView:
        """Wall time of each run of the callable, provider calls and all."""
        return TimesView("run", Distribution.of(self.run_ns), "nothing was run")

    @property
    def connect(self) -> TimesView:
        """Time to open a connection, TLS included, of the calls that had to."""
        lines = [one.timeline for one in self.samples]
        spans = Distribution.of(
            line.connected_ns - line.connect_started_ns
            for line in lines
            if line.connected_ns is not None and line.connect_started_ns is not None
        )
        return TimesView("connect", spans, "no call opened a connection")

    @property
    def server_time(self) -> TimesView:
        """What the server says that it took until its headers; a part of the TTFT."""
        told = Distribution.of(
            time.nanoseconds
            for one in self.samples
            for time in one.server_times
            if time.covers == "until headers"
        )
        return TimesView("server_time", told, "no server told its time")

    @property
    def send_delay(self) -> TimesView:
        """How long after its intended start each call was sent; zero without a schedule."""
        delays = Distribution.of(one.send_delay_ns for one in self.samples)
        return TimesView("send_delay", delays, "no provider call was seen")

    @property
    def retry_time(self) -> TimesView:
        """What retries cost each call that had some; it is part of the call's latency."""
        spent = Distribution.of(one.retry_ns for one in self.samples if len(one.attempts) > 1)
        return TimesView("retry_time", spent, "no call was retried")

    @property
    def outliers(self) -> tuple[int, ...]:
        """
        Indexes into ``samples`` of the calls whose latency is an outlier.

        That is more than 1.5 interquartile ranges outside the quartiles of the calls that ended
        well. Nothing is left out of the numbers for being one.
        """
        timed = [
            (index, one.latency_ns)
            for index, one in enumerate(self.samples)
            if one.outcome.status is Status.OK
        ]
        return tuple(timed[at][0] for at in outliers([time_ns for _, time_ns in timed]))

    @property
    def throughput(self) -> ThroughputView:
        """Tokens and requests per second."""
        return ThroughputView(self.tpot, self._tally)

    @property
    def cost(self) -> CostView:
        """Cost in USD."""
        counts, why = self._counts, ""
        if counts.cost.unpriced:
            why = why_unpriced(next(one for one in self.samples if one.cost is None))
        return CostView(
            counts,
            why,
            self.config.get("monthly_requests"),
        )

    @property
    def tokens(self) -> TokenSum:
        """Tokens of all calls, as their providers counted them."""
        return self._counts.tokens

    @property
    def reliability(self) -> ReliabilityView:
        """Success, error and timeout rates."""
        return ReliabilityView(self._counts)

    @property
    def by_model(self) -> dict[tuple[str, str], "ProfileResult"]:
        """The results of each provider and requested model; runs are not told apart."""
        members: dict[tuple[str, str], list[Sample]] = {}
        for one in self.samples:
            members.setdefault((one.provider, one.requested_model), []).append(one)
        return {
            model: ProfileResult(calls, metadata=self.metadata, config=self.config)
            for model, calls in members.items()
        }
