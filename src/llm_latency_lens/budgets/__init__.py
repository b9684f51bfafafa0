"""
Budgets: limits on latency, tokens, cost and reliability, and how they are judged.

``read_plan`` turns the words of a mark into ``Budget`` values, ``read_expression`` does so with a
line of text such as ``p95 < 2s``, ``judge`` turns a budget and the
``Evidence`` of a test into a ``Verdict``.
"""

from llm_latency_lens.budgets.budget import Budget, Plan, merge_plans, read_plan
from llm_latency_lens.budgets.evidence import Evidence
from llm_latency_lens.budgets.expression import read_expression
from llm_latency_lens.budgets.judging import judge, judge_all
from llm_latency_lens.budgets.sentence import amount, describe
from llm_latency_lens.budgets.verdict import Ruling, Verdict
from llm_latency_lens.budgets.words import ALIASES, OPTIONS, WORDS, Word

__all__ = [
    "ALIASES",
    "OPTIONS",
    "WORDS",
    "Budget",
    "Evidence",
    "Plan",
    "Ruling",
    "Verdict",
    "Word",
    "amount",
    "describe",
    "judge",
    "judge_all",
    "merge_plans",
    "read_expression",
    "read_plan",
]
