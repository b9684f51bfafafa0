"""Recorder: what watches and prices calls in a process that runs tests."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from llm_latency_lens import wiring
from llm_latency_lens.capture import Observer, Scope, hooks
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.pricing import PriceBook
from llm_latency_lens.providers import Directory
from llm_latency_lens.pytest_plugin.ledger import Balance, Ledger
from llm_latency_lens.pytest_plugin.listeners import Listeners
from llm_latency_lens.pytest_plugin.reporting import Reporting
from llm_latency_lens.pytest_plugin.settings import Settings, read_settings
from llm_latency_lens.pytest_plugin.shared_folder import LEDGER, SPOOL_PATH, shared_path
from llm_latency_lens.pytest_plugin.spending import Spending
from llm_latency_lens.pytest_plugin.spool import Spool
from llm_latency_lens.samples import Cost, Phase, Sample

__all__ = ["Recorder", "recorder_of"]

_RECORDER = pytest.StashKey["Recorder"]()
_Sink = Callable[[Sample], None]


def recorder_of(config: pytest.Config) -> "Recorder":
    """
    Return the recorder of this process, made at the first call.

    Raises:
        ConfigurationError: The price file or a named host cannot be read.
    """
    if _RECORDER not in config.stash:
        config.stash[_RECORDER] = _make_recorder(config, read_settings(config))
    return config.stash[_RECORDER]


def _make_recorder(config: pytest.Config, settings: Settings) -> "Recorder":
    recorder = Recorder(
        wiring.make_observer(settings.hosts),
        wiring.make_price_book(settings.price_file),
        Listeners(config),
        is_disabled=settings.is_disabled,
        sink=_sink_of(config),
    )
    if settings.max_cost_usd is not None:
        recorder.limit(settings.max_cost_usd, _ledger_of(config))
    return recorder


def _ledger_of(config: pytest.Config) -> Ledger | None:
    reporting = config.pluginmanager.get_plugin(Reporting.name)
    try:
        if reporting is not None:
            return Ledger(reporting.folder.ledger())
        workerinput = config.workerinput  # type: ignore[attr-defined]
        path = shared_path(workerinput, LEDGER)
        return None if path is None else Ledger(path)
    except OSError as fault:
        raise ConfigurationError(f"--lens-max-cost: its ledger cannot be kept: {fault}") from fault


def _sink_of(config: pytest.Config) -> _Sink | None:
    """Return where a call is kept from its end until a report carries it."""
    reporting = config.pluginmanager.get_plugin(Reporting.name)
    if reporting is not None:
        keep: _Sink = reporting.keep
        return keep
    path = config.stash.get(SPOOL_PATH, None)
    return None if path is None else Spool(path).write


class Recorder:
    """
    The observer and the price book of this process.

    Attributes:
        is_disabled: Nothing is repeated and nothing is judged.
        listeners: The hooks of others, told of samples and verdicts.
    """

    def __init__(
        self,
        observer: Observer,
        prices: PriceBook,
        listeners: Listeners,
        *,
        is_disabled: bool,
        sink: _Sink | None = None,
    ) -> None:
        self.is_disabled = is_disabled
        self._observer = observer
        self._prices = prices
        self.listeners = listeners
        self._sink = sink
        self._ledger: Ledger | None = None
        self._late: list[Sample] = []
        self._kept: list[Sample] | None = None

    @property
    def prices(self) -> PriceBook:
        """What calls cost, the project's own prices first."""
        return self._prices

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Keep the hooks on the HTTP libraries until the block ends."""
        with hooks(self._observer.begin):
            yield

    def settle(self, scope: Scope, run: int | None = None) -> None:
        """Hand *scope* the failed calls, of one run or of all, that waited for a retry."""
        self._observer.settle(scope, run)

    def priced(self, samples: Iterable[Sample]) -> list[Sample]:
        """Return the samples, each with what it cost where that is known."""
        return [
            one if one.cost is not None else replace(one, cost=self.price(one)) for one in samples
        ]

    def price(self, sample: Sample) -> Cost | None:
        """Return what a call costs: a hook has the first word, then the price book."""
        return self.listeners.price(sample) or self._prices.price(sample)

    def new_observer(self) -> Observer:
        """Return an observer of calls that the lens makes itself, under the same limit."""
        observer = Observer(self._observer.directory)
        observer.gate = self._observer.gate
        return observer

    def limit(self, cap_usd: Decimal, ledger: Ledger | None) -> None:
        """Send no call any more that could bring the session above the cap."""
        self._ledger = ledger
        self._observer.gate = Spending(cap_usd, ledger, self.price)

    def balance(self) -> Balance:
        """Return what all processes have spent under the limit."""
        nothing = Balance(Decimal(0), Decimal(0), 0)
        return nothing if self._ledger is None else self._ledger.balance()

    def hear(self, samples: list[Sample]) -> None:
        """Take note of calls that have been priced, and tell the hooks."""
        if self._kept is not None:
            self._kept += samples
        self.listeners.hear_samples(samples)

    def kept(self) -> list[Sample]:
        """Return the list of all calls from now on, which grows."""
        if self._kept is None:
            self._kept = []
        return self._kept

    def new_scope(self, node_id: str, phase: Phase) -> Scope:
        """Return the scope of a test."""
        return Scope(node_id, phase=phase, late=self._late, sink=self._sink)

    def take_late(self) -> list[Sample]:
        """Return the calls that ended after their test, and forget them."""
        count = len(self._late)
        late = self._late[:count]
        del self._late[:count]
        samples = self.priced(late)
        self.hear(samples)
        return samples

    def name_host(self, address: str, vendors: tuple[str, ...]) -> None:
        """Know a host from now on."""
        named = {**self._observer.directory.named, address: vendors}
        self._observer.directory = Directory(named)
