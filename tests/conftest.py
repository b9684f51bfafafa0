"""What every test shares: a cache folder of its own; a table of what the tests counted."""

import os

import pytest
from tabulate import tabulate

_HEADERS = ("scenario", "workers", "calls made", "calls reported", "exit status")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


def pytest_terminal_summary(terminalreporter):
    """Print a row for each session that a test has run and counted."""
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "lens table" and report.when == "call"
    ]
    if rows:
        terminalreporter.section("calls made and calls reported")
        terminalreporter.write_line(tabulate(sorted(rows), headers=_HEADERS))
