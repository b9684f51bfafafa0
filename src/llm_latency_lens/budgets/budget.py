"""Budgets: reading the words of a mark or call into values, before any money is spent."""

import difflib
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.budgets.units import Limit, Unit, read_limit
from llm_latency_lens.budgets.words import ALIASES, OPTIONS, WORDS, Word
from llm_latency_lens.errors import BudgetError
from llm_latency_lens.samples import Sample, Taint

__all__ = ["Budget", "Plan", "merge_plans", "read_plan"]


# Answers name a dated snapshot of the model that was asked for: gpt-4o-2024-07-18, gpt-4-0613,
# claude-sonnet-4-20250514, command-a-03-2025. claude-sonnet-4-5 is another model.
_SNAPSHOT = re.compile(r"[-@](\d{3,8}|\d{4}-\d\d-\d\d|\d\d-\d{4})")


@dataclass(frozen=True, slots=True)
class Budget:
    """
    One limit on one statistic.

    Attributes:
        word: What is limited.
        limit: The limit in exact units: see :func:`read_limit`.
        written: The limit as its author wrote it.
        provider: Judge only calls to this provider; empty for all.
        model: Judge only calls to this model; empty for all.
        exclude: Taints of calls to leave out; they are counted.
        allow_mocked: Calls that a double answered may keep it.
        inherited: Whether it stands on a class or module rather than on the test itself.
    """

    word: Word
    limit: Limit
    written: str
    provider: str = ""
    model: str = ""
    exclude: tuple[Taint, ...] = ()
    allow_mocked: bool = False
    inherited: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What a closer mark replaces: the word and the calls that it looks at."""
        return self.word.name, self.provider.casefold(), self.model

    def excludes(self, sample: Sample) -> bool:
        """Whether the call has a taint that this budget leaves out."""
        return any(taint in self.exclude for taint in sample.taints)

    def covers(self, sample: Sample) -> bool:
        """Whether the call is one that this budget looks at."""
        if self.provider and self.provider.casefold() != sample.provider.casefold():
            return False
        return not self.model or _is_model(self.model, sample)


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What one mark, or all marks of a test together, ask for.

    ``iterations`` and ``warmup`` are None where a mark does not name them.
    """

    budgets: tuple[Budget, ...] = ()
    iterations: int | None = None
    warmup: int | None = None


def read_plan(words: Mapping[str, Any], *, inherited: bool = False) -> Plan:
    """
    Return the plan that the keywords of one mark or call describe.

    Raises:
        BudgetError: An unknown word, a missing or wrong unit, a negative or NaN value, the same
            budget twice (``ttft`` is ``ttft_p95``), or limits that contradict each other.
    """
    common = _read_common(words)
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
        iterations=_read_whole("iterations", words, least=1),
        warmup=_read_whole("warmup", words, least=0),
    )


def merge_plans(plans: Iterable[tuple[object, Plan]]) -> Plan:
    """
    Return one plan of all marks of a test; the closest mark wins.

    Args:
        plans: (node, plan), closest first. Two plans of one node may not name the same budget.

    Raises:
        BudgetError: One node names the same budget or option twice, or limits that contradict
            each other.
    """
    owner: dict[object, object] = {}
    budgets: dict[object, Budget] = {}
    options: dict[str, int] = {}
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
        for name in ("iterations", "warmup"):
            value = getattr(plan, name)
            if value is not None and claim(name, node, name):
                options[name] = value
        _refuse_impossible_pairs(on_node)
    return Plan(budgets=tuple(budgets.values()), **options)


def _find(name: str) -> Word:
    word = WORDS.get(ALIASES.get(name, name))
    if word is not None:
        return word
    known = [*WORDS, *ALIASES, *OPTIONS]
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
    raise BudgetError(f"unknown budget word {name!r}: {hint}")


def _read_common(words: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the options say of every budget on the same mark."""
    common: dict[str, Any] = {
        name: _read_filter(name, words[name]) for name in ("provider", "model") if name in words
    }
    if "exclude" in words:
        common["exclude"] = _read_taints(words["exclude"])
    if "allow_mocked" in words:
        if not isinstance(words["allow_mocked"], bool):
            raise BudgetError(f"allow_mocked={words['allow_mocked']!r}: True or False is expected")
        common["allow_mocked"] = words["allow_mocked"]
    return common


def _read_taints(value: object) -> tuple[Taint, ...]:
    names = (value,) if isinstance(value, str) else value
    known = {taint.value: taint for taint in Taint if taint is not Taint.LATE}
    if isinstance(names, Iterable):
        listed = list(names)
        if listed and all(isinstance(name, str) and name in known for name in listed):
            return tuple(known[name] for name in listed)
    raise BudgetError(f"exclude={value!r}: names of taints are expected: {', '.join(known)}")


def _read_filter(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BudgetError(
            f"{name}={value!r}: a {name} is named by text, such as {_EXAMPLE[name]!r}"
        )
    return value.strip()


_EXAMPLE = {"provider": "openai", "model": "gpt-4o-mini"}


def _read_whole(name: str, words: Mapping[str, Any], *, least: int) -> int | None:
    if name not in words:
        return None
    value = words[name]
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BudgetError(f"{name}={value!r}: a whole number, {least} or more, is expected")
    return value


def _refuse_impossible_pairs(budgets: Iterable[Budget]) -> None:
    """A lower quantile is never above a higher one, nor a mean above the maximum."""
    for low, high in itertools.permutations(budgets, 2):
        is_same_calls = low.key[1:] == high.key[1:] and low.exclude == high.exclude
        if is_same_calls and _is_never_above(low.word, high.word) and low.limit > high.limit:
            raise BudgetError(
                f'{low.word.name}="{low.written}" can never break before '
                f'{high.word.name}="{high.written}": lower the first or raise the second'
            )


def _is_never_above(low: Word, high: Word) -> bool:
    if low.metric is not high.metric or (low.unit, high.unit) != (Unit.TIME, Unit.TIME):
        return False
    if low.quantile is None or high.quantile is None:
        return low.quantile is None and high.quantile == 1
    return low.quantile < high.quantile


def _is_model(wanted: str, sample: Sample) -> bool:
    if wanted in (sample.requested_model, sample.model):
        return True
    return sample.model.startswith(wanted) and bool(
        _SNAPSHOT.fullmatch(sample.model, pos=len(wanted))
    )


def _describe(node: object) -> str:
    return f"{type(node).__name__.lower()} {getattr(node, 'name', node)!r}"
