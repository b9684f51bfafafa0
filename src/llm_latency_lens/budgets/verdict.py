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
    over calls whose price is unknown; it fails the test. ``not judged`` does not.
    """

    KEPT = "kept"
    BROKEN = "broken"
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
        one_call_decides: One call more or less over the limit would turn the ruling.
        excluded: Calls that were left out by name (``exclude=``).
        reason: Why, where the numbers alone do not say it; ends with the way out.
        provider: Only calls to this provider were judged; empty for all.
        model: Only calls to this model were judged; empty for all.
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
    one_call_decides: bool = False
    excluded: int = 0
    reason: str = ""
    provider: str = ""
    model: str = ""

    @property
    def failed(self) -> bool:
        """Whether the ruling fails the test."""
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
