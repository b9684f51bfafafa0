"""The price book: what one call cost on the day it was made."""

from datetime import UTC, datetime
from decimal import Decimal

from llm_latency_lens.pricing.price_file import PriceRow
from llm_latency_lens.samples import Cost, Sample, Status, Usage

__all__ = ["PriceBook", "why_unpriced"]

_NS_PER_S = 1_000_000_000
_HTTP_ERROR = 400
_ZERO = Decimal(0)


class PriceBook:
    """
    Prices of the project's own file first, then those of ``genai-prices``.

    The library (0.3 s to import) is loaded when the first call needs it.
    """

    def __init__(self, rows: tuple[PriceRow, ...] = ()) -> None:
        self._rows = rows

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
            if row.covers(sample):
                return row.price(sample.usage.billed)
        return _from_library(sample)


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
