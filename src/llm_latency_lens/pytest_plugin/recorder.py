"""Recorder: what watches and prices calls in a process that runs tests."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from llm_latency_lens import wiring
from llm_latency_lens.capture import Observer, Scope, hooks
from llm_latency_lens.pricing import PriceBook
from llm_latency_lens.providers import Directory
from llm_latency_lens.pytest_plugin.settings import Settings
from llm_latency_lens.samples import Phase, Sample

__all__ = ["Recorder", "make_recorder"]


def make_recorder(settings: Settings) -> "Recorder":
    """
    Return the recorder that the settings describe.

    Raises:
        ConfigurationError: The price file or a named host cannot be read.
    """
    return Recorder(
        wiring.make_observer(settings.hosts),
        wiring.make_price_book(settings.price_file),
        is_disabled=settings.is_disabled,
    )


class Recorder:
    """
    The observer and the price book of this process.

    Attributes:
        is_disabled: Nothing is repeated and nothing is judged.
    """

    def __init__(self, observer: Observer, prices: PriceBook, *, is_disabled: bool) -> None:
        self.is_disabled = is_disabled
        self._observer = observer
        self._prices = prices
        self._late: list[Sample] = []

    @property
    def prices(self) -> PriceBook:
        """What calls cost, the project's own prices first."""
        return self._prices

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
        return Scope(node_id, phase=phase, late=self._late)

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
