"""Completeness: what makes a session partial, and what does not."""

from types import SimpleNamespace

import pytest

from llm_latency_lens.pytest_plugin.completeness import Completeness


def _report(nodeid, when="teardown"):
    return SimpleNamespace(nodeid=nodeid, when=when)


def _session(collected, *, shouldfail=False, shouldstop=False):
    return SimpleNamespace(testscollected=collected, shouldfail=shouldfail, shouldstop=shouldstop)


@pytest.fixture
def seen():
    """A session of which two tests have ended."""
    completeness = Completeness()
    for name in ("a", "b"):
        for when in ("setup", "call", "teardown"):
            completeness.saw_report(_report(name, when))
    return completeness


def test_every_test_ran(seen):
    """Nothing is missing."""
    assert () == seen.reasons(_session(2))


def test_a_stop_after_the_last_test_means_nothing(seen):
    """-x at the last test leaves nothing out."""
    assert () == seen.reasons(_session(2, shouldfail="stopping after 1 failures"))


def test_a_stop_before_it_is_told(seen):
    """With the number of tests that did not run."""
    assert (
        "stopping after 1 failures",
        "1 of 3 tests did not run to their end",
    ) == seen.reasons(_session(3, shouldfail="stopping after 1 failures"))


def test_a_crash_is_told_even_where_no_test_is_missing(seen):
    """Calls under way are."""
    seen.broke("worker gw0 died")
    seen.broke("worker gw0 died")

    assert ("worker gw0 died",) == seen.reasons(_session(2))


def test_a_crashed_test_has_ended(seen):
    """pytest-xdist makes up a report for it, of no phase."""
    seen.saw_report(_report("c", "???"))

    assert () == seen.reasons(_session(3))


def test_a_file_that_could_not_be_collected_is_told(seen):
    """Its tests are missing, how many nobody knows."""
    seen.saw_collect_error()

    assert ("1 errors during collection",) == seen.reasons(_session(2))


def test_what_stops_after_the_close_is_our_own(seen):
    """A budget of the session that breaks looks to pytest like a failed test."""
    seen.close(_session(3))

    assert () == seen.reasons(_session(3, shouldfail="stopping after 1 failures"))
