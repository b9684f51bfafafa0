"""Marks: the ``latency`` marks of a test, merged into one plan."""

import pytest

from llm_latency_lens.budgets import Plan, merge_plans, read_plan
from llm_latency_lens.errors import BudgetError

__all__ = ["read_marks"]


def read_marks(item: pytest.Item) -> Plan:
    """
    Return what the marks on the test, its class and its module ask for; the closest wins.

    Raises:
        BudgetError: A mark cannot be read; the message names the word and the fix.
    """
    plans = []
    for node, mark in item.iter_markers_with_node("latency"):
        if mark.args:
            raise BudgetError(
                f"latency() takes keywords only, got {mark.args[0]!r}: "
                'write latency(p95="2s", ttft="800ms")'
            )
        plans.append((node, read_plan(mark.kwargs, inherited=node is not item)))
    return merge_plans(plans)
