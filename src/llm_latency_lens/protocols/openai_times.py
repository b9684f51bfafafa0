"""Server times in the bodies of Chat Completions, where a server measures itself."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.draft import Draft

__all__ = ["tell_times"]

_NS_PER_S = 1_000_000_000
_NS_PER_MS = 1_000_000
# As in headers: what is longer, 31 years, is no duration of a call.
_LONGEST_S = 10**9
# Groq's, in seconds.
_GROQ = {
    "queue_time": "queue",
    "prompt_time": "prompt",
    "completion_time": "generation",
    "total_time": "inference",
}
# GPUStack's, in milliseconds.
_GPUSTACK = {"time_to_first_token_ms": "first token", "time_per_output_token_ms": "one token"}
# llama.cpp's, in milliseconds, beside the usage.
_LLAMA = {"prompt_ms": "prompt", "predicted_ms": "generation"}
_IN_USAGE = _GROQ.keys() | _GPUSTACK.keys()


def tell_times(draft: Draft, usage: Mapping[str, Any], timings: object) -> None:
    """Note what a usage and llama.cpp's timings tell of the server's own time."""
    beside = timings if isinstance(timings, dict) else {}
    if not beside and _IN_USAGE.isdisjoint(usage):
        return  # as with most servers; asking for each would cost as much as the rest of a usage
    for told, names, unit_ns in (
        (usage, _GROQ, _NS_PER_S),
        (usage, _GPUSTACK, _NS_PER_MS),
        (beside, _LLAMA, _NS_PER_MS),
    ):
        for name, covers in names.items():
            draft.tell_time(name, _nanoseconds(told.get(name), unit_ns), covers)


def _nanoseconds(value: object, unit_ns: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value * unit_ns) if 0 <= value < _LONGEST_S else None
