"""The price book: what one call cost on the day it was made."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from llm_latency_lens.pricing.cost_info import CostInfo
from llm_latency_lens.pricing.price_file import PriceRow
from llm_latency_lens.samples import Cost, Sample, Status, Usage

__all__ = ["PriceBook", "why_unpriced"]

_NS_PER_S = 1_000_000_000
_NS_PER_MINUTE = 60 * _NS_PER_S
_MOST_KNOWN = 10_000
_HTTP_ERROR = 400
_ZERO = Decimal(0)
_UNASKED = Cost(_ZERO, _ZERO, _ZERO, "unasked")


class PriceBook:
    """
    Prices of the project's own file first, then those of ``genai-prices``.

    The library (0.3 s to import) is loaded when the first call needs it. Calls that used the same
    share one cost, which saves asking it and makes sums over them quick.
    """

    def __init__(self, rows: tuple[PriceRow, ...] = ()) -> None:
        self._rows = rows
        self._known: dict[tuple[object, ...], Cost | None] = {}

    @staticmethod
    def load() -> None:
        """Load the library now, so that it does not hold up calls that are being measured."""
        from genai_prices import Usage, calc_price  # noqa: PLC0415 - 0.3 s

        calc_price(Usage(input_tokens=1), model_ref="gpt-4o-mini", provider_id="openai")

    def price(self, sample: Sample) -> Cost | None:
        """
        Return what the call cost, by the prices of its own day.

        None when the usage or the price is unknown. A call that the provider refused (HTTP 400
        and above) costs nothing: no vendor bills it.
        """
        status = sample.outcome.http_status
        if sample.outcome.status is Status.ERROR and status is not None and status >= _HTTP_ERROR:
            return Cost(_ZERO, _ZERO, _ZERO, f"not billed: HTTP {status}")
        if sample.usage.input_tokens is None or sample.usage.output_tokens is None:
            return None
        if _contradicts_itself(sample.usage):
            return None
        for row in self._rows:
            if row.covers(sample.provider, sample.model, sample.requested_model):
                return row.price(sample.usage.billed)
        return self._remembered(sample)

    def _remembered(self, sample: Sample) -> Cost | None:
        # The library knows prices by the time of day, to the minute.
        minute = sample.wall_ns // _NS_PER_MINUTE
        key = (sample.provider, sample.model, sample.requested_model, sample.usage, minute)
        if (known := self._known.get(key, _UNASKED)) is not _UNASKED:
            return known
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        cost = self._known[key] = _from_library(sample)
        return cost

    def info(self, provider: str, model: str, wall_ns: int) -> CostInfo:
        """
        Return what *model* costs on the day of *wall_ns*, nanoseconds since the Unix epoch.

        Where nobody knows a price its fields are None.
        """
        moment = datetime.fromtimestamp(wall_ns / _NS_PER_S, tz=UTC)
        for row in self._rows:
            if row.covers(provider, model):
                return CostInfo(
                    provider,
                    model,
                    moment.date(),
                    row.input_usd_per_million,
                    row.output_usd_per_million,
                    row.cached_input_usd_per_million,
                    row.cache_write_usd_per_million,
                    source=row.source,
                )
        return _info_from_library(provider, model, moment)


def why_unpriced(sample: Sample) -> str:
    """Return why a call has no cost, and how to give it one."""
    if sample.usage.output_tokens is None or sample.usage.input_tokens is None:
        if sample.outcome.failed or sample.outcome.status is Status.CANCELLED:
            return f"a call that ended as {sample.outcome.status} told no usage"
        if sample.is_embedding:
            return f"the answer of {sample.provider} with embeddings told no tokens to price"
        return (
            f"the answer of {sample.provider} told no usage; ask for it, in a stream of the "
            'OpenAI API with stream_options={"include_usage": True}'
        )
    if _contradicts_itself(sample.usage):
        return f"the usage that {sample.provider} told contradicts itself: more cached than input"
    return (
        f"no price is known for model {sample.model!r} of {sample.provider}; give one in a file "
        "with --lens-prices or the ini option lens_prices"
    )


def _contradicts_itself(usage: Usage) -> bool:
    cached = (usage.cached_input_tokens or 0) + (usage.cache_write_tokens or 0)
    return cached > (usage.input_tokens or 0)


def _from_library(sample: Sample) -> Cost | None:
    from genai_prices import Usage, __version__, calc_price  # noqa: PLC0415 - 0.3 s

    usage = sample.usage.billed
    counted = Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cached_input_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )
    moment = datetime.fromtimestamp(sample.wall_ns / _NS_PER_S, tz=UTC)
    for model in dict.fromkeys((sample.model, sample.requested_model)):
        try:
            found = calc_price(
                counted,
                model_ref=model,
                provider_id=sample.provider,
                genai_request_timestamp=moment,
            )
        # LookupError: not in the book. ValueError: counts that contradict each other.
        except (LookupError, ValueError):
            continue
        return Cost(
            input_usd=found.input_price,
            output_usd=found.output_price,
            total_usd=found.total_price,
            source=f"genai-prices {__version__}",
        )
    return None


def _info_from_library(provider: str, model: str, moment: datetime) -> CostInfo:
    from genai_prices import Usage, __version__, calc_price  # noqa: PLC0415 - 0.3 s

    try:
        found = calc_price(
            Usage(input_tokens=1, output_tokens=1),
            model_ref=model,
            provider_id=provider,
            genai_request_timestamp=moment,
        ).model_price
    except LookupError:
        return CostInfo(provider, model, moment.date())
    told = (found.input_mtok, found.output_mtok, found.cache_read_mtok, found.cache_write_mtok)
    starts = [tier.start for price in told for tier in getattr(price, "tiers", ())]
    fresh, output, cached, written = map(_base_of, told)
    return CostInfo(
        provider,
        model,
        moment.date(),
        fresh,
        output,
        cached,
        written,
        dearer_above_input_tokens=min(starts, default=None),
        source=f"genai-prices {__version__}",
    )


def _base_of(price: Any) -> Decimal | None:
    """Return a price, of several by the length of the input the one of short ones."""
    return price if isinstance(price, Decimal | None) else Decimal(price.base)
