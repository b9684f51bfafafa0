"""
Budgets of the whole session, as pytest hears of them.

A broken one is told to pytest as the report of a test that failed, which the exit status, the
summary, JUnit files and other plugins then count by their own rules.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from llm_latency_lens.budgets import Budget, Verdict
from llm_latency_lens.reports import explain_failure
from llm_latency_lens.samples import Sample

__all__ = ["forget_failures", "reports_of_broken"]

# Stands where the id of a test names its file.
_NODE = "lens-budget"


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
