"""Bare verdicts: a ruling on a budget, before its evidence is filled in."""

from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.units import Limit, Unit
from llm_latency_lens.budgets.verdict import Ruling, Verdict

__all__ = ["bare_verdict", "outside", "ruling_on"]

_NS_PER_MS = 1_000_000


def bare_verdict(budget: Budget, ruling: Ruling, **evidence: object) -> Verdict:
    """Return the verdict on *budget* with the *evidence* given by field."""
    return Verdict(
        word=budget.word.name,
        ruling=ruling,
        written=budget.written,
        unit=budget.word.unit.value,
        limit=outside(budget.word.unit, budget.limit),
        provider=budget.provider,
        model=budget.model,
        baseline=budget.baseline,
        **evidence,  # type: ignore[arg-type]
    )


def ruling_on(holds: bool) -> Ruling:
    """Return the plain ruling on a budget that holds or does not."""
    return Ruling.KEPT if holds else Ruling.BROKEN


def outside(unit: Unit, value: Limit) -> float:
    """Return a limit in the unit that leaves the library."""
    return float(value) / _NS_PER_MS if unit is Unit.TIME else float(value)
