"""Usage of Anthropic Messages, where input leaves out what the prompt cache took part in."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.counters import count, total
from llm_latency_lens.samples import Usage

__all__ = ["comparable_usage", "counted_usage"]


def counted_usage(raw: Mapping[str, Any]) -> CountedUsage | None:
    """Return the tokens as counted; None when none were reported."""
    if not raw:
        return None
    return CountedUsage(
        input_tokens=count(raw, "input_tokens"),
        output_tokens=count(raw, "output_tokens"),
        cached_input_tokens=count(raw, "cache_read_input_tokens"),
        cache_write_tokens=count(raw, "cache_creation_input_tokens"),
        reasoning_tokens=count(raw, "output_tokens_details", "thinking_tokens"),
    )


def comparable_usage(raw: Mapping[str, Any], *, is_final: bool) -> Usage:
    """
    Return the tokens under one meaning of each word: input with cache reads and writes.

    What a compaction took is billed, but stands apart from the sums: it is added here.

    Args:
        raw: Usage as merged from its events.
        is_final: Whether the output was counted to its end.
    """
    counted = [raw, *_compactions(raw)]
    fresh = _sum(counted, "input_tokens")
    read = _sum(counted, "cache_read_input_tokens")
    written = _sum(counted, "cache_creation_input_tokens")
    return Usage(
        input_tokens=None if fresh is None else total(fresh, read, written),
        output_tokens=_sum(counted, "output_tokens") if is_final else None,
        cached_input_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=count(raw, "output_tokens_details", "thinking_tokens"),
    )


def _compactions(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    steps = raw.get("iterations")
    return [
        step
        for step in (steps if isinstance(steps, list) else ())
        if isinstance(step, dict) and step.get("type") == "compaction"
    ]


def _sum(counted: list[Any], name: str) -> int | None:
    return total(*(count(usage, name) for usage in counted))
