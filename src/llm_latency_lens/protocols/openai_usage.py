"""Usage of OpenAI Chat Completions, and of the servers that count a little differently."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.counters import count, first_count, total
from llm_latency_lens.samples import Usage

__all__ = ["comparable_usage", "counted_usage"]

_REASONING = (("completion_tokens_details", "reasoning_tokens"), ("reasoning_tokens",))
# DeepSeek, Together and LiteLLM each have a name of their own.
_CACHED = (
    ("prompt_tokens_details", "cached_tokens"),
    ("prompt_cache_hit_tokens",),
    ("cached_tokens",),
    ("cache_read_input_tokens",),
)
_CACHE_WRITES = (
    ("prompt_tokens_details", "cache_write_tokens"),
    ("cache_creation_input_tokens",),
)


def counted_usage(raw: Mapping[str, Any]) -> CountedUsage | None:
    """Return the tokens as counted; None when none were reported."""
    if not raw:
        return None
    return CountedUsage(
        input_tokens=count(raw, "prompt_tokens"),
        output_tokens=count(raw, "completion_tokens"),
        cached_input_tokens=count(raw, "prompt_tokens_details", "cached_tokens"),
        cache_write_tokens=count(raw, "prompt_tokens_details", "cache_write_tokens"),
        reasoning_tokens=count(raw, "completion_tokens_details", "reasoning_tokens"),
        total_tokens=count(raw, "total_tokens"),
    )


def comparable_usage(raw: Mapping[str, Any]) -> Usage:
    """
    Return the tokens under one meaning of each word.

    OpenAI's prompt tokens include cached ones and its completion tokens include reasoning, as
    ``Usage`` wants it. xAI leaves reasoning out of the completion: there the total betrays it.
    """
    prompt = count(raw, "prompt_tokens")
    completion = count(raw, "completion_tokens")
    reasoning = first_count(raw, *_REASONING)
    if reasoning and count(raw, "total_tokens") == total(prompt, completion, reasoning):
        completion = total(completion, reasoning)
    return Usage(
        input_tokens=prompt,
        output_tokens=completion,
        cached_input_tokens=first_count(raw, *_CACHED),
        cache_write_tokens=first_count(raw, *_CACHE_WRITES),
        reasoning_tokens=reasoning,
    )
