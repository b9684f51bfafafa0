"""Prices of a run: a price book, a price file, or a function of the caller's own."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from llm_latency_lens.pricing import CostInfo, PriceBook, read_price_file
from llm_latency_lens.samples import Cost, Sample

__all__ = ["CallPrices", "PriceOf", "read_prices"]

_NS_PER_S = 1_000_000_000

PriceOf = Callable[[Sample], Cost | None]
"""Returns what a call cost; None where that is unknown."""


class CallPrices(Protocol):
    """What a run asks for prices."""

    def load(self) -> None:
        """Read what the prices stand in, so that no call waits for it."""
        ...

    def price(self, sample: Sample) -> Cost | None:
        """Return what a call cost; None where that is unknown."""
        ...

    def info(self, provider: str, model: str, wall_ns: int) -> CostInfo:
        """Return what *model* costs on the day of *wall_ns*."""
        ...


class _OwnPrices:
    """A function that prices calls. What a token costs, it alone knows."""

    def __init__(self, price: PriceOf) -> None:
        self.price = price

    def load(self) -> None:
        """Whoever prices has loaded it."""

    def info(self, provider: str, model: str, wall_ns: int) -> CostInfo:
        day = datetime.fromtimestamp(wall_ns / _NS_PER_S, tz=UTC).date()
        return CostInfo(provider, model, day)


def read_prices(prices: Path | str | PriceBook | PriceOf | None) -> CallPrices:
    """
    Return the prices that *prices* names; the price book without one.

    Raises:
        ConfigurationError: The price file cannot be read.
    """
    if isinstance(prices, PriceBook):
        return prices
    if callable(prices):
        return _OwnPrices(prices)
    return PriceBook(read_price_file(Path(prices)) if prices is not None else ())
