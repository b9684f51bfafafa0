"""Reporting: the hooks of the process that shows results; workers of pytest-xdist have none."""

from typing import TYPE_CHECKING

import pytest

from llm_latency_lens.pytest_plugin import options

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from llm_latency_lens.pytest_plugin.session import LensSession

__all__ = ["REPORT_ATTRIBUTE", "Reporting"]

REPORT_ATTRIBUTE = "llm_latency_lens"


class Reporting:
    """Takes what reports carry and shows it at the end; loads the rest when there is something."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._session: LensSession | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what was measured off the report of one phase of one test."""
        content = getattr(report, REPORT_ATTRIBUTE, None)
        if content is not None:
            self._open().receive(report, content)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports and the baseline; fail where the session is slower than allowed."""
        is_asked = options.names_reports(self._config) or options.names_baselines(self._config)
        if self._session is None and not is_asked:
            return
        seen = self._open()
        is_whole = not (session.shouldstop or session.shouldfail) and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.TESTS_FAILED,
        )
        if session.exitstatus == pytest.ExitCode.OK and seen.is_slower:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        is_written = seen.write_reports()
        if not seen.save_baseline(is_whole=is_whole) or not is_written:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: "TerminalReporter") -> None:
        """Show the summary, where anything was recorded."""
        lines = [] if self._session is None else list(self._session.lines())
        if not lines:
            return
        terminalreporter.write_sep("=", "LLM latency lens")
        for line, colour in lines:
            terminalreporter.write_line(line, **({colour: True} if colour else {}))

    def _open(self) -> "LensSession":
        if self._session is None:
            from llm_latency_lens.pytest_plugin.session import LensSession  # noqa: PLC0415
            from llm_latency_lens.pytest_plugin.settings import read_settings  # noqa: PLC0415

            self._session = LensSession(self._config, read_settings(self._config))
        return self._session
