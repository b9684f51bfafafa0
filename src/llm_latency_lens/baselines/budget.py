"""A baseline as budgets of one test, judged like any other."""

from collections.abc import Iterable
from fractions import Fraction

from llm_latency_lens.baselines.baseline import Baseline, Entry
from llm_latency_lens.baselines.gates import Gate
from llm_latency_lens.budgets import Budget, amount
from llm_latency_lens.errors import MissingBaseline

__all__ = ["baseline_budgets"]

_NS_PER_MS = 1_000_000


def baseline_budgets(baseline: Baseline, test: str, gates: Iterable[Gate]) -> tuple[Budget, ...]:
    """
    Return the budgets that the baseline sets for one test.

    For each of *gates* and each model that the test called, ``(1 + margin)`` times the percentile
    of the baseline by nearest rank.

    Raises:
        MissingBaseline: The baseline holds nothing of the test that a gate asks for.
    """
    budgets = tuple(
        budget
        for entry in baseline.of_test(test)
        for gate in gates
        for budget in _budgets(baseline, entry, gate)
    )
    if not budgets:
        raise MissingBaseline(
            f"baseline {baseline.name!r} holds no calls of {test}: save it again with "
            f"'pytest --lens-save {baseline.name}' over all tests that are compared with it, "
            "or pass --lens-missing-baseline=skip to go on without"
        )
    return budgets


def _budgets(baseline: Baseline, entry: Entry, gate: Gate) -> Iterable[Budget]:
    times = entry.times.get(gate.word.metric.value)
    base_ns = None if times is None else times.quantile(gate.q)
    if base_ns is None:
        return
    percent = f"{float(gate.margin * Fraction(100)):g}"
    was = amount(base_ns / _NS_PER_MS, "ms")
    yield Budget(
        word=gate.word,
        limit=gate.limit_ns(base_ns),
        written=f"{percent} % above baseline {baseline.name} ({was})",
        provider=entry.provider,
        model=entry.model,
    )
