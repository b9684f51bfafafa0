"""Pooled judging: budgets on all calls of a session, whichever test made them."""

from collections.abc import Iterable

from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.evidence import Evidence
from llm_latency_lens.budgets.judging import judge
from llm_latency_lens.budgets.verdict import Verdict
from llm_latency_lens.budgets.words import Metric
from llm_latency_lens.samples import Sample

__all__ = ["judge_pooled"]


def judge_pooled(
    budgets: Iterable[Budget], samples: Iterable[Sample], run_ns: Iterable[int] = ()
) -> tuple[Verdict, ...]:
    """
    Return the verdict on each budget over *samples* and runs of any number of tests.

    A run that made no call is nothing odd here: not every test of a session asks a provider.
    """
    calls = Evidence(tuple(samples))
    runs = Evidence(run_ns=tuple(run_ns))
    return tuple(
        judge(budget, runs if budget.word.metric is Metric.RUN else calls) for budget in budgets
    )
