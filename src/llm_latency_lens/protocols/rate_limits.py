"""
Rate limits and retry-after, read from response headers of any provider.

Their names tell vendors apart, so one reading fits all. Nothing raises; what cannot be read is
left out, and of a flood of headers only the first limits are kept.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from llm_latency_lens.protocols.waits import read_number, read_wait, server_now_ns
from llm_latency_lens.samples import RateLimit

__all__ = ["MOST_LIMITS", "read_rate_limits", "read_retry_after"]

# The most that was ever recorded is four; one provider documents eight.
MOST_LIMITS = 32

_NS_PER_MS = 1_000_000
_LONGEST_NAME = 96
_NAME = re.compile(
    r"(?:x-|anthropic-)?(ratelimit|rate-limit|ratelimitbysize|tokenlimit)-([a-z0-9_-]{1,64})"
)
# What a family of headers limits where they do not say. Mistral's "by size" counts tokens;
# Together has tokenlimit beside ratelimit.
_FAMILIES = {
    "ratelimit": "requests",
    "rate-limit": "requests",
    "ratelimitbysize": "tokens",
    "tokenlimit": "tokens",
}
# Cohere's have a form of their own.
_NAMES = {
    "x-trial-endpoint-call-limit": ("requests-trial", "limit"),
    "x-trial-endpoint-call-remaining": ("requests-trial", "remaining"),
    "x-endpoint-monthly-call-limit": ("requests-month", "limit"),
}
_PARTS = ("limit", "remaining", "reset")
_WINDOWS = ("second", "minute", "hour", "day", "month")
# The IETF draft lets a policy follow the number: "100, 100;w=60".
_MOST_DIGITS = 18
_COUNT = re.compile(rf"\s*([0-9]{{1,{_MOST_DIGITS}}})\s*(?:[,;].*)?", re.DOTALL)


def read_rate_limits(headers: Sequence[tuple[str, str]], wall_ns: int) -> tuple[RateLimit, ...]:
    """
    Return the limits that *headers* tell, in the order sent.

    Where a reset is told as a moment, it is counted from the ``date`` header, which comes from
    the same clock; without one from *wall_ns*, the arrival of the headers. When a part of a
    limit is told twice, the first counts.
    """
    told: dict[str, dict[str, str]] = {}
    for name, value in headers:
        key = name.lower()
        # Most headers are told from the others by this alone.
        if "limit" not in key and key not in _NAMES:
            continue
        resource, part = _place_of(key) if len(key) <= _LONGEST_NAME else ("", "")
        if part and (resource in told or len(told) < MOST_LIMITS):
            told.setdefault(resource, {}).setdefault(part, value)
    if not told:
        return ()  # as with most servers; reading their date would cost most of the time
    now_ns = server_now_ns(headers, wall_ns)
    limits = []
    for resource, parts in told.items():
        limit = _count(parts.get("limit", ""))
        remaining = _count(parts.get("remaining", ""))
        reset_ns = read_wait(parts.get("reset", ""), now_ns)
        if (limit, remaining, reset_ns) != (None, None, None):
            limits.append(RateLimit(resource, limit, remaining, reset_ns))
    return tuple(limits)


def read_retry_after(headers: Sequence[tuple[str, str]], wall_ns: int) -> int | None:
    """
    Return after how many nanoseconds the server asks to be called again.

    ``retry-after-ms`` wins over ``retry-after``, as in the SDKs. None when neither was sent
    or can be read.
    """
    found = {key: value for name, value in headers if (key := name.lower()).startswith("retry-")}
    if not found:
        return None
    wait_ns = read_number(found.get("retry-after-ms", ""), _NS_PER_MS)
    if wait_ns is None and "retry-after" in found:
        wait_ns = read_wait(found["retry-after"], server_now_ns(headers, wall_ns))
    return wait_ns


# A server sends the same names each time.
@lru_cache(maxsize=256)
def _place_of(name: str) -> tuple[str, str]:
    match = _NAME.fullmatch(name)
    if match is None:
        return _NAMES.get(name, ("", ""))
    family, rest = _FAMILIES[match[1]], match[2]
    part, _, resource = rest.partition("-")
    if part not in _PARTS:  # Anthropic names the resource first
        resource, _, part = rest.rpartition("-")
    return (_resource(family, resource), part) if part in _PARTS else ("", "")


def _resource(family: str, name: str) -> str:
    if not name:
        return family
    if name in _WINDOWS:
        return f"{family}-{name}"
    word, dash, window = name.partition("-")
    return f"requests{dash}{window}" if word == "req" else name


def _count(text: str) -> int | None:
    if text.isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS:
        return int(text)
    match = _COUNT.fullmatch(text)
    return int(match[1]) if match else None
