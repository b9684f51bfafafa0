"""Budgets beside pytest's own ways to expect, skip and repeat a failure."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

broken = pytest.mark.latency(p95="1ms")

@pytest.mark.xfail(reason="slow on purpose", strict=True)
@broken
def test_xfail(ask):
    ask()

@pytest.mark.xfail(reason="not slow", strict=True)
@pytest.mark.latency(p95="20s")
def test_xpass(ask):
    ask()

@pytest.mark.skip(reason="not today")
@broken
def test_skip(ask):
    ask()

@pytest.mark.skip(reason="not today")
@pytest.mark.latency(p59="2s")
def test_skip_with_a_bad_mark(ask):
    ask()

@pytest.mark.xfail(reason="wrong on purpose", strict=True)
@pytest.mark.latency(p59="2s")
def test_xfail_with_a_bad_mark(ask):
    ask()

@broken
def test_skips_itself(ask):
    ask()
    pytest.skip("not today")

@broken
def test_broken(ask):
    ask()

@pytest.mark.latency(p95="20s")
def test_kept(ask):
    ask()
"""


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite, which remembers what failed."""
    # Under tox pytest would keep its cache in the folder of tox.
    options = ("--lens-report", "-o", "cache_dir=.pytest_cache")
    return run_inner(SUITE, *options, plugins=("cacheprovider",))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("test_xfail", "xfailed"),
        ("test_xpass", "failed"),
        ("test_skip", "skipped"),
        ("test_skip_with_a_bad_mark", "skipped"),
        ("test_xfail_with_a_bad_mark", "xfailed"),
        ("test_skips_itself", "skipped"),
        ("test_broken", "failed"),
        ("test_kept", "passed"),
    ],
)
def test_outcomes(inner, name, outcome):
    """A broken budget is a failure like any other: expected where marked so, never on a skip."""
    assert outcome == inner.outcome(name)


def test_a_skipped_test_makes_no_call(inner):
    """Of eight tests five asked."""
    assert 5 == inner.report()["total"]["calls"]


def test_last_failed_runs_the_broken_ones_again(inner):
    """--lf picks the tests whose budgets broke."""
    cache = (inner.folder / ".pytest_cache/v/cache/lastfailed").read_text()

    assert "test_inner.py::test_broken" in cache
    assert "test_inner.py::test_xfail" not in cache
    assert "test_inner.py::test_kept" not in cache
