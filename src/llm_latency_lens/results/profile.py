"""ProfileResult: what a set of calls and runs amounts to."""

from collections.abc import Iterable

from llm_latency_lens.budgets import Verdict
from llm_latency_lens.metrics import Aggregate, Distribution
from llm_latency_lens.pricing import why_unpriced
from llm_latency_lens.results.saving import NOTHING_SAVED, Saving
from llm_latency_lens.results.views import CostView, ReliabilityView, ThroughputView, TimesView
from llm_latency_lens.samples import Sample

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
    """

    def __init__(
        self,
        samples: Iterable[Sample] = (),
        run_ns: Iterable[int] = (),
        verdicts: Iterable[Verdict] = (),
        saved: Saving = NOTHING_SAVED,
    ) -> None:
        self.samples = tuple(samples)
        self.run_ns = tuple(run_ns)
        self.verdicts = tuple(verdicts)
        self.saved = saved
        self._known: tuple[tuple[Sample, ...], Aggregate] = ((), Aggregate())

    def __repr__(self) -> str:
        return f"<ProfileResult: {len(self.samples)} calls in {len(self.run_ns)} runs>"

    @property
    def aggregate(self) -> Aggregate:
        """The exact, mergeable form of the numbers."""
        if self._known[0] is not self.samples:
            self._known = (self.samples, Aggregate.of(self.samples))
        return self._known[1]

    @property
    def calls(self) -> int:
        """Number of provider calls."""
        return len(self.samples)

    @property
    def latency(self) -> TimesView:
        """What each call let its caller wait, retries and all."""
        return TimesView("latency", self.aggregate.latency, "no provider call was seen")

    @property
    def ttft(self) -> TimesView:
        """Time to first token."""
        return TimesView("ttft", self.aggregate.ttft, _NOT_STREAMED)

    @property
    def ttfo(self) -> TimesView:
        """Time to first output token, reasoning left out."""
        return TimesView("ttfo", self.aggregate.ttfo, _NOT_STREAMED)

    @property
    def wire_ttft(self) -> TimesView:
        """From the last byte of the request to the first token."""
        return TimesView("wire_ttft", self.aggregate.wire_ttft, _NOT_STREAMED)

    @property
    def itl(self) -> TimesView:
        """Gaps between tokens, where each event carried one token."""
        why = "no stream carried one token an event and told its usage"
        return TimesView("itl", self.aggregate.itl, why)

    @property
    def tpot(self) -> TimesView:
        """Time per output token of each call, after the first token."""
        return TimesView("tpot", self.aggregate.tpot, "no stream of two tokens told its usage")

    @property
    def run(self) -> TimesView:
        """Wall time of each run of the callable, provider calls and all."""
        return TimesView("run", Distribution.of(self.run_ns), "nothing was run")

    @property
    def throughput(self) -> ThroughputView:
        """Tokens per second."""
        return ThroughputView(self.tpot)

    @property
    def cost(self) -> CostView:
        """Cost in USD."""
        unpriced = next((one for one in self.samples if one.cost is None), None)
        return CostView(self.aggregate, why_unpriced(unpriced) if unpriced else "")

    @property
    def reliability(self) -> ReliabilityView:
        """Success, error and timeout rates."""
        return ReliabilityView(self.aggregate)
