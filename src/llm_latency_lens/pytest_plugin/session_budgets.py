"""
Budgets of the whole session: the calls of all workers pooled and judged on the reporting process.

A broken one is told to pytest as the report of a test that failed, which the exit status, the
summary, JUnit files and other plugins then count by their own rules.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from llm_latency_lens.budgets import Budget, Evidence, Verdict, judge
from llm_latency_lens.budgets.words import Metric
from llm_latency_lens.reports import explain_failure
from llm_latency_lens.samples import Sample

__all__ = ["forget_failures", "judge_session", "reports_of_broken"]

# Stands where the id of a test names its file.
_NODE = "lens-budget"


def judge_session(
    budgets: Iterable[Budget],
    samples: Iterable[Sample],
    run_ns: tuple[int, ...],
    attempt_of: Mapping[str, int],
) -> tuple[Verdict, ...]:
    """
    Return the verdict on each budget.

    Args:
        budgets: Budgets of the session.
        samples: The calls of all tests.
        run_ns: The wall times of all runs.
        attempt_of: To which execution of a test a call belongs, by the call's id.
    """
    pooled = tuple(samples)
    return tuple(judge(one, _evidence(one, pooled, run_ns, attempt_of)) for one in budgets)


def _evidence(
    budget: Budget,
    samples: tuple[Sample, ...],
    run_ns: tuple[int, ...],
    attempt_of: Mapping[str, int],
) -> Evidence:
    if budget.word.metric is Metric.RUN:
        return Evidence(samples, run_ns)
    # Runs that made no call are no concern of a session: most tests make none.
    if budget.word.metric is not Metric.CALLS:
        return Evidence(samples)
    numbers: dict[tuple[int | None, str, int], int] = {}
    pooled = []
    for one in Evidence(samples).body:
        key = attempt_of.get(one.id), one.node_id, one.run
        pooled.append(replace(one, run=numbers.setdefault(key, len(numbers))))
    return Evidence(tuple(pooled), (0,) * len(numbers))


def reports_of_broken(
    budgets: Mapping[str, Budget], verdicts: Iterable[Verdict], samples: Iterable[Sample]
) -> Iterator[pytest.TestReport]:
    """Yield a report of a failed test for each budget that does not hold."""
    seen = tuple(samples)
    for (line, budget), verdict in zip(budgets.items(), verdicts, strict=True):
        if verdict.failed:
            covered = [one for one in seen if budget.covers(one)]
            yield pytest.TestReport(
                nodeid=f"{_NODE}::{line}",
                location=(_NODE, None, line),
                keywords={},
                outcome="failed",
                longrepr=explain_failure((verdict,), covered, place=""),
                when="call",
            )


def forget_failures(config: pytest.Config, reports: Iterable[pytest.TestReport]) -> None:
    """Take what is no test out of the list that ``--lf`` runs again."""
    last_failed: Any = getattr(config.pluginmanager.get_plugin("lfplugin"), "lastfailed", {})
    names = {report.nodeid for report in reports}
    # The keys are text, or since pytest 9.2 an object that reads as it.
    for key in [key for key in last_failed if str(key) in names]:
        del last_failed[key]
