"""Completeness: whether every test of the session ran to its end, and what stopped it."""

import pytest

__all__ = ["Completeness"]

_PHASES = ("setup", "call", "teardown")


class Completeness:
    """What the process that reports has seen of the session's course."""

    def __init__(self) -> None:
        self._finished: set[str] = set()
        self._collect_errors = 0
        self._broken: list[str] = []
        self._stopped: list[str] = []
        self._is_over = False

    def saw_report(self, report: pytest.TestReport) -> None:
        """Take note of the report of a phase; the last of a test, or of a crash, ends it."""
        if report.when == "teardown" or is_crash(report):
            self._finished.add(report.nodeid)

    def saw_collect_error(self) -> None:
        """Take note of a file that could not be collected."""
        self._collect_errors += 1

    def broke(self, reason: str) -> None:
        """Take note of something after which calls or tests are missing for sure."""
        if reason not in self._broken:
            self._broken.append(reason)

    def stopped(self, reason: str) -> None:
        """Take note of a stop, which means nothing when it came after the last test."""
        if reason not in self._stopped:
            self._stopped.append(reason)

    def saw_stop(self, session: pytest.Session) -> None:
        """Take note of what pytest itself stops at, as ``-x`` does."""
        if self._is_over:
            return
        for reason in (session.shouldfail, session.shouldstop):
            if isinstance(reason, str):
                self.stopped(reason)

    def close(self, session: pytest.Session) -> None:
        """Take note of no stop from now on: the last test has ended."""
        self.saw_stop(session)
        self._is_over = True

    def reasons(self, session: pytest.Session) -> tuple[str, ...]:
        """Return why the session is partial, in sentences; empty when it is complete."""
        missing = max(session.testscollected - len(self._finished), 0)
        self.saw_stop(session)
        reasons = [*self._broken]
        if self._collect_errors:
            reasons.append(f"{self._collect_errors} errors during collection")
        if missing:
            reasons += self._stopped
        if reasons and missing:
            reasons.append(f"{missing} of {session.testscollected} tests did not run to their end")
        return tuple(reasons)


def is_crash(report: pytest.TestReport) -> bool:
    """Whether pytest-xdist made the report up for a test during which its worker died."""
    return report.when not in _PHASES
