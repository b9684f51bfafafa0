"""LensSession: what all workers sent, merged; reports and summary at the end."""

import json
import platform
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from llm_latency_lens import wiring
from llm_latency_lens.atomic_file import check_writable
from llm_latency_lens.budgets import Ruling, Verdict, judge_pooled
from llm_latency_lens.clock import SystemClock
from llm_latency_lens.codec import from_rows
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.pytest_plugin.baselines import read_session_baselines
from llm_latency_lens.pytest_plugin.node_ids import public_node_id
from llm_latency_lens.pytest_plugin.recorder import recorder_of
from llm_latency_lens.pytest_plugin.session_budgets import reports_of_broken
from llm_latency_lens.pytest_plugin.settings import Settings
from llm_latency_lens.pytest_plugin.shown_path import shown_path
from llm_latency_lens.pytest_plugin.spool import read_spool
from llm_latency_lens.reports import make_document, summarise, wrap_warning
from llm_latency_lens.results import RunResult, Saving, Spending, TestResult
from llm_latency_lens.samples import Sample

__all__ = ["LensSession", "check_settings"]

_PACKAGES = ("llm-latency-lens", "pytest", "pytest-xdist", "openai", "anthropic", "httpx2", "httpx")


class LensSession:
    """
    The session on the process that reports.

    Samples are merged by id, so that a report that arrives twice counts once.
    """

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._partial: tuple[str, ...] = ()
        self._whole: RunResult | None = None
        self._config = config
        self._settings = settings
        # Read before anything is saved: a session may be compared with what it replaces.
        self._baselines = read_session_baselines(config)
        self._wall_ns = SystemClock.wall_ns()
        self._samples: dict[str, Sample] = {}
        self._run_ns: list[int] = []
        # Of reports, not of samples: a rerun of a test is another execution of it.
        self._attempts = 0
        self._attempt_of: dict[str, int] = {}
        self._verdicts: tuple[Verdict, ...] = ()
        self._tests: dict[tuple[str, str], TestResult] = {}
        self._workers: set[str] = set()
        self._notes: list[tuple[str, str]] = []

    def receive(self, report: pytest.TestReport, content: str) -> tuple[str, ...]:
        """Take what one report of a test carries; return the ids of its calls."""
        values = json.loads(content)
        worker = _worker_of(report)
        self._workers.add(worker)
        samples = from_rows(values["samples"])
        for sample in samples:
            # What a spool told of the call may be older: it had not been priced.
            self._samples[sample.id] = sample
        self._run_ns += values["run_ns"]
        if self._settings.budgets:
            self._attempts += 1
            self._attempt_of.update((sample.id, self._attempts) for sample in samples)
        verdicts = (
            Verdict(**{**one, "ruling": Ruling(one["ruling"])}) for one in values["verdicts"]
        )
        # A fixture that fails after the body leaves the outcome of the body as it is.
        if report.when == "call" or (report.when == "setup" and report.outcome != "passed"):
            self._tests[worker, report.nodeid] = TestResult(
                node_id=values["node_id"],
                outcome=report.outcome,
                runs=len(values["run_ns"]),
                verdicts=tuple(verdicts),
                run_ns=tuple(values["run_ns"]),
                saved=Saving(
                    values["saved_runs"],
                    None if values["saved_usd"] is None else Decimal(values["saved_usd"]),
                ),
            )
        return tuple(sample.id for sample in samples)

    def receive_crash(self, report: pytest.TestReport) -> None:
        """Take note of a test during which its worker died."""
        self._tests[_worker_of(report), report.nodeid] = TestResult(
            node_id=public_node_id(report.nodeid), outcome="failed", runs=0
        )

    def recover(self, samples: Iterable[Sample]) -> None:
        """Take calls that no report has carried."""
        fresh = [one for one in samples if one.id not in self._samples]
        recorder = recorder_of(self._config)
        priced = recorder.priced(fresh)
        recorder.hear(priced)
        self._samples.update((one.id, one) for one in priced)

    def recover_spool(self, path: Path) -> None:
        """Take the calls of a worker's spool that no report has carried."""
        self.recover(read_spool(path, self._samples))

    def judge(self) -> tuple[pytest.TestReport, ...]:
        """Judge the budgets of the session; return a report for each that does not hold."""
        if self._settings.is_disabled:
            return ()
        budgets, samples = self._settings.budgets, tuple(self._samples.values())
        self._verdicts = judge_pooled(
            budgets.values(), samples, {"": self._run_ns}, execution_of=self._attempt_of
        )
        recorder_of(self._config).listeners.hear_verdicts("", self._verdicts)
        return tuple(reports_of_broken(budgets, self._verdicts, samples))

    def close(self, partial: tuple[str, ...]) -> None:
        """Expect nothing more; *partial* tells in sentences why calls or tests are missing."""
        self._partial = partial
        self._whole = self._merged()

    def result(self) -> RunResult:
        """Return everything that has arrived."""
        return self._merged() if self._whole is None else self._whole

    def _merged(self) -> RunResult:
        callers = {one.node_id for one in self._samples.values()}
        tests = (test for test in self._tests.values() if test.verdicts or test.node_id in callers)
        found = RunResult(
            samples=tuple(sorted(self._samples.values(), key=lambda one: one.wall_ns)),
            tests=tuple(sorted(tests, key=lambda test: test.node_id)),
            environment=_environment(),
            wall_ns=self._wall_ns,
            workers=max(len(self._workers), 1),
            partial=self._partial,
            verdicts=self._verdicts,
            spending=self._spending(),
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

    def _spending(self) -> Spending | None:
        cap_usd = self._settings.max_cost_usd
        if cap_usd is None:
            return None
        balance = recorder_of(self._config).balance()
        return Spending(cap_usd, balance.spent_usd, balance.reserved_usd, balance.refused)

    def refusals(self) -> Iterator[str]:
        """Yield a sentence where the cost cap stopped calls."""
        spending = self._spending()
        if spending is not None and spending.refused_calls:
            yield (
                f"{spending.refused_calls} calls were not sent: they could have cost more than "
                f"${spending.cap_usd} in all"
            )

    def write_reports(self) -> bool:
        """Write the report files; return False when one of them failed."""
        if not self._settings.report_files:
            return True
        changing = self._config.hook.pytest_lens_report
        document = make_document(self.result(), is_final=not changing.get_hookimpls())
        changing(config=self._config, document=document)
        for path in self._settings.report_files:
            try:
                wiring.find_writer(path)(document, path)
            except (OSError, ValueError, TypeError) as fault:
                self._notes.append((f"report {shown_path(path)} was not written: {fault}", "red"))
            except (LookupError, AttributeError) as fault:
                # A hook took away what this format shows; others may do without.
                self._notes.append((f"report {shown_path(path)} was not written: {fault!r}", "red"))
            else:
                self._notes.append((f"report: {shown_path(path)}", ""))
        return not any(colour == "red" for _, colour in self._notes)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the lines of the summary with their colours."""
        threads = self._config.getoption("parallel_threads", 1)
        if self._samples and threads not in (1, "1"):
            told = f"pytest-run-parallel: {threads} threads of a test count as one run of it; "
            yield f"{told}lens.bind(client) tells them apart", "yellow"
        if self._settings.summary != "never":
            result = self.result()
            yield from summarise(result, is_wide=self._settings.summary == "wide")
            for added in self._config.hook.pytest_lens_summary(config=self._config, result=result):
                for line in [added] if isinstance(added, str) else added:
                    yield line, ""
            if self._baselines.missing:
                yield f"not compared: {self._baselines.missing}", "yellow"
            for doubt in self._baselines.doubts(result):
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
