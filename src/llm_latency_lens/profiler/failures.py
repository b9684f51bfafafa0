"""
Failures: what an exception of an SDK says about the provider.

Of the exception only its status, its headers and the type of its error are read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from llm_latency_lens.protocols import read_rate_limits, read_retry_after
from llm_latency_lens.samples import RateLimit

__all__ = ["Failure", "FailureKind", "is_provider_failure", "read_failure"]

_SDK_PACKAGES = frozenset({"anthropic", "httpcore", "httpcore2", "httpx", "httpx2", "openai"})
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
    return any(
        type(one).__module__.partition(".")[0] in _SDK_PACKAGES for one in _with_causes(fault)
    )


def read_failure(fault: BaseException, wall_ns: int) -> Failure:
    """Return what *fault*, an exception of an SDK, says at *wall_ns*, now on the wall clock."""
    status = getattr(fault, "status_code", None)
    words = set(_words(getattr(fault, "body", None)))
    if not isinstance(status, int) or status < _FIRST_ERROR:
        return Failure(_kind_without_status(fault, words))
    headers = _headers(fault)
    return Failure(
        _kind_of_status(status, words),
        read_retry_after(headers, wall_ns),
        read_rate_limits(headers, wall_ns),
    )


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
    if any("overloaded" in word for word in words):
        return FailureKind.OVERLOAD
    if any("rate_limit" in word for word in words):
        return FailureKind.RATE_LIMIT
    if words:
        return FailureKind.SERVER
    names = {kind.__name__ for one in _with_causes(fault) for kind in type(one).__mro__}
    if names & {"TimeoutException", "APITimeoutError", "TimeoutError"}:
        return FailureKind.TIMEOUT
    return FailureKind.CONNECTION


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
