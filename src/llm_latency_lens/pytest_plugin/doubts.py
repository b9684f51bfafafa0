"""Doubts: what is said of budgets that cannot be settled, or were not."""

from collections.abc import Iterable, Iterator

from llm_latency_lens.budgets import Plan, Ruling, Verdict, describe, why_no_pass
from llm_latency_lens.errors import LensWarning

__all__ = ["impossible_passes", "open_budgets"]


def impossible_passes(plan: Plan, iterations: int) -> Iterator[LensWarning]:
    """Yield a warning for each budget that so few runs cannot prove kept."""
    for budget in plan.budgets:
        if reason := why_no_pass(budget, plan.certainty, iterations):
            yield LensWarning(reason)


def open_budgets(verdicts: Iterable[Verdict]) -> Iterator[LensWarning]:
    """Yield a warning for each budget that its runs left open although they could settle it."""
    for verdict in verdicts:
        # Where no run could prove it that was told before the first.
        is_told = verdict.pass_over == 0 and verdict.pass_runs is not None
        if verdict.ruling is Ruling.NOT_SETTLED and not is_told:
            yield LensWarning(describe(verdict))
