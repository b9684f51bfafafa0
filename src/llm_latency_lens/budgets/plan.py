"""Plans: the words of a mark or call as values, read before any money is spent."""

import difflib
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.certainty import (
    Certainty,
    read_confidence,
    read_on_inconclusive,
    read_tolerance,
)
from llm_latency_lens.budgets.counting import counted_quantile
from llm_latency_lens.budgets.options import read_common, read_whole
from llm_latency_lens.budgets.units import Unit, read_limit
from llm_latency_lens.budgets.words import ALIASES, OPTIONS, WORDS, Word
from llm_latency_lens.errors import BudgetError

__all__ = ["Against", "Plan", "merge_plans", "read_plan"]

_ANY = WORDS["p95"]
_OPTIONS = ("iterations", "warmup", "confidence", "tolerance", "on_inconclusive", "against")


@dataclass(frozen=True, slots=True)
class Against:
    """
    A baseline that a mark names.

    Attributes:
        baseline: Its name.
        margin: How much slower is allowed, as the mark has it; None for the usual.
        pattern: A budget that says which calls the mark looks at, and where it stands.
    """

    baseline: str
    margin: object
    pattern: Budget


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What one mark, or all marks of a test together, ask for.

    Everything but the budgets is None where a mark does not name it.
    """

    budgets: tuple[Budget, ...] = ()
    iterations: int | None = None
    warmup: int | None = None
    confidence: Fraction | None = None
    tolerance: Fraction | None = None
    on_inconclusive: str | None = None
    against: Against | None = None

    @property
    def certainty(self) -> Certainty:
        """How sure its verdicts must be."""
        return Certainty(
            self.confidence, self.tolerance or Fraction(1), self.on_inconclusive == "fail"
        )


def read_plan(words: Mapping[str, Any], *, inherited: bool = False) -> Plan:
    """
    Return the plan that the keywords of one mark or call describe.

    Raises:
        BudgetError: An unknown word, a missing or wrong unit, a negative or NaN value, the same
            budget twice (``ttft`` is ``ttft_p95``), or limits that contradict each other.
    """
    common = read_common(words)
    budgets: dict[str, Budget] = {}
    for name, value in words.items():
        if name in OPTIONS:
            continue
        word = _find(name)
        if word.name in budgets:
            pair = " and ".join(repr(one) for one in words if ALIASES.get(one, one) == word.name)
            raise BudgetError(f"{pair} are the same budget: keep one of them")
        limit = read_limit(name, word.unit, value)
        budgets[word.name] = Budget(word, limit, str(value), inherited=inherited, **common)
    _refuse_impossible_pairs(budgets.values())
    return Plan(
        budgets=tuple(budgets.values()),
        iterations=read_whole("iterations", words, least=1),
        warmup=read_whole("warmup", words, least=0),
        confidence=read_confidence(words),
        tolerance=read_tolerance(words),
        on_inconclusive=read_on_inconclusive(words),
        against=_read_against(words, Budget(_ANY, 0, "", inherited=inherited, **common)),
    )


def merge_plans(plans: Iterable[tuple[object, Plan]]) -> Plan:
    """
    Return one plan of all marks of a test; the closest mark wins.

    Args:
        plans: (node, plan), closest first. Two plans of one node may not name the same budget.

    Raises:
        BudgetError: One node names the same budget or option twice, limits contradict each
            other, or what stands beside a confidence stands there without one.
    """
    owner: dict[object, object] = {}
    budgets: dict[object, Budget] = {}
    options: dict[str, Any] = {}
    last: object = None
    on_node: list[Budget] = []

    def claim(key: object, node: object, name: str) -> bool:
        if key in owner and owner[key] is node:
            raise BudgetError(f"{name!r} is given twice on {_describe(node)}: keep one of them")
        return owner.setdefault(key, node) is node

    for node, plan in plans:
        on_node = [*on_node, *plan.budgets] if node is last else [*plan.budgets]
        last = node
        for budget in plan.budgets:
            if claim(budget.key, node, budget.word.name):
                budgets[budget.key] = budget
        for name in _OPTIONS:
            value = getattr(plan, name)
            written = "baseline" if name == "against" else name
            if value is not None and claim(name, node, written):
                options[name] = value
        _refuse_impossible_pairs(on_node)
    merged = Plan(budgets=tuple(budgets.values()), **options)
    _refuse_idle_options(merged)
    return merged


def _read_against(words: Mapping[str, Any], pattern: Budget) -> Against | None:
    name, margin = words.get("baseline"), words.get("margin")
    if name is None:
        if margin is not None:
            raise BudgetError('margin= has no meaning without baseline=, as in baseline="main"')
        return None
    if not isinstance(name, str) or not name.strip():
        raise BudgetError(f'baseline={name!r}: the name of a saved session is expected, "main"')
    return Against(name.strip(), margin, pattern)


def _find(name: str) -> Word:
    word = WORDS.get(ALIASES.get(name, name))
    if word is not None:
        return word
    known = [*WORDS, *ALIASES, *OPTIONS]
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
    raise BudgetError(f"unknown budget word {name!r}: {hint}")


def _refuse_impossible_pairs(budgets: Iterable[Budget]) -> None:
    """A lower quantile is never above a higher one, nor a mean above the maximum."""
    for low, high in itertools.permutations(budgets, 2):
        is_same_calls = low.key[1:] == high.key[1:] and low.exclude == high.exclude
        if is_same_calls and _is_never_above(low.word, high.word) and low.limit > high.limit:
            raise BudgetError(
                f'{low.word.name}="{low.written}" can never break before '
                f'{high.word.name}="{high.written}": lower the first or raise the second'
            )


def _refuse_idle_options(plan: Plan) -> None:
    """What stands beside a confidence needs one, and a tolerance must leave something over."""
    if plan.confidence is None:
        for name in ("tolerance", "on_inconclusive"):
            if getattr(plan, name) is not None:
                raise BudgetError(f"{name}= has no meaning without confidence=, as in 0.95")
    for budget in plan.budgets:
        q = counted_quantile(budget)
        if q is not None and plan.certainty.tolerance * (1 - q) >= 1:
            raise BudgetError(
                f"tolerance={float(plan.certainty.tolerance):g} with {budget.word.name}: so many "
                f"times the {float(1 - q) * 100:g} % of calls that may be over are all of them"
            )


def _is_never_above(low: Word, high: Word) -> bool:
    if low.metric is not high.metric or (low.unit, high.unit) != (Unit.TIME, Unit.TIME):
        return False
    if low.quantile is None or high.quantile is None:
        return low.quantile is None and high.quantile == 1
    return low.quantile < high.quantile


def _describe(node: object) -> str:
    return f"{type(node).__name__.lower()} {getattr(node, 'name', node)!r}"
