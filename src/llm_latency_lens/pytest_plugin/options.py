"""
Options, environment variables and ini settings of the plugin, and the quick questions about them.

Where one thing is said twice, the command line wins over the environment, and that over the ini
file.
"""

import os
import re

import pytest

__all__ = [
    "DEFAULT_REPORT",
    "ENVIRONMENT",
    "add_options",
    "given",
    "is_observed",
    "names_baselines",
    "names_files",
    "names_reports",
    "observes_all",
]

DEFAULT_REPORT = "lens-report.json"
ENVIRONMENT = {
    "lens_report": ("LENS_REPORT", "1 does what --lens-report does"),
    "lens_report_file": ("LENS_REPORT_FILE", "paths of reports, one a line"),
    "lens_budget": ("LENS_BUDGETS", "budgets of the session, one a line or with ; between"),
    "lens_max_cost": ("LENS_MAX_COST", "what the session may spend, as in $5"),
    "lens_prices": ("LENS_PRICES", "the price file"),
    "lens_disable": ("LENS_DISABLE", "1 does what --lens-disable does"),
}
_OFF = ("", "0", "false", "no", "off")


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
        "--lens-budget",
        action="append",
        default=[],
        metavar="BUDGET",
        help="a budget of the whole session, all workers together, such as 'p95 < 2s' or "
        "'openai/gpt-4o-mini: ttft_p95 < 800ms'; repeatable; observes every test",
    )
    group.addoption(
        "--lens-max-cost",
        metavar="SUM",
        help="stop spending: a call that could bring the cost of the session above this sum, "
        "such as '$5', is refused; observes every test",
    )
    group.addoption(
        "--lens-disable",
        action="store_true",
        help="run each body once and judge nothing",
    )
    _add_baseline_options(group)
    parser.addini(
        "lens_baselines",
        "folder of saved baselines, relative to the root of the project",
        type="string",
        default=".lens",
    )
    parser.addini("lens_prices", "price file, relative to the ini file", type="string", default="")
    parser.addini(
        "lens_budgets",
        "budgets of the whole session, one a line, as for --lens-budget",
        type="linelist",
        default=[],
    )
    parser.addini("lens_max_cost", "as --lens-max-cost", type="string", default="")
    parser.addini(
        "lens_hosts",
        "servers of your own, one 'host[:port] = vendor' a line",
        type="linelist",
        default=[],
    )


def _add_baseline_options(group: pytest.OptionGroup) -> None:
    group.addoption(
        "--lens-save",
        metavar="NAME",
        help="observe every test and save the session as a baseline, in .lens/NAME.json",
    )
    group.addoption(
        "--lens-compare",
        metavar="NAME",
        help="observe every test and show what changed since that baseline",
    )
    group.addoption(
        "--lens-compare-fail",
        action="append",
        default=[],
        metavar="GATES",
        help="fail the session where a percentile is slower by more than its margin, as in "
        '"p95:25%%" or "p50:20%%, ttft_p95:40%%"; repeatable',
    )
    group.addoption(
        "--lens-compare-relative",
        action="store_true",
        help="compare relative to the session as a whole (its median ratio), which leaves out what "
        "made every test slower",
    )
    group.addoption(
        "--lens-missing-baseline",
        choices=("error", "skip"),
        default="error",
        help="what a baseline that was never saved is: an error, or nothing to compare with "
        "(default: error)",
    )


def names_baselines(config: pytest.Config) -> bool:
    """Whether the session is compared with a baseline or becomes one."""
    return bool(
        config.getoption("lens_save")
        or config.getoption("lens_compare")
        or config.getoption("lens_compare_fail")
        or config.getoption("lens_compare_relative")
    )


def given(config: pytest.Config, name: str) -> str | list[str] | bool:
    """Return an option as the command line gives it, else as the environment does; else nothing."""
    value: str | list[str] | bool | None = config.getoption(name)
    if value:
        return value
    text = os.environ.get(ENVIRONMENT[name][0], "").strip()
    if isinstance(value, bool):
        return text.lower() not in _OFF
    if isinstance(value, list):
        separators = "[\n;]" if name == "lens_budget" else "\n"
        return [part.strip() for part in re.split(separators, text) if part.strip()]
    return text


def names_reports(config: pytest.Config) -> bool:
    """Whether a report is to be written."""
    return bool(given(config, "lens_report") or given(config, "lens_report_file"))


def observes_all(config: pytest.Config) -> bool:
    """Whether every test is watched, marked or not."""
    return (
        names_reports(config)
        or names_baselines(config)
        or bool(
            given(config, "lens_budget")
            or given(config, "lens_max_cost")
            or config.getini("lens_budgets")
            or config.getini("lens_max_cost")
        )
    )


def names_files(config: pytest.Config) -> bool:
    """Whether something is named that must be usable before the first test."""
    return observes_all(config) or bool(
        given(config, "lens_prices") or config.getini("lens_prices") or config.getini("lens_hosts")
    )


def is_observed(item: pytest.Item) -> bool:
    """Whether the lens watches this test: it is marked, uses the fixture, or all are watched."""
    return bool(
        observes_all(item.config)
        or "lens" in getattr(item, "fixturenames", ())
        or item.get_closest_marker("latency")
    )
