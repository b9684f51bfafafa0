"""Recorder: what watches and prices calls in a process that runs tests."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from llm_latency_lens import wiring
from llm_latency_lens.capture import Observer, Scope, hooks
from llm_latency_lens.pricing import PriceBook
from llm_latency_lens.providers import Directory
from llm_latency_lens.pytest_plugin.reporting import Reporting
from llm_latency_lens.pytest_plugin.settings import Settings, read_settings
from llm_latency_lens.pytest_plugin.shared_folder import SPOOL_PATH
from llm_latency_lens.pytest_plugin.spool import Spool
from llm_latency_lens.samples import Phase, Sample

__all__ = ["Recorder", "make_recorder", "recorder_of"]

_RECORDER = pytest.StashKey["Recorder"]()
_Sink = Callable[[Sample], None]


def recorder_of(config: pytest.Config) -> "Recorder":
    """
    Return the recorder of this process, made at the first call.

    Raises:
        ConfigurationError: The price file or a named host cannot be read.
    """
    if _RECORDER not in config.stash:
        config.stash[_RECORDER] = make_recorder(read_settings(config), _sink_of(config))
    return config.stash[_RECORDER]


def make_recorder(settings: Settings, sink: _Sink | None = None) -> "Recorder":
    """
    Return the recorder that the settings describe.

    Raises:
        ConfigurationError: The price file or a named host cannot be read.
    """
    return Recorder(
        wiring.make_observer(settings.hosts),
        wiring.make_price_book(settings.price_file),
        is_disabled=settings.is_disabled,
        sink=sink,
    )


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
    """

    def __init__(
        self,
        observer: Observer,
        prices: PriceBook,
        *,
        is_disabled: bool,
        sink: _Sink | None = None,
    ) -> None:
        self.is_disabled = is_disabled
        self._observer = observer
        self._prices = prices
        self._sink = sink
        self._late: list[Sample] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Keep the hooks on the HTTP libraries until the block ends."""
        with hooks(self._observer.begin):
            yield

    def settle(self, scope: Scope) -> None:
        """Hand *scope* the failed calls that waited for a retry."""
        self._observer.settle(scope)

    def priced(self, samples: Iterable[Sample]) -> list[Sample]:
        """Return the samples, each with what it cost where that is known."""
        return [
            one if one.cost is not None else replace(one, cost=self._prices.price(one))
            for one in samples
        ]

    def new_scope(self, node_id: str, phase: Phase) -> Scope:
        """Return the scope of a test."""
        return Scope(node_id, phase=phase, late=self._late, sink=self._sink)

    def take_late(self) -> list[Sample]:
        """Return the calls that ended after their test, and forget them."""
        count = len(self._late)
        late = self._late[:count]
        del self._late[:count]
        return self.priced(late)

    def name_host(self, address: str, vendors: tuple[str, ...]) -> None:
        """Know a host from now on."""
        named = {**self._observer.directory.named, address: vendors}
        self._observer.directory = Directory(named)
