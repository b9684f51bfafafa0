"""Our budgets in one suite with other plugins."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

def test_both(benchmark, lens, ask):
    assert 4 == benchmark(lambda: 2 + 2)
    assert 2 == lens.profile(ask, iterations=2, p95="20s").calls

@pytest.mark.latency(p95="20s", calls=3)
def test_benchmarked_call(benchmark, ask):
    benchmark.pedantic(ask, rounds=3, iterations=1)

@pytest.mark.latency(p95="1ms")
def test_broken(benchmark, ask):
    benchmark.pedantic(ask, rounds=2, iterations=1)

def test_ours_alone(lens, ask):
    lens.profile(ask, iterations=2)

def test_theirs_alone(benchmark):
    benchmark(sum, range(10))
"""


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run with pytest-benchmark."""
    pytest.importorskip("pytest_benchmark")
    return run_inner(SUITE, plugins=("benchmark",))


@pytest.mark.parametrize(
    "name", ["test_both", "test_benchmarked_call", "test_ours_alone", "test_theirs_alone"]
)
def test_a_test_may_use_both(inner, name):
    """The fixtures of both serve in one test, and each without the other."""
    assert ("passed", "") == (inner.outcome(name), inner.failure(name))


def test_benchmarked_calls_are_judged(inner):
    """Calls in a benchmarked body count for the mark."""
    assert "2 of 2 calls over" in inner.sentences("test_broken")


def test_both_report(inner):
    """Both summaries are shown."""
    assert inner.summary[0].startswith("model ")
    assert "benchmark: 4 tests" in inner.text
