"""
Budgets: limits on latency, tokens, cost and reliability, and how they are judged.

``read_plan`` turns the words of a mark into ``Budget`` values, ``read_expression`` does so with a
line of text such as ``p95 < 2s``, ``judge`` turns a budget and the
``Evidence`` of a test into a ``Verdict``.
"""

from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.certainty import PLAIN, Certainty
from llm_latency_lens.budgets.evidence import Evidence
from llm_latency_lens.budgets.expression import read_expression
from llm_latency_lens.budgets.judging import judge, judge_all
from llm_latency_lens.budgets.plan import Against, Plan, merge_plans, read_plan
from llm_latency_lens.budgets.pooled import judge_pooled
from llm_latency_lens.budgets.sampling import Sampling
from llm_latency_lens.budgets.sentence import amount, describe, describe_interval, is_burst
from llm_latency_lens.budgets.settling import why_no_pass
from llm_latency_lens.budgets.verdict import Ruling, Verdict
from llm_latency_lens.budgets.words import ALIASES, OPTIONS, WORDS, Word

__all__ = [
    "ALIASES",
    "OPTIONS",
    "PLAIN",
    "WORDS",
    "Against",
    "Budget",
    "Certainty",
    "Evidence",
    "Plan",
    "Ruling",
    "Sampling",
    "Verdict",
    "Word",
    "amount",
    "describe",
    "describe_interval",
    "is_burst",
    "judge",
    "judge_all",
    "judge_pooled",
    "merge_plans",
    "read_expression",
    "read_plan",
    "why_no_pass",
]
