"""
The project's own price file.

TOML with one table a price::

    [[price]]
    provider = "localhost:8000"        # optional: any provider without it
    model = "qwen3-8b"                 # "*" for every model
    input_usd_per_million = 0
    output_usd_per_million = 0
    cached_input_usd_per_million = 0   # optional: the input price without it
    cache_write_usd_per_million = 0    # optional: the input price without it
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.samples import Cost, Usage

__all__ = ["PriceRow", "read_price_file"]

_MILLION = 1_000_000
# Dollars per million tokens that nobody asks; sums of more would leave the range of floats.
_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One price, in USD per million tokens."""

    model: str
    input_usd_per_million: Decimal
    output_usd_per_million: Decimal
    provider: str = ""
    cached_input_usd_per_million: Decimal | None = None
    cache_write_usd_per_million: Decimal | None = None
    source: str = ""

    def covers(self, provider: str, *models: str) -> bool:
        """Whether this is the price of one of the names of a vendor's model."""
        if self.provider and self.provider.casefold() != provider.casefold():
            return False
        return self.model in ("*", *models)

    def price(self, usage: Usage) -> Cost:
        """Return what *usage* costs; its input and output counts must be known."""
        read, written = usage.cached_input_tokens or 0, usage.cache_write_tokens or 0
        fresh = (usage.input_tokens or 0) - read - written
        plain = self.input_usd_per_million
        read_price, write_price = (
            plain if price is None else price
            for price in (self.cached_input_usd_per_million, self.cache_write_usd_per_million)
        )
        input_usd = (fresh * plain + read * read_price + written * write_price) / _MILLION
        output_usd = (usage.output_tokens or 0) * self.output_usd_per_million / _MILLION
        return Cost(input_usd, output_usd, input_usd + output_usd, self.source)


def read_price_file(path: Path) -> tuple[PriceRow, ...]:
    """
    Return the prices of a file.

    Raises:
        ConfigurationError: The file cannot be read, is not TOML, or a price has an unknown key,
            no model or a negative or absurd amount; the message names the file and the place.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigurationError(f"price file {path} cannot be read: {fault}") from fault
    except tomllib.TOMLDecodeError as fault:
        raise ConfigurationError(f"price file {path} is not TOML: {fault}") from fault
    return _validate(document, path)


def _validate(document: Mapping[str, Any], path: Path) -> tuple[PriceRow, ...]:
    from pydantic import BaseModel, ConfigDict, Field, ValidationError  # noqa: PLC0415 - 45 ms

    class Row(BaseModel):
        model_config = ConfigDict(extra="forbid")

        model: str = Field(min_length=1)
        provider: str = ""
        input_usd_per_million: Decimal = Field(ge=0, le=_MOST, allow_inf_nan=False)
        output_usd_per_million: Decimal = Field(ge=0, le=_MOST, allow_inf_nan=False)
        cached_input_usd_per_million: Decimal | None = Field(
            None, ge=0, le=_MOST, allow_inf_nan=False
        )
        cache_write_usd_per_million: Decimal | None = Field(
            None, ge=0, le=_MOST, allow_inf_nan=False
        )

    class File(BaseModel):
        model_config = ConfigDict(extra="forbid")

        price: list[Row] = Field(min_length=1)

    try:
        rows = File.model_validate(document).price
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"price file {path}: {place}: {first['msg']}") from fault
    return tuple(PriceRow(**row.model_dump(), source=path.name) for row in rows)
