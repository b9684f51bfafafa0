"""Usage of Gemini: thoughts stand beside the output, results of its tools beside the prompt."""

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
        input_tokens=count(raw, "promptTokenCount"),
        output_tokens=count(raw, "candidatesTokenCount"),
        cached_input_tokens=count(raw, "cachedContentTokenCount"),
        reasoning_tokens=count(raw, "thoughtsTokenCount"),
        total_tokens=count(raw, "totalTokenCount"),
    )


def comparable_usage(raw: Mapping[str, Any], *, is_final: bool) -> Usage:
    """
    Return the tokens under one meaning of each word.

    The prompt includes what was cached, and leaves out what tools of the vendor's own gave back
    to the model; candidates leave out thoughts. Where the output is not told, as of an answer
    without a word, the total has it once the answer has ended.

    Args:
        raw: Usage as last reported: it grows from event to event.
        is_final: Whether the answer came to its end.
    """
    prompt = total(count(raw, "promptTokenCount"), count(raw, "toolUsePromptTokenCount"))
    thoughts = count(raw, "thoughtsTokenCount")
    output = total(count(raw, "candidatesTokenCount"), thoughts)
    whole = count(raw, "totalTokenCount")
    if output is None and is_final and prompt is not None and whole is not None:
        output = max(whole - prompt, 0)
    return Usage(
        input_tokens=prompt,
        output_tokens=output,
        cached_input_tokens=count(raw, "cachedContentTokenCount"),
        reasoning_tokens=thoughts,
    )
