"""The table of what the tests counted, in the terminal of whoever runs them."""

from tabulate import tabulate

_HEADERS = ("scenario", "workers", "calls made", "calls reported", "exit status")


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
