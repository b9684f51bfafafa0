"""
Verdicts: what became of a budget, in plain numbers that travel and print.

A verdict is no exception; the plugin makes it one.
"""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Ruling", "Verdict"]


class Ruling(StrEnum):
    """
    How a budget was judged.

    ``error`` is a budget that could not be judged although it had to be, such as a cost limit
    over calls whose price is unknown; it fails the test. ``not judged`` does not, nor does ``not
    settled``, where the runs left a budget with a confidence open, unless it is asked to.
    """

    KEPT = "kept"
    BROKEN = "broken"
    NOT_SETTLED = "not settled"
    NOT_JUDGED = "not judged"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    The ruling on one budget and the evidence for it.

    Attributes:
        word: Budget word, such as ``ttft_p95``.
        ruling: How it was judged.
        written: The limit as its author wrote it.
        unit: ``ms``, ``usd``, ``share``, ``calls`` or ``tokens/s``; of the two numbers below.
        limit: The limit.
        observed: What was seen; None when it is infinite (failed calls) or does not exist.
        n: Calls (or runs) that were judged.
        k: Those over the limit; None where the budget is on a mean or a total.
        allowed: How many could have been over.
        share_low: Lower end of the 95 % interval of the true share over the limit.
        share_high: Upper end of it.
        percentile_low: Lower end of the 95 % interval of the true percentile, in *unit*; None
            where no value that was seen bounds it.
        percentile_high: Upper end of it.
        calls_to_bound: From how many calls on there is an upper end; None for what is no
            percentile, or was judged with a confidence.
        one_call_decides: One call more or less over the limit would turn the ruling.
        burst_chance: How likely the calls over the limit stand together so much by chance; None
            where their order was not looked at.
        confidence: How sure the ruling is; None for a plain one.
        tolerance: Times the allowed share that a pass is proven against.
        is_per_run: Whether *n* and *k* count runs of several calls, each by its worst.
        planned: Runs that were asked for; None for a plain ruling.
        unmade: How many of them were not made.
        fails_at: How many over the limit break it at the last run.
        pass_over: With so many over the limit ...
        pass_runs: ... a pass takes so many runs; None where that was not asked.
        pass_runs_next: With one more over the limit it takes so many.
        fails_unsettled: Whether the test fails if this is not settled.
        excluded: Calls that were left out by name (``exclude=``).
        reason: Why, where the numbers alone do not say it; ends with the way out.
        provider: Only calls to this provider were judged; empty for all.
        model: Only calls to this model were judged; empty for all.
        baseline: Name of the baseline that set the limit; empty where its author did.
    """

    word: str
    ruling: Ruling
    written: str
    unit: str
    limit: float
    observed: float | None = None
    n: int = 0
    k: int | None = None
    allowed: int | None = None
    share_low: float | None = None
    share_high: float | None = None
    percentile_low: float | None = None
    percentile_high: float | None = None
    calls_to_bound: int | None = None
    one_call_decides: bool = False
    burst_chance: float | None = None
    confidence: float | None = None
    tolerance: float = 1.0
    is_per_run: bool = False
    planned: int | None = None
    unmade: int = 0
    fails_at: int | None = None
    pass_over: int = 0
    pass_runs: int | None = None
    pass_runs_next: int | None = None
    fails_unsettled: bool = False
    excluded: int = 0
    reason: str = ""
    provider: str = ""
    model: str = ""
    baseline: str = ""

    @property
    def failed(self) -> bool:
        """Whether the ruling fails the test."""
        if self.ruling is Ruling.NOT_SETTLED:
            return self.fails_unsettled
        return self.ruling in (Ruling.BROKEN, Ruling.ERROR)

    @property
    def margin(self) -> float | None:
        """
        How far what was seen lies above the limit, as a share of the limit.

        Negative below it; None where nothing finite was seen or the limit is zero.
        """
        if self.observed is None or not self.limit:
            return None
        return self.observed / self.limit - 1
