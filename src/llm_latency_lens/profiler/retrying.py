"""Retrying: whether a failed attempt is made again, and after which pause."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from llm_latency_lens.budgets.units import Unit, read_limit
from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler.failures import Failure, FailureKind

__all__ = ["RetryPolicy", "read_retry"]

_NS_PER_S = 1_000_000_000
_MOST_ATTEMPTS = 100
_PASSING = frozenset(FailureKind) - {FailureKind.REFUSED}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """
    Exponential backoff with full jitter.

    The pause before retry *n* is drawn evenly between zero and ``first_wait * 2 ** (n - 1)``,
    at most ``longest_wait``: callers that failed together come back apart. A delay that the
    server gave is kept to, with the jitter on top; one longer than ``longest_server_wait`` ends
    the call instead. (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)

    Attributes:
        attempts: Most attempts of a call, the first included; 1 never retries.
        first_wait_ns: Longest pause before the first retry.
        longest_wait_ns: Longest pause before any.
        longest_server_wait_ns: Longest delay of the server's that is waited for.
        on: Kinds of failure that are retried. A stream that broke off after its first token is
            not: its reader has seen the beginning.
    """

    attempts: int = 3
    first_wait_ns: int = _NS_PER_S // 2
    longest_wait_ns: int = 30 * _NS_PER_S
    longest_server_wait_ns: int = 60 * _NS_PER_S
    on: frozenset[FailureKind] = _PASSING

    def __post_init__(self) -> None:
        attempts: object = self.attempts
        is_count = isinstance(attempts, int) and not isinstance(attempts, bool)
        if not is_count or not 1 <= self.attempts <= _MOST_ATTEMPTS:
            raise UsageError(
                f"retry.attempts={attempts!r}: a whole number from 1 (no retry) to "
                f"{_MOST_ATTEMPTS} is expected"
            )

    def wait_ns(self, made: int, failure: Failure, random: Random) -> int | None:
        """Return the pause after *made* attempts, the last of them failed; None to give up."""
        if made >= self.attempts or failure.kind not in self.on:
            return None
        longest_ns = min(self.longest_wait_ns, self.first_wait_ns << (made - 1))
        jitter_ns = round(random.random() * longest_ns)
        if failure.retry_after_ns is None:
            return jitter_ns
        if failure.retry_after_ns > self.longest_server_wait_ns:
            return None
        return failure.retry_after_ns + jitter_ns

    def describe(self) -> dict[str, Any]:
        """Return the policy by its words, times in seconds."""
        return {
            "attempts": self.attempts,
            "first_wait": self.first_wait_ns / _NS_PER_S,
            "longest_wait": self.longest_wait_ns / _NS_PER_S,
            "longest_server_wait": self.longest_server_wait_ns / _NS_PER_S,
            "on": sorted(self.on),
        }


def read_retry(given: object) -> RetryPolicy:
    """
    Return the policy that *given* spells: a number of attempts, or a mapping of words.

    The words are ``attempts``, ``first_wait``, ``longest_wait``, ``longest_server_wait`` and
    ``on``, a list of kinds such as ``"rate-limit"``.

    Raises:
        UsageError: A word is unknown or its value cannot be used.
    """
    if isinstance(given, RetryPolicy):
        return given
    words: Mapping[Any, Any] = given if isinstance(given, Mapping) else {"attempts": given}
    read: dict[str, Any] = {}
    for word, value in words.items():
        if word == "attempts":
            read[word] = value
        elif word in ("first_wait", "longest_wait", "longest_server_wait"):
            read[f"{word}_ns"] = read_limit(f"retry.{word}", Unit.TIME, value)
        elif word == "on":
            read[word] = _read_kinds(value)
        else:
            known = "attempts, first_wait, longest_wait, longest_server_wait, on"
            raise UsageError(f"retry: {word!r} is unknown; known are {known}")
    return RetryPolicy(**read)


def _read_kinds(value: object) -> frozenset[FailureKind]:
    known = {kind.value: kind for kind in FailureKind}
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple | set | frozenset) or any(
        each not in known for each in listed
    ):
        raise UsageError(f"retry.on={value!r}: a list of these is expected: {', '.join(known)}")
    return frozenset(known[each] for each in listed)
