"""Usage of Cohere, which bills fewer tokens than it counts."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.counters import count
from llm_latency_lens.samples import Usage

__all__ = ["comparable_usage", "counted_usage"]


def counted_usage(raw: Mapping[str, Any] | None) -> CountedUsage | None:
    """Return the tokens as counted and as billed; None when none were reported."""
    if not raw:
        return None
    return CountedUsage(
        input_tokens=count(raw, "tokens", "input_tokens"),
        output_tokens=count(raw, "tokens", "output_tokens"),
        cached_input_tokens=count(raw, "cached_tokens"),
        billed_input_tokens=count(raw, "billed_units", "input_tokens"),
        billed_output_tokens=count(raw, "billed_units", "output_tokens"),
    )


def comparable_usage(raw: Mapping[str, Any] | None) -> Usage:
    """
    Return the tokens under one meaning of each word.

    Counted is all that the model reads and writes, billed what the caller brought and got: without
    the vendor's own words around the prompt, for example. Cached tokens are part of those counted.
    """
    counted = counted_usage(raw)
    if raw is None or counted is None:
        return Usage()
    return Usage(
        input_tokens=counted.input_tokens,
        output_tokens=counted.output_tokens,
        cached_input_tokens=counted.cached_input_tokens,
        reasoning_tokens=count(raw, "tokens", "reasoning_tokens"),
        billed_input_tokens=counted.billed_input_tokens,
        billed_output_tokens=counted.billed_output_tokens,
    )
