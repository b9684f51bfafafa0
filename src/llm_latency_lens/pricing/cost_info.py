"""CostInfo: what a model costs, on one day and by one source."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

__all__ = ["CostInfo"]


@dataclass(frozen=True, slots=True)
class CostInfo:
    """
    The prices of one model, in USD per million tokens. None is what nobody knows.

    Attributes:
        provider: Name of the vendor.
        model: The model, as it was asked for.
        input_usd_per_million: Price of input.
        output_usd_per_million: Price of output, reasoning included.
        cached_input_usd_per_million: Price of input that a prompt cache held; None where no
            other than that of input is known.
        cache_write_usd_per_million: Price of input that is written to a cache; likewise.
        dearer_above_input_tokens: From how long an input on everything has another, higher price;
            None where length does not matter.
        source: Who says so: the price file, or ``genai-prices`` with its version; empty if
            nobody.
        day: The day on which these prices hold.
    """

    provider: str
    model: str
    day: date
    input_usd_per_million: Decimal | None = None
    output_usd_per_million: Decimal | None = None
    cached_input_usd_per_million: Decimal | None = None
    cache_write_usd_per_million: Decimal | None = None
    dearer_above_input_tokens: int | None = None
    source: str = ""

    @property
    def is_known(self) -> bool:
        """Whether a call to the model can be priced."""
        return self.input_usd_per_million is not None and self.output_usd_per_million is not None
