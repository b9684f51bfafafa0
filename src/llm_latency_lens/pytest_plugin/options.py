"""Options and settings, read once into one frozen value."""

from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = [
    "Settings",
    "add_options",
    "is_observed",
    "names_files",
    "names_reports",
    "read_settings",
]

DEFAULT_REPORT = "lens-report.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What the command line and the ini file ask for.

    Attributes:
        observes_all: Every test is observed, marked or not.
        report_files: Where reports are written.
        summary: ``auto``, ``wide`` or ``never``.
        is_disabled: Bodies run once and nothing is judged.
        price_file: The project's own prices.
        hosts: Lines ``host[:port] = vendor``.
    """

    observes_all: bool
    report_files: tuple[Path, ...]
    summary: str
    is_disabled: bool
    price_file: Path | None
    hosts: tuple[str, ...]


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
        help="write the report here; the suffix names the format (.json); repeatable; "
        "implies --lens-report",
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


def read_settings(config: pytest.Config) -> Settings:
    """Return the settings; the command line wins over the ini file."""
    files = [Path(name) for name in config.getoption("lens_report_file")]
    if config.getoption("lens_report") and not files:
        files = [Path(DEFAULT_REPORT)]
    invoked_from = config.invocation_params.dir
    return Settings(
        observes_all=bool(files),
        report_files=tuple(invoked_from / file for file in files),
        summary=config.getoption("lens_summary"),
        is_disabled=config.getoption("lens_disable"),
        price_file=_price_file(config),
        hosts=tuple(config.getini("lens_hosts")),
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


def _price_file(config: pytest.Config) -> Path | None:
    if name := config.getoption("lens_prices"):
        return Path(config.invocation_params.dir / name)
    if name := config.getini("lens_prices"):
        base = config.inipath.parent if config.inipath else config.rootpath
        return base / str(name)
    return None
