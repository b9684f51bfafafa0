"""Pooled judging: budgets on all calls of a session, whichever test made them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from llm_latency_lens.budgets.budget import Budget
from llm_latency_lens.budgets.certainty import PLAIN, Certainty
from llm_latency_lens.budgets.evidence import Evidence
from llm_latency_lens.budgets.judging import judge
from llm_latency_lens.budgets.verdict import Verdict
from llm_latency_lens.budgets.words import Metric
from llm_latency_lens.samples import Phase, Sample

__all__ = ["judge_pooled"]


def judge_pooled(
    budgets: Iterable[Budget],
    samples: Iterable[Sample],
    run_ns: Mapping[str, Sequence[int]] | None = None,
    certainty: Certainty = PLAIN,
    *,
    execution_of: Mapping[str, int] | None = None,
) -> tuple[Verdict, ...]:
    """
    Return the verdict on each budget over the calls and runs of any number of tests.

    A run that made no call is nothing odd here: not every test of a session asks a provider.

    Args:
        budgets: What is judged.
        samples: The calls of all tests.
        run_ns: Wall time of each run, by test.
        certainty: How sure the verdicts must be; runs then count in the order of their start.
        execution_of: Which execution of its test a call belongs to, by the id of the call, where a
            test was executed more than once.
    """
    wanted = tuple(budgets)
    calls = _one_after_another(tuple(samples), execution_of or {}) if wanted else Evidence()
    runs = Evidence(run_ns=tuple(one for times in (run_ns or {}).values() for one in times))
    return tuple(
        judge(budget, runs if budget.word.metric is Metric.RUN else calls, certainty)
        for budget in wanted
    )


def _one_after_another(samples: tuple[Sample, ...], execution_of: Mapping[str, int]) -> Evidence:
    """Return the calls with the runs of all tests numbered through, as they began."""

    def run_of(call: Sample) -> tuple[int | None, str, int]:
        return execution_of.get(call.id), call.node_id, call.run

    numbers: dict[tuple[int | None, str, int], int] = {}
    body = [one for one in samples if one.phase is Phase.CALL and one.run >= 0]
    for one in sorted(body, key=lambda one: one.wall_ns):
        numbers.setdefault(run_of(one), len(numbers))
    numbered = (
        replace(one, run=numbers.get(run_of(one), one.run)) if one.phase is Phase.CALL else one
        for one in samples
    )
    return Evidence(tuple(numbered), (0,) * len(numbers))
