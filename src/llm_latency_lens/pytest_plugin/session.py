"""LensSession: what all workers sent, merged; reports and summary at the end."""

import json
import platform
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version

import pytest

from llm_latency_lens import wiring
from llm_latency_lens.budgets import Ruling, Verdict
from llm_latency_lens.clock import SystemClock
from llm_latency_lens.codec import decode_samples
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.pytest_plugin.baselines import read_session_baselines
from llm_latency_lens.pytest_plugin.node_ids import public_node_id
from llm_latency_lens.pytest_plugin.settings import Settings
from llm_latency_lens.pytest_plugin.shown_path import shown_path
from llm_latency_lens.reports import check_writable, make_document, summarise, wrap_warning
from llm_latency_lens.results import RunResult, Saving, TestResult
from llm_latency_lens.samples import Sample

__all__ = ["LensSession", "check_settings"]

_PACKAGES = ("llm-latency-lens", "pytest", "pytest-xdist", "openai", "anthropic", "httpx2", "httpx")


class LensSession:
    """
    The session on the process that reports.

    Samples are merged by id, so that a report that arrives twice counts once.
    """

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        # Read before anything is saved: a session may be compared with what it replaces.
        self._baselines = read_session_baselines(config)
        self._wall_ns = SystemClock.wall_ns()
        self._samples: dict[str, Sample] = {}
        self._tests: dict[tuple[str, str], TestResult] = {}
        self._workers: set[str] = set()
        self._notes: list[tuple[str, str]] = []

    def receive(self, report: pytest.TestReport, content: str) -> None:
        """Take what one report of a test carries."""
        values = json.loads(content)
        worker = _worker_of(report)
        self._workers.add(worker)
        for sample in decode_samples(values["samples"]):
            self._samples.setdefault(sample.id, sample)
        if "verdicts" in values:
            verdicts = (
                Verdict(**{**one, "ruling": Ruling(one["ruling"])}) for one in values["verdicts"]
            )
            self._tests[worker, report.nodeid] = TestResult(
                node_id=public_node_id(report.nodeid),
                outcome=report.outcome,
                runs=len(values["run_ns"]),
                verdicts=tuple(verdicts),
                run_ns=tuple(values["run_ns"]),
                saved=Saving(
                    values["saved_runs"],
                    None if values["saved_usd"] is None else Decimal(values["saved_usd"]),
                ),
            )

    def result(self) -> RunResult:
        """Return everything that has arrived."""
        callers = {one.node_id for one in self._samples.values()}
        tests = (test for test in self._tests.values() if test.verdicts or test.node_id in callers)
        found = RunResult(
            samples=tuple(sorted(self._samples.values(), key=lambda one: one.wall_ns)),
            tests=tuple(sorted(tests, key=lambda test: test.node_id)),
            environment=_environment(),
            wall_ns=self._wall_ns,
            workers=max(len(self._workers), 1),
        )
        return replace(found, comparison=self._baselines.compared(found))

    @property
    def is_slower(self) -> bool:
        """Whether a gate of ``--lens-compare-fail`` fails the session."""
        if self._settings.is_disabled:
            return False
        comparison = self.result().comparison
        return comparison is not None and bool(comparison.failed)

    def save_baseline(self, *, is_whole: bool) -> bool:
        """Save the session where that was asked for; return False when it was not done."""
        name = self._baselines.save_as
        if not name:
            return True
        told, wrong = "", "" if is_whole else "the session did not run to its end"
        try:
            told = self._baselines.save(self.result()) if is_whole else ""
        except (ConfigurationError, OSError) as fault:
            wrong = str(fault)
        if wrong:
            self._notes.append((f"baseline {name} was not saved: {wrong}", "red"))
            return False
        self._notes.append((f"baseline {name} saved: {told}", ""))
        return True

    def write_reports(self) -> bool:
        """Write the report files; return False when one of them failed."""
        if not self._settings.report_files:
            return True
        document = make_document(self.result())
        self._config.hook.pytest_lens_report(config=self._config, document=document)
        for path in self._settings.report_files:
            try:
                wiring.find_writer(path)(document, path)
            except (OSError, ValueError, TypeError) as fault:
                self._notes.append((f"report {shown_path(path)} was not written: {fault}", "red"))
            else:
                self._notes.append((f"report: {shown_path(path)}", ""))
        return not any(colour == "red" for _, colour in self._notes)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the lines of the summary with their colours."""
        if self._settings.summary != "never":
            yield from summarise(self.result(), is_wide=self._settings.summary == "wide")
            if self._baselines.missing:
                yield f"not compared: {self._baselines.missing}", "yellow"
            for doubt in self._baselines.doubts(self.result()):
                yield from wrap_warning(doubt, is_wide=self._settings.summary == "wide")
        yield from self._notes


def check_settings(settings: Settings) -> None:
    """
    Make sure that every report can be written.

    Raises:
        ConfigurationError: The suffix of one is unknown, or its folder cannot be written to.
    """
    for path in settings.report_files:
        wiring.find_writer(path)
        check_writable(path)


def _worker_of(report: pytest.TestReport) -> str:
    # pytest-xdist puts the node that a report came from on it.
    gateway = getattr(getattr(report, "node", None), "gateway", None)
    return str(getattr(gateway, "id", ""))


def _environment() -> dict[str, str]:
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
