"""A baseline as budgets of one test, judged like any other."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from llm_latency_lens.baselines.baseline import Baseline, Entry
from llm_latency_lens.baselines.gates import Gate
from llm_latency_lens.budgets import Budget, amount
from llm_latency_lens.errors import MissingBaseline

__all__ = ["baseline_budgets"]

_NS_PER_MS = 1_000_000
_CONFIDENCE = Fraction(95, 100)


def baseline_budgets(
    baseline: Baseline,
    test: str,
    gates: Iterable[Gate],
    pattern: Budget | None = None,
    confidence: Fraction | None = None,
) -> tuple[Budget, ...]:
    """
    Return the budgets that the baseline sets for one test.

    For each of *gates* and each model that the test called, ``(1 + margin)`` times the percentile
    of the baseline by nearest rank. Without a *confidence* of its own the test is counted to its
    end, and only a count beyond chance (5 %) breaks a budget; so it is, too, where a run makes
    several calls, since the baseline speaks of calls and a confidence of runs.

    Args:
        baseline: The earlier session.
        test: pytest's name of the test.
        gates: What is compared.
        pattern: A budget that says which calls to look at; None for all.
        confidence: How sure the test wants to be.

    Raises:
        MissingBaseline: The baseline holds nothing of the test that a gate asks for.
    """
    entries = [one for one in baseline.of_test(test) if _is_meant(one, pattern)]
    runs = sum(one.calls for one in baseline.of_test(test) if not one.provider)
    is_per_call = confidence is None or any(one.calls > runs for one in entries)
    chance = 1 - (confidence or _CONFIDENCE) if is_per_call else None
    budgets = tuple(
        replace(
            budget,
            exclude=pattern.exclude if pattern else (),
            allow_mocked=pattern.allow_mocked if pattern else False,
            inherited=pattern.inherited if pattern else False,
            chance_below=chance,
        )
        for entry in entries
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


def _is_meant(entry: Entry, pattern: Budget | None) -> bool:
    if pattern is None or not entry.provider:
        return True
    is_provider = pattern.provider.casefold() in ("", entry.provider.casefold())
    return is_provider and pattern.model in ("", entry.model)


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
        baseline=baseline.name,
    )
