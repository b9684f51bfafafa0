"""Outcomes: how an attempt ended, from its watch and its answer."""

import asyncio
import errno
from types import SimpleNamespace

import pytest

from llm_latency_lens.capture.outcomes import outcome_of
from llm_latency_lens.protocols import PROTOCOLS
from llm_latency_lens.samples import Status

ANSWER = PROTOCOLS["openai_chat"].decoder(content_type="application/json")
ANSWER.feed(b'{"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}', 0)
CUT = PROTOCOLS["openai_chat"].decoder(content_type="text/event-stream")
CUT.feed(b'data: {"choices": [{"delta": {"content": "hi"}}]}\n\n', 0)


class TimeoutException(Exception):  # noqa: N818 - as httpx names it
    """The base of such names."""


class PoolTimeout(TimeoutException):
    """One of httpx's timeouts."""


class Cancelled(BaseException):
    """trio's."""


def _watch(*, status=200, fault=None, ending="end"):
    return SimpleNamespace(http_status=status, fault=fault, ending=ending)


@pytest.mark.parametrize(
    ("fault", "http_status", "expected"),
    [
        (PoolTimeout(), None, Status.TIMEOUT),
        (PoolTimeout(), 200, Status.TIMEOUT),
        (TimeoutError(), None, Status.TIMEOUT),
        (OSError(), None, Status.ERROR),
        (OSError(), 200, Status.CUT),
        (asyncio.CancelledError(), None, Status.CANCELLED),
        (Cancelled(), 200, Status.CANCELLED),
        (GeneratorExit(), 200, Status.CANCELLED),
        (KeyboardInterrupt(), None, Status.CANCELLED),
    ],
)
def test_an_exception_says_how_it_ended(fault, http_status, expected):
    """Timeouts, cancellations and broken connections are told apart by their class."""
    outcome = outcome_of(_watch(status=http_status, fault=fault, ending="fail"), None)

    assert (expected, type(fault).__name__) == (outcome.status, outcome.error_type)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (ConnectionResetError(), (Status.ERROR, "ConnectionResetError")),
        (PoolTimeout(), (Status.TIMEOUT, "PoolTimeout")),
        (TimeoutError(), (Status.TIMEOUT, "PoolTimeout")),
        (asyncio.CancelledError(), (Status.TIMEOUT, "PoolTimeout")),
    ],
)
def test_a_timeout_that_is_made_of_something_else_is_that(cause, expected):
    """A transport may call a server that hung up a timeout; what it was lies beneath."""
    fault = PoolTimeout()
    fault.__cause__ = cause
    outcome = outcome_of(_watch(status=None, fault=fault, ending="fail"), None)

    assert expected == (outcome.status, outcome.error_type)


class ClosedResourceError(Exception):
    """What anyio and trio say of a connection that this side has closed."""


@pytest.mark.parametrize("beneath", [ClosedResourceError(), OSError(errno.EBADF, "closed")])
def test_a_client_that_was_closed_is_a_cancellation(beneath):
    """The connection did not break: who reads from it had closed it."""
    between, fault = RuntimeError(), OSError()
    fault.__cause__, between.__context__ = between, beneath

    outcome = outcome_of(_watch(fault=fault, ending="fail"), None)

    assert (Status.CANCELLED, "OSError") == (outcome.status, outcome.error_type)


def test_a_connection_that_the_server_reset_is_cut():
    """What lies beneath it is the server's doing; a ring of causes is walked once."""
    fault, beneath = OSError(), ConnectionResetError(errno.ECONNRESET, "reset")
    fault.__cause__, beneath.__context__ = beneath, fault

    assert Status.CUT == outcome_of(_watch(fault=fault, ending="fail"), None).status


@pytest.mark.parametrize(
    ("http_status", "expected"), [(200, Status.OK), (400, Status.ERROR), (503, Status.ERROR)]
)
def test_a_status_says_how_it_ended(http_status, expected):
    """From 400 on an answer is an error, read or not."""
    assert expected == outcome_of(_watch(status=http_status), None).status


def test_a_close_before_the_end_is_a_cancellation():
    """The consumer left a stream that was not complete."""
    assert Status.CANCELLED == outcome_of(_watch(ending="close"), CUT.finish()).status


def test_a_close_after_the_end_marker_is_a_proper_end():
    """Some SDKs stop reading when they know that nothing follows."""
    assert Status.OK == outcome_of(_watch(ending="close"), ANSWER.finish()).status


def test_a_body_read_to_its_end_is_ok():
    """Even one that no end marker closes."""
    assert Status.OK == outcome_of(_watch(), ANSWER.finish()).status
