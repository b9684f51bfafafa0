"""Deadlines: a cancelled call whose time had run out."""

import asyncio

import pytest

from llm_latency_lens.capture.deadlines import expired, under_deadline
from llm_latency_lens.capture.outcomes import outcome_of
from llm_latency_lens.samples import Outcome, Status


class _Watch:
    """A watch on an attempt that was cancelled."""

    http_status = 200
    ending = "fail"
    fault = asyncio.CancelledError()


def test_outside_of_a_deadline_nothing_expired():
    """Nobody set a limit."""
    assert "" == expired()


def test_the_limit_ends_with_its_block():
    """Its name is asked for when it is needed."""
    names = iter(["", "TotalTimeout"])
    with under_deadline(lambda: next(names)):
        within = [expired(), expired()]

    assert (["", "TotalTimeout"], "") == (within, expired())


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        ("FirstTokenTimeout", Outcome(Status.TIMEOUT, "FirstTokenTimeout", http_status=200)),
        ("", Outcome(Status.CANCELLED, "CancelledError", http_status=200)),
    ],
)
def test_a_cancelled_call_timed_out_only_if_its_limit_ran_out(limit, outcome):
    """Else its consumer gave up."""
    with under_deadline(lambda: limit):
        seen = outcome_of(_Watch(), None)

    assert outcome == seen
