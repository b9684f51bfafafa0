"""Doubts: warnings about budgets that cannot be settled, or were not."""

import warnings
from collections.abc import Iterable

from llm_latency_lens.budgets import (
    Budget,
    Certainty,
    Ruling,
    Verdict,
    describe,
    why_no_pass,
)
from llm_latency_lens.errors import LensWarning

__all__ = ["warn_of_impossible_passes", "warn_of_open_budgets"]


def warn_of_impossible_passes(
    budgets: Iterable[Budget], certainty: Certainty, iterations: int
) -> None:
    """Warn of each budget that so few runs cannot prove kept."""
    for budget in budgets:
        if reason := why_no_pass(budget, certainty, iterations):
            warnings.warn(reason, LensWarning, stacklevel=2)


def warn_of_open_budgets(verdicts: Iterable[Verdict]) -> None:
    """Warn of each budget that its runs left open, although its test passed."""
    for verdict in verdicts:
        # That it could never pass was told before.
        is_told = verdict.pass_over == 0 and verdict.pass_runs is not None
        if verdict.ruling is Ruling.NOT_SETTLED and not is_told:
            warnings.warn(describe(verdict), LensWarning, stacklevel=2)
