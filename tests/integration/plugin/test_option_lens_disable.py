"""``--lens-disable``: bodies run once and nothing is judged."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

@pytest.mark.latency(p95="1ms", iterations=5, warmup=3)
def test_marked(ask):
    ask()

def test_profile(lens, ask):
    result = lens.profile(ask, iterations=5, warmup=2, concurrency=3, p95="1ms")
    assert (1, ()) == (result.calls, result.verdicts)

@pytest.mark.latency(p59="1s")
def test_bad_mark():
    pass
"""


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite with the option and a report."""
    return run_inner(SUITE, "--lens-disable", "--lens-report")


def test_nothing_is_judged(inner):
    """A budget that cannot hold fails nothing."""
    assert "passed" == inner.outcome("test_marked")
    assert 0 == sum(inner.report()["budgets"].values())


def test_bodies_run_once(inner):
    """Iterations and warmup are one run, on marks and in profile alike."""
    assert "passed" == inner.outcome("test_profile")
    assert 2 == inner.report()["total"]["calls"]


def test_a_bad_mark_is_an_error_still(inner):
    """A mark that cannot be read is told, judged or not."""
    assert "error" == inner.outcome("test_bad_mark")
