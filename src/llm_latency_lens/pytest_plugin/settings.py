"""Settings: what command line and ini file ask for, read once into one frozen value."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from llm_latency_lens.pytest_plugin.options import DEFAULT_REPORT

__all__ = ["Settings", "read_settings"]


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


def _price_file(config: pytest.Config) -> Path | None:
    if name := config.getoption("lens_prices"):
        return Path(config.invocation_params.dir / name)
    if name := config.getini("lens_prices"):
        base = config.inipath.parent if config.inipath else config.rootpath
        return base / str(name)
    return None
