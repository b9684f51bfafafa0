"""Listeners: the ``pytest_lens_*`` hooks of conftest files and plugins, asked and told."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from llm_latency_lens.budgets import Verdict
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.samples import Cost, Sample

__all__ = ["Listeners"]

_SOURCE = "pytest_lens_price"


class Listeners:
    """The hooks of one process."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._hook: Any = config.hook
        self._heard: set[str] = set()

    def price(self, sample: Sample) -> Cost | None:
        """
        Return what the first hook that knows it says that the call costs.

        Raises:
            ConfigurationError: A hook returned something else than an amount.
        """
        told = self._hook.pytest_lens_price(config=self._config, sample=sample)
        if told is None or isinstance(told, Cost):
            return told
        if isinstance(told, Decimal) and told.is_finite() and told >= 0:
            return Cost(Decimal(0), told, told, _SOURCE)
        raise ConfigurationError(
            f"pytest_lens_price returned {told!r}: a Decimal of US dollars, a Cost or None is due"
        )

    def hear_samples(self, samples: Iterable[Sample]) -> None:
        """Tell of calls that have been priced, of each once."""
        for sample in samples:
            if sample.id not in self._heard:
                self._heard.add(sample.id)
                self._hook.pytest_lens_sample(config=self._config, sample=sample)

    def hear_verdicts(self, node_id: str, verdicts: Iterable[Verdict]) -> None:
        """Tell of budgets that have been judged; *node_id* is empty for those of the session."""
        for verdict in verdicts:
            self._hook.pytest_lens_verdict(config=self._config, node_id=node_id, verdict=verdict)
