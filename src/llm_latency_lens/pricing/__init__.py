"""
Prices: usage to money, in ``Decimal``.

Prices come from a maintained price book (``genai-prices``, offline, dated) and from a price
file of the project. An unknown price stays unknown; it never reads as zero.
"""

from llm_latency_lens.pricing.book import PriceBook, why_unpriced
from llm_latency_lens.pricing.cost_info import CostInfo
from llm_latency_lens.pricing.price_file import PriceRow, read_price_file

__all__ = ["CostInfo", "PriceBook", "PriceRow", "read_price_file", "why_unpriced"]
