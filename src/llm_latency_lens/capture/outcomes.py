"""Outcomes: how an attempt ended, from the way its watch ended and what its body said."""

import errno
from collections.abc import Iterator

from llm_latency_lens.capture.deadlines import expired
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.protocols import Answer, classify
from llm_latency_lens.samples import Outcome, Status

__all__ = ["outcome_of"]

_HTTP_ERROR = 400
# How asyncio, trio, a closed generator, Ctrl-C and a closed session say that the consumer gave up.
_CANCELLATIONS = frozenset(
    {"CancelledError", "Cancelled", "GeneratorExit", "KeyboardInterrupt", "SessionClosed"}
)


def outcome_of(watch: Watch, answer: Answer | None) -> Outcome:
    """Return how the attempt ended."""
    status = watch.http_status
    if watch.fault is not None:
        return _outcome_of_fault(watch.fault, status)
    error = None if answer is None else answer.error
    if error is not None or (status is not None and status >= _HTTP_ERROR):
        return classify(status or 0, error)
    # Some SDKs stop reading at the end marker, so a close after it is a proper end; so is a
    # body that was read to its last byte, or one that we could not read.
    is_complete = answer is None or answer.complete
    if watch.ending == "close" and not is_complete:
        return Outcome(Status.CANCELLED, http_status=status)
    return Outcome(Status.OK, http_status=status)


def _outcome_of_fault(fault: BaseException, http_status: int | None) -> Outcome:
    names = {kind.__name__ for kind in type(fault).__mro__}
    name = type(fault).__name__
    if names & _CANCELLATIONS:
        if limit := expired():
            return Outcome(Status.TIMEOUT, error_type=limit, http_status=http_status)
        return Outcome(Status.CANCELLED, error_type=name, http_status=http_status)
    if any(map(_is_closed_by_us, _beneath(fault))):
        return Outcome(Status.CANCELLED, error_type=name, http_status=http_status)
    if _is_timeout(fault):
        # Transports of httpx over aiohttp call a server that hung up a timeout of the connection.
        cause = fault.__cause__
        if not isinstance(cause, Exception) or _is_timeout(cause):
            return Outcome(Status.TIMEOUT, error_type=name, http_status=http_status)
        name = type(cause).__name__
    status = Status.ERROR if http_status is None else Status.CUT
    return Outcome(status, error_type=name, http_status=http_status)


def _is_timeout(fault: BaseException) -> bool:
    names = {kind.__name__ for kind in type(fault).__mro__}
    return "TimeoutException" in names or isinstance(fault, TimeoutError)


def _beneath(fault: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions that led to *fault*, the nearest first."""
    seen = {id(fault)}
    while (cause := fault.__cause__ or fault.__context__) is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        fault = cause


def _is_closed_by_us(fault: BaseException) -> bool:
    """Whether this side had closed the connection: the client was closed within its call."""
    if isinstance(fault, OSError):
        return fault.errno == errno.EBADF
    return type(fault).__name__ == "ClosedResourceError"
