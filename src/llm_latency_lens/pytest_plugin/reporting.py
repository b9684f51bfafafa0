"""Reporting: the hooks of the process that shows results; workers of pytest-xdist have none."""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from llm_latency_lens.pytest_plugin import options
from llm_latency_lens.pytest_plugin.completeness import Completeness, is_crash
from llm_latency_lens.pytest_plugin.shared_folder import SharedFolder

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from llm_latency_lens.pytest_plugin.session import LensSession
    from llm_latency_lens.samples import Sample

__all__ = ["REPORT_ATTRIBUTE", "Reporting"]

REPORT_ATTRIBUTE = "llm_latency_lens"


class Reporting:
    """
    Takes what reports carry and shows it at the end; loads the rest when there is something.

    Attributes:
        unsent: Calls of this process that no report has carried yet.
        folder: Shared with the workers on this machine.
    """

    name = "llm_latency_lens_reporting"

    def __init__(self, config: pytest.Config) -> None:
        self.unsent: dict[str, Sample] = {}
        self._config = config
        self._session: LensSession | None = None
        self.folder = SharedFolder()
        self._completeness = Completeness()
        self._broken: tuple[pytest.TestReport, ...] = ()
        self._is_telling = False

    def keep(self, sample: "Sample") -> None:
        """Keep a call of this process until the report of its test comes by."""
        self.unsent[sample.id] = sample

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist where its finished calls are to be kept."""
        self.folder.tell(node.workerinput)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take what a worker that died had measured and not sent."""
        if error is None:
            return
        name = node.gateway.id
        if error == "keyboard-interrupt":
            self._completeness.broke(f"worker {name} was interrupted")
            return
        spool = self.folder.spool(name)
        if spool is None:
            self._completeness.broke(
                f"worker {name} died, and with it the calls of the test that it ran: it could "
                "not write to the disk of this process, as on another machine"
            )
            return
        self._completeness.broke(f"worker {name} died; the calls that it had finished are here")
        self._recover()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take note of a file that could not be collected."""
        if report.failed:
            self._completeness.saw_collect_error()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what was measured off the report of one phase of one test."""
        if report in self._broken:
            return
        self._completeness.saw_report(report)
        content = getattr(report, REPORT_ATTRIBUTE, None)
        if content is not None:
            # pytest keeps every report to its end, and would keep this beside what we make of it.
            delattr(report, REPORT_ATTRIBUTE)
            for sample_id in self._open().receive(report, content):
                self.unsent.pop(sample_id, None)
        elif is_crash(report) and self._session is not None:
            self._session.receive_crash(report)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Take note of Ctrl-C, of ``pytest.exit``, and of stops that look like them."""
        if excinfo.type is KeyboardInterrupt:
            self._completeness.broke("interrupted from the keyboard")
        else:
            self._completeness.stopped(str(excinfo.value))

    def pytest_internalerror(self) -> None:
        """Take note of a fault of pytest or a plugin; its text may hold anything."""
        self._completeness.broke("an internal error of pytest or one of its plugins")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Judge the budgets of the session after its last test, while its status is still open."""
        result = yield
        if session.testscollected and not self._config.option.collectonly:
            self._judge(session)
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Count a broken budget among the failures, without a letter in the line of letters."""
        return ("failed", "", "") if self._is_telling and report in self._broken else None

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Write the reports, when fixtures are torn down and workers have ended."""
        try:
            return (yield)
        finally:
            self._finish(session)

    def pytest_terminal_summary(self, terminalreporter: "TerminalReporter") -> None:
        """Show the summary, where anything was recorded."""
        lines = [] if self._session is None else list(self._session.lines())
        if not lines:
            return
        terminalreporter.write_sep("=", "LLM latency lens")
        for line, colour in lines:
            terminalreporter.write_line(line, **({colour: True} if colour else {}))

    def pytest_unconfigure(self) -> None:
        """Leave nothing behind."""
        self.folder.remove()

    def _judge(self, session: pytest.Session) -> None:
        if self._session is None and not options.observes_all(self._config):
            return
        self._broken = self._open().judge()
        if not self._broken:
            return
        # A failure would look like the one that -x stops at.
        self._completeness.close(session)
        self._is_telling = True
        for report in self._broken:
            self._config.hook.pytest_runtest_logreport(report=report)
        self._is_telling = False
        from llm_latency_lens.pytest_plugin.session_budgets import forget_failures  # noqa: PLC0415

        forget_failures(self._config, self._broken)

    def _finish(self, session: pytest.Session) -> None:
        self._recover()
        if self._session is None and not options.observes_all(self._config):
            return
        # Nothing was asked to run: a report of an earlier session is worth more.
        if self._config.option.collectonly or session.exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        opened = self._open()
        for reason in opened.refusals():
            self._completeness.broke(reason)
        opened.partial = self._completeness.reasons(session)
        is_whole = not opened.partial and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.TESTS_FAILED,
        )
        if session.exitstatus == pytest.ExitCode.OK and opened.is_slower:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        is_written = opened.write_reports()
        if not opened.save_baseline(is_whole=is_whole) or not is_written:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _recover(self) -> None:
        for spool in self.folder.spools():
            if spool.stat().st_size:
                self._open().recover_spool(spool)
        if self.unsent:
            self._open().recover(tuple(self.unsent.values()))
            self.unsent.clear()

    def _open(self) -> "LensSession":
        if self._session is None:
            from llm_latency_lens.pytest_plugin.session import LensSession  # noqa: PLC0415
            from llm_latency_lens.pytest_plugin.settings import read_settings  # noqa: PLC0415

            self._session = LensSession(self._config, read_settings(self._config))
        return self._session
