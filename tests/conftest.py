"""What all tests share: a cache, how many examples a property is tried on, the table of calls."""

import os
import signal

import pytest
from hypothesis import settings
from tabulate import tabulate

_HEADERS = ("scenario", "workers", "calls made", "calls reported", "exit status")

# Few where a person waits. CI says ``--hypothesis-profile thorough``.
settings.register_profile("quick", max_examples=8, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("quick")

# What a shell runs in the background ignores Ctrl-C, and so would every session of a test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
