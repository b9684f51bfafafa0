"""
Failures: what an exception of an SDK says about the provider.

Of the exception only its status, its headers and the type of its error are read. What it does not
tell is read from the call as it was observed, for not every SDK passes on what it was told.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from llm_latency_lens.protocols import read_rate_limits, read_retry_after
from llm_latency_lens.providers import loaded_vendors
from llm_latency_lens.samples import RateLimit, Sample, Status

__all__ = ["Failure", "FailureKind", "failure_of", "is_provider_failure", "read_failure"]

_PACKAGES = (
    *("anthropic", "cohere", "google.genai", "groq", "mistralai", "ollama", "openai"),
    *("replicate", "together", "httpcore", "httpcore2", "httpx", "httpx2"),
)
_TOO_MANY = 429
_OVERLOADED = frozenset({503, 529})
_TIMEOUTS = frozenset({408, 504})
_CONFLICT = 409  # a lock of the provider's own; the SDKs send again
_FIRST_ERROR = 400
_FIRST_OF_SERVER = 500
# Of a rate limit that no waiting will end.
_OUT_OF_MONEY = "insufficient_quota"


class FailureKind(StrEnum):
    """
    What kind of failure an attempt ended in.

    ``rate-limit``: too many requests or tokens. ``overload``: the provider is at its own limit.
    ``server``: a fault of the provider. ``connection``: it could not be reached, or the
    connection broke. ``timeout``: it took too long. ``refused``: the request itself is at
    fault, so that sending it again is of no use.
    """

    RATE_LIMIT = "rate-limit"
    OVERLOAD = "overload"
    SERVER = "server"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Failure:
    """
    One failed attempt.

    Attributes:
        kind: What kind of failure it was.
        retry_after_ns: When the provider asked to be called again, from now on.
        rate_limits: Limits that its answer told.
    """

    kind: FailureKind
    retry_after_ns: int | None = None
    rate_limits: tuple[RateLimit, ...] = ()


def is_provider_failure(fault: BaseException) -> bool:
    """Whether an SDK or its HTTP library raised the exception or one that it was made from."""
    packages = (*_PACKAGES, *(name for each in loaded_vendors() for name in each.packages))
    return any(
        _is_within(module, packages)
        for one in _with_causes(fault)
        for module in (type(one).__module__, _raised_in(one))
    )


def read_failure(fault: BaseException, wall_ns: int, seen: Sample | None = None) -> Failure:
    """
    Return what *fault*, an exception of an SDK, says at *wall_ns*, now on the wall clock.

    *seen* is the call as it was observed, which is asked for what the exception does not tell.
    """
    status = getattr(fault, "status_code", None)
    words = set(_words(getattr(fault, "body", None)))
    if not isinstance(status, int) or status < _FIRST_ERROR:
        if seen is not None and not words and (failure := failure_of(seen)) is not None:
            return failure
        return Failure(_kind_without_status(fault, words))
    kind, headers = _kind_of_status(status, words), _headers(fault)
    if not headers and seen is not None and seen.outcome.failed:
        return Failure(kind, seen.retry_after_ns, seen.rate_limits)
    return Failure(
        kind,
        read_retry_after(headers, wall_ns),
        read_rate_limits(headers, wall_ns),
    )


def failure_of(seen: Sample) -> Failure | None:
    """Return what an observed call failed of; None when it did not, or was broken off by us."""
    outcome = seen.outcome
    if not outcome.failed:
        return None
    words = {word for word in (outcome.error_type, outcome.error_code) if word}
    status = outcome.http_status or 0
    if outcome.status is Status.TIMEOUT:
        kind = FailureKind.TIMEOUT
    elif status >= _FIRST_ERROR:
        kind = _kind_of_status(status, words)
    elif outcome.status is Status.ERROR and status:
        kind = _kind_of_words(words) or FailureKind.SERVER
    else:
        kind = FailureKind.CONNECTION
    return Failure(kind, seen.retry_after_ns, seen.rate_limits)


def _kind_of_status(status: int, words: set[str]) -> FailureKind:
    if status == _TOO_MANY:
        return FailureKind.REFUSED if _OUT_OF_MONEY in words else FailureKind.RATE_LIMIT
    if status in _OVERLOADED:
        return FailureKind.OVERLOAD
    if status in _TIMEOUTS:
        return FailureKind.TIMEOUT
    if status >= _FIRST_OF_SERVER or status == _CONFLICT:
        return FailureKind.SERVER
    return FailureKind.REFUSED


def _kind_without_status(fault: BaseException, words: set[str]) -> FailureKind:
    """Return the kind of a failure inside a stream, or of one without an answer."""
    if (kind := _kind_of_words(words)) is not None:
        return kind
    names = {kind.__name__ for one in _with_causes(fault) for kind in type(one).__mro__}
    if names & {"TimeoutException", "APITimeoutError", "TimeoutError"}:
        return FailureKind.TIMEOUT
    return FailureKind.CONNECTION


def _kind_of_words(words: set[str]) -> FailureKind | None:
    """Return the kind of a failure by what the provider calls it; None if it says nothing."""
    if any("overloaded" in word or word == "UNAVAILABLE" for word in words):
        return FailureKind.OVERLOAD
    if any("rate_limit" in word or word == "RESOURCE_EXHAUSTED" for word in words):
        return FailureKind.RATE_LIMIT
    return FailureKind.SERVER if words else None


def _is_within(module: str, packages: Iterable[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in packages)


def _raised_in(fault: BaseException) -> str:
    """Return the module that raised it: some SDKs raise exceptions of Python's own."""
    traceback = fault.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return "" if traceback is None else str(traceback.tb_frame.f_globals.get("__name__", ""))


def _words(body: object) -> Iterator[str]:
    if not isinstance(body, Mapping):
        return
    inner = body.get("error")
    for error in (body, inner if isinstance(inner, Mapping) else {}):
        for name in ("type", "code"):
            # The envelope of an error is itself of type "error".
            if isinstance(error.get(name), str) and error[name] != "error":
                yield error[name]


def _headers(fault: BaseException) -> tuple[tuple[str, str], ...]:
    response: Any = getattr(fault, "response", None)
    items: Iterable[tuple[str, str]] = getattr(response, "headers", {}).items()
    return tuple(items)


def _with_causes(fault: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = fault
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
