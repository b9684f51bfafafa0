"""Settings: what command line, environment and ini file ask for, read once into one value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llm_latency_lens.budgets import Budget, read_expression
from llm_latency_lens.budgets.units import Unit, read_limit
from llm_latency_lens.errors import BudgetError, ConfigurationError
from llm_latency_lens.pytest_plugin.options import DEFAULT_REPORT, given, observes_all

__all__ = ["Settings", "read_settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What the command line, the environment and the ini file ask for.

    Attributes:
        observes_all: Every test is observed, marked or not.
        report_files: Where reports are written.
        summary: ``auto``, ``wide`` or ``never``.
        is_disabled: Bodies run once and nothing is judged.
        price_file: The project's own prices.
        hosts: Lines ``host[:port] = vendor``.
        budgets: Budgets of the whole session, by the line that spells each.
        max_cost_usd: What the session may spend; None for any sum.
    """

    observes_all: bool
    report_files: tuple[Path, ...]
    summary: str
    is_disabled: bool
    price_file: Path | None
    hosts: tuple[str, ...]
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    max_cost_usd: Decimal | None = None


def read_settings(config: pytest.Config) -> Settings:
    """
    Return the settings; the command line wins over the environment, and that over the ini file.

    Raises:
        ConfigurationError: A budget or a sum of money cannot be read.
    """
    files = [Path(name) for name in _listed(given(config, "lens_report_file"))]
    if given(config, "lens_report") and not files:
        files = [Path(DEFAULT_REPORT)]
    invoked_from = config.invocation_params.dir
    return Settings(
        observes_all=observes_all(config),
        report_files=tuple(invoked_from / file for file in files),
        summary=config.getoption("lens_summary"),
        is_disabled=bool(given(config, "lens_disable")),
        price_file=_price_file(config),
        hosts=tuple(config.getini("lens_hosts")),
        budgets=_budgets(config),
        max_cost_usd=_max_cost(config),
    )


def _price_file(config: pytest.Config) -> Path | None:
    if name := given(config, "lens_prices"):
        return Path(config.invocation_params.dir / str(name))
    if name := config.getini("lens_prices"):
        base = config.inipath.parent if config.inipath else config.rootpath
        return base / str(name)
    return None


def _budgets(config: pytest.Config) -> dict[str, Budget]:
    """Return the budgets of the session; one that is asked for now replaces one of the ini file."""
    asked = _read_budgets("--lens-budget", _listed(given(config, "lens_budget")))
    # What stands in a file holds for whichever part of the suite is run: where that part makes
    # no call there is nothing to judge.
    standing = _read_budgets("lens_budgets", config.getini("lens_budgets"))
    standing = {
        key: (line, replace(budget, inherited=True)) for key, (line, budget) in standing.items()
    }
    return dict({**standing, **asked}.values())


def _read_budgets(source: str, lines: list[str]) -> dict[object, tuple[str, Budget]]:
    budgets: dict[object, tuple[str, Budget]] = {}
    for line in lines:
        try:
            budget = read_expression(line)
        except BudgetError as fault:
            raise ConfigurationError(f"{source}: {fault}") from fault
        if budget.key in budgets:
            raise ConfigurationError(
                f"{source}: {budget.word.name} is limited twice, the second time in {line!r}: "
                "keep one of them"
            )
        budgets[budget.key] = line.strip(), budget
    return budgets


def _max_cost(config: pytest.Config) -> Decimal | None:
    text = given(config, "lens_max_cost") or config.getini("lens_max_cost")
    if not text:
        return None
    try:
        return Decimal(str(read_limit("--lens-max-cost", Unit.MONEY, text)))
    except BudgetError as fault:
        raise ConfigurationError(str(fault)) from fault


def _listed(value: Any) -> list[str]:
    return list(value or ())
