"""Savings: runs that were asked for and not needed, and what they would have cost."""

from dataclasses import dataclass
from decimal import Decimal

from llm_latency_lens.budgets import Evidence

__all__ = ["NOTHING_SAVED", "Saving"]


@dataclass(frozen=True, slots=True)
class Saving:
    """
    Runs that were not made.

    Attributes:
        runs: Their number.
        usd: What they would have cost at the mean of those made; None where that is unknown.
    """

    runs: int = 0
    usd: Decimal | None = Decimal(0)

    @classmethod
    def of(cls, evidence: Evidence) -> "Saving":
        """Return what was saved in a test or profile."""
        runs = evidence.saved_runs
        return cls(runs, evidence.saved_usd) if runs else NOTHING_SAVED

    def merge(self, other: "Saving") -> "Saving":
        """Return both together; associative and commutative."""
        known = self.usd is not None and other.usd is not None
        return Saving(
            self.runs + other.runs,
            (self.usd or Decimal(0)) + (other.usd or Decimal(0)) if known else None,
        )


NOTHING_SAVED = Saving()
