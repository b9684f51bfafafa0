"""Options and ini settings of the plugin, and the quick questions about them."""

import pytest

__all__ = ["DEFAULT_REPORT", "add_options", "is_observed", "names_files", "names_reports"]

DEFAULT_REPORT = "lens-report.json"


def add_options(parser: pytest.Parser) -> None:
    """Add the options and ini settings of the plugin."""
    group = parser.getgroup("lens", "LLM latency, time to first token and cost")
    group.addoption(
        "--lens-report",
        action="store_true",
        help=f"observe every test, show the summary and write {DEFAULT_REPORT}",
    )
    group.addoption(
        "--lens-report-file",
        action="append",
        default=[],
        metavar="PATH",
        help="write the report here; the suffix names the format (.json .ndjson .md .html, and for "
        "LLM-Test-Bench .test-bench.json .test-bench-run.json); repeatable; implies --lens-report",
    )
    group.addoption(
        "--lens-summary",
        choices=("auto", "wide", "never"),
        default="auto",
        help="the summary at the end: auto fits 80 columns and is silent when no call was seen, "
        "wide shows more columns (default: auto)",
    )
    group.addoption(
        "--lens-prices",
        metavar="FILE",
        help="TOML file with prices that the built-in price book lacks or has wrong",
    )
    group.addoption(
        "--lens-disable",
        action="store_true",
        help="run each body once and judge nothing",
    )
    parser.addini("lens_prices", "price file, relative to the ini file", type="string", default="")
    parser.addini(
        "lens_hosts",
        "servers of your own, one 'host[:port] = vendor' a line",
        type="linelist",
        default=[],
    )


def names_reports(config: pytest.Config) -> bool:
    """Whether a report is to be written."""
    return bool(config.getoption("lens_report") or config.getoption("lens_report_file"))


def names_files(config: pytest.Config) -> bool:
    """Whether a file or host is named that must be usable before the first test."""
    return names_reports(config) or bool(
        config.getoption("lens_prices")
        or config.getini("lens_prices")
        or config.getini("lens_hosts")
    )


def is_observed(item: pytest.Item) -> bool:
    """Whether the lens watches this test: it is marked, uses the fixture, or all are watched."""
    return bool(
        names_reports(item.config)
        or "lens" in getattr(item, "fixturenames", ())
        or item.get_closest_marker("latency")
    )
