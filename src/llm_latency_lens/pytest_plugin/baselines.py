"""Baselines of a session: read before the first test, compared and saved after the last."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llm_latency_lens.atomic_file import check_writable
from llm_latency_lens.baselines import (
    SHOWN,
    Baseline,
    Comparison,
    Folder,
    Gate,
    baseline_budgets,
    baseline_of,
    compare,
    read_gates,
    read_margins,
)
from llm_latency_lens.budgets import Plan
from llm_latency_lens.errors import ConfigurationError, MissingBaseline, UsageError
from llm_latency_lens.pytest_plugin.shown_path import shown_path
from llm_latency_lens.results import RunResult

__all__ = [
    "HERE",
    "BaselineBudgets",
    "SessionBaselines",
    "make_baseline",
    "read_baseline_budgets",
    "read_folder",
    "read_session_baselines",
]

_NS_PER_S = 1_000_000_000


def make_baseline(name: str, result: RunResult) -> Baseline:
    """Return what a later session is compared with."""
    started = datetime.fromtimestamp(result.wall_ns / _NS_PER_S, tz=UTC)
    return baseline_of(
        name,
        result.samples,
        {test.node_id: test.run_ns for test in result.tests},
        saved=started.isoformat(timespec="seconds"),
        environment=result.environment,
    )


@dataclass(frozen=True, slots=True)
class BaselineBudgets:
    """
    What turns ``baseline=`` of a test into budgets.

    Attributes:
        folder: Where baselines lie.
        skips_missing: A baseline that does not exist sets no budget.
    """

    folder: Folder
    skips_missing: bool

    def added_to(self, plan: Plan, test: str) -> Plan:
        """
        Return the plan with the budgets of the baseline that it names.

        Raises:
            BudgetError: Its margin cannot be read.
            MissingBaseline: There is no such baseline, or nothing of the test in it.
            ConfigurationError: The baseline cannot be read.
        """
        against = plan.against
        if against is None:
            return plan
        gates = read_margins(against.margin)
        try:
            baseline = _read(self.folder, against.baseline)
        except MissingBaseline:
            if self.skips_missing:
                return plan
            raise
        try:
            budgets = baseline_budgets(baseline, test, gates, against.pattern, plan.confidence)
        except MissingBaseline:
            # A mark on a class or module means the tests that the baseline knows.
            if self.skips_missing or against.pattern.inherited:
                return plan
            raise
        return replace(plan, budgets=(*plan.budgets, *budgets))


# For a lens outside of a session.
HERE = BaselineBudgets(Folder(Path(".lens")), skips_missing=False)


@functools.lru_cache(maxsize=8)
def _read(folder: Folder, name: str) -> Baseline:
    # Many tests name one baseline, and no session changes what it compares with.
    return folder.read(name)


@dataclass(frozen=True, slots=True)
class SessionBaselines:
    """
    What the session is compared with, and what it is saved as.

    Attributes:
        folder: Where baselines lie.
        save_as: Name to save the session under; empty for none.
        before: What it is compared with; None for nothing.
        missing: Why it is compared with nothing, where that was to be skipped.
        gates: Percentiles that fail the session.
        is_relative: Limits follow the session's median ratio.
    """

    folder: Folder
    save_as: str = ""
    before: Baseline | None = None
    missing: str = ""
    gates: tuple[Gate, ...] = ()
    is_relative: bool = False

    def compared(self, result: RunResult) -> Comparison | None:
        """Return the session held against its baseline; None where there is none."""
        if self.before is None:
            return None
        now = make_baseline("this session", result)
        return compare(self.before, now, self.gates, SHOWN, is_relative=self.is_relative)

    def doubts(self, result: RunResult) -> Iterator[str]:
        """Yield what makes the baselines that tests name weaker than they look."""
        now = make_baseline("this session", result)
        tests: dict[str, set[str]] = {}
        for test in result.tests:
            for name in {one.baseline for one in test.verdicts if one.baseline}:
                tests.setdefault(name, set()).add(test.node_id)
        for name, meant in sorted(tests.items()):
            entries = tuple(one for one in now.entries if one.test in meant)
            yield from compare(_read(self.folder, name), replace(now, entries=entries)).warnings

    def save(self, result: RunResult) -> str:
        """
        Save the session under its name; return what is to be told.

        Raises:
            ConfigurationError: Nothing was measured.
            OSError: The file cannot be written.
        """
        baseline = make_baseline(self.save_as, result)
        if not baseline.entries:
            raise ConfigurationError("no call and no run was measured")
        file = self.folder.write(baseline)
        return f"{baseline.calls} calls in {shown_path(file)}"


def read_session_baselines(config: pytest.Config) -> SessionBaselines:
    """
    Return what the options ask for, with the baseline that is compared with read.

    Raises:
        ConfigurationError: That baseline does not exist or cannot be read, or the session cannot
            be saved.
        UsageError: Options that do not go together, or a gate that cannot be read.
    """
    name, gates = config.getoption("lens_compare"), config.getoption("lens_compare_fail")
    is_relative = config.getoption("lens_compare_relative")
    if (gates or is_relative) and not name:
        option = "--lens-compare-fail" if gates else "--lens-compare-relative"
        raise UsageError(f"{option} says how to compare: name the baseline with --lens-compare")
    folder = read_folder(config)
    save_as = config.getoption("lens_save") or ""
    if save_as:
        check_writable(folder.file(save_as))
    before, missing = None, ""
    try:
        before = folder.read(name) if name else None
    except MissingBaseline as fault:
        if not _skips_missing(config):
            raise
        missing = str(fault).partition(":")[0]
    return SessionBaselines(
        folder, save_as, before, missing, read_gates(gates) if gates else (), is_relative
    )


def read_folder(config: pytest.Config) -> Folder:
    """Return the folder of baselines, that of the ini setting or ``.lens`` of the project."""
    return Folder(config.rootpath / str(config.getini("lens_baselines")))


def read_baseline_budgets(config: pytest.Config) -> BaselineBudgets:
    """Return what turns ``baseline=`` into budgets in this session."""
    return BaselineBudgets(read_folder(config), _skips_missing(config))


def _skips_missing(config: pytest.Config) -> bool:
    return bool(config.getoption("lens_missing_baseline") == "skip")
