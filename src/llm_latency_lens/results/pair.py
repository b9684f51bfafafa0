"""PairResult: two callables that were run in turns, and what is between them."""

import math
import statistics
from dataclasses import replace

from llm_latency_lens.baselines import SHOWN, Comparison, Gate, baseline_of, compare
from llm_latency_lens.budgets import ALIASES, WORDS
from llm_latency_lens.errors import EmptyAggregate, UsageError
from llm_latency_lens.results.profile import ProfileResult
from llm_latency_lens.results.reading import Reading
from llm_latency_lens.samples import Sample
from llm_latency_lens.verdicts import interval_ranks

__all__ = ["PairResult"]


class PairResult:
    """
    Two callables, run in turns: *b* as seen from *a*.

    Attributes:
        a: The numbers of the first, such as ``a.latency.p95``.
        b: The numbers of the second.
        names: How the two are called in messages.
        comparison: Percentiles of *b* held against those of *a*, as against a baseline.
    """

    def __init__(
        self, a: ProfileResult, b: ProfileResult, names: tuple[str, str], gates: tuple[Gate, ...]
    ) -> None:
        self.a, self.b, self.names = a, b, names
        before, now = (
            baseline_of(name, map(_unnamed, side.samples), {"": side.run_ns})
            for name, side in zip(names, (a, b), strict=True)
        )
        self.comparison: Comparison = compare(before, now, gates, SHOWN)

    def __repr__(self) -> str:
        return f"<PairResult: {self.names[1]} beside {self.names[0]}, {len(self.b.run_ns)} runs>"

    def ratio(self, word: str) -> Reading:
        """
        Return a percentile of *b* divided by that of *a*: ``ratio("ttft_p95")``, 1.1 is 10 % more.

        Infinite where it falls on a failed call of *b* alone, NaN where on one of *a*.

        Raises:
            UsageError: *word* names no percentile of a time.
            EmptyAggregate: One of the two has no such value.
        """
        known = WORDS.get(ALIASES.get(word, word))
        if known is None or known.quantile is None or known.unit.value != "ms":
            raise UsageError(f"{word!r} names no percentile: write one such as 'p95' or 'ttft_p50'")
        before, now = (
            float(getattr(side, known.metric.value).quantile(float(known.quantile)))
            for side in (self.a, self.b)
        )
        value = now / before if before and math.isfinite(before) else math.nan
        return Reading(value, f"ratio({known.name})", "", self._evidence)

    @property
    def run_ratio(self) -> Reading:
        """
        Median over the pairs of the wall time of *b* divided by that of *a* beside it.

        The pairs were made right after each other, so no drift is in it.
        """
        return Reading(statistics.median(self._ratios()), "run_ratio", "", self._evidence)

    @property
    def run_ratio_interval(self) -> tuple[float | None, float | None]:
        """
        The 95 % interval of the true median ratio, by order statistics; None for a missing end.

        An interval that lies above 1 says that *b* is slower. Below 6 pairs there is none.
        """
        ratios = sorted(self._ratios())
        low, high = interval_ranks("0.5", len(ratios))
        return (
            None if low is None else ratios[low - 1],
            None if high is None else ratios[high - 1],
        )

    @property
    def _evidence(self) -> str:
        return f"{self.names[1]} by {self.names[0]}, {len(self.b.run_ns)} runs in turns"

    def _ratios(self) -> list[float]:
        pairs = list(zip(self.a.run_ns, self.b.run_ns, strict=True))
        if not pairs:
            raise EmptyAggregate("run_ratio has no value: nothing was run")
        return [after / max(before, 1) for before, after in pairs]


def _unnamed(sample: Sample) -> Sample:
    """The two sides may ask different models: what is compared is side with side."""
    return replace(sample, node_id="", provider="calls", requested_model="")
