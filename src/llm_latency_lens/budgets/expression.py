"""
Budgets as one line of text: ``p95 < 2s``, ``openai/gpt-4o-mini: ttft_p95 <= 800ms``.

For command lines and ini files, where a mark's keywords have no place.
"""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.plan import read_plan
from llm_latency_lens.budgets.units import Limit, Unit
from llm_latency_lens.budgets.words import ALIASES, OPTIONS, WORDS, Metric
from llm_latency_lens.errors import BudgetError

__all__ = ["read_expression"]

_SHAPE = re.compile(r"(?P<word>\w+)\s*(?P<sign>[<>=!]+)\s*(?P<limit>\S.*)", re.ASCII)
_BARE = re.compile(r"\d{1,99}(?:\.\d{1,99})?|\.\d{1,99}", re.ASCII)
_FORM = '"p95 < 2s" or "openai/gpt-4o-mini: ttft_p95 < 800ms"'
# The least by which two values of a unit can differ, or less: "below 2 s" is "at most 2 s less
# 1 ns". A share differs by 1/n at least, and nobody makes so many calls.
_STEP: dict[Unit, Limit] = {
    Unit.TIME: 1,
    Unit.MONEY: Decimal("1e-18"),
    Unit.SHARE: Fraction(1, 10**12),
    Unit.COUNT: 1,
    Unit.RATE: -Fraction(1, 10**9),
}


def read_expression(text: str) -> Budget:
    """
    Return the budget that *text* spells: ``[calls:] word sign limit``.

    The calls are ``provider/model``, ``provider/`` (or ``provider/*``) or a model alone; a model
    whose own name holds a slash follows a provider, or a slash: ``/meta-llama/Llama-3``. The
    word is one of a mark. The sign is ``<`` or ``<=``, and ``>`` or ``>=`` for
    ``min_tokens_per_second``. ``<`` is strict: ``calls < 3`` allows two.

    Raises:
        BudgetError: The text has another form, or its word, sign or limit cannot be read; the
            message names the way to write it.
    """
    calls, colon, rest = text.strip().rpartition(":")
    found = _SHAPE.fullmatch(rest.strip())
    if found is None:
        raise _refused(text, f"a budget is a word, a sign and a limit, such as {_FORM}")
    name, sign, limit = found["word"], found["sign"], found["limit"].strip()
    budget = _read(text, name, sign, limit)
    budget = _beyond(text, budget) if sign in ("<", ">") else budget
    if not colon:
        return budget
    if budget.word.metric is Metric.RUN:
        raise _refused(text, f"{name} is about runs, which have no model: leave {calls!r} out")
    provider, model = _read_calls(text, calls.strip())
    return replace(budget, provider=provider, model=model)


def _read(text: str, name: str, sign: str, limit: str) -> Budget:
    word = None if name in OPTIONS else WORDS.get(ALIASES.get(name, name))
    if name in OPTIONS:
        raise _refused(text, f"{name} is an option of a mark, not a limit")
    wanted = ">" if word is not None and word.unit is Unit.RATE else "<"
    if sign not in (wanted, f"{wanted}="):
        raise _refused(text, f"{sign!r} has no meaning here: write {name} {wanted} {limit}")
    value: object = limit
    if word is not None and _BARE.fullmatch(limit):
        if word.unit in (Unit.TIME, Unit.MONEY):
            ways = _ways(word.unit, limit)
            written = " or ".join(f"{name} {sign} {way}" for way in ways)
            raise _refused(text, f"{limit} has no unit: write {written}")
        value = int(limit) if word.unit is Unit.COUNT and limit.isdigit() else float(limit)
    try:
        budget = read_plan({name: value}).budgets[0]
    except BudgetError as fault:
        raise _refused(text, str(fault)) from fault
    return replace(budget, written=limit)


def _ways(unit: Unit, number: str) -> tuple[str, ...]:
    return (f"${number}",) if unit is Unit.MONEY else (f"{number}ms", f"{number}s")


def _beyond(text: str, budget: Budget) -> Budget:
    """Return the budget with its limit out of reach."""
    limit = budget.limit - _STEP[budget.word.unit]  # type: ignore[operator]
    least = 1 if budget.word.unit is Unit.COUNT else 0
    if limit < least:
        name, written = budget.word.name, budget.written
        raise _refused(text, f"nothing lies below {written}: write {name} <= {written}")
    return replace(budget, limit=limit)


def _read_calls(text: str, calls: str) -> tuple[str, str]:
    """Return provider and model, each empty for all."""
    provider, slash, model = (one.strip() for one in calls.partition("/"))
    if not slash:
        provider, model = "", provider
    if model == "*":
        model = ""
    if not (provider or model):
        raise _refused(text, f"no provider and no model stands before the colon; write {_FORM}")
    return provider, model


def _refused(text: str, why: str) -> BudgetError:
    return BudgetError(f"budget {text!r}: {why}")
