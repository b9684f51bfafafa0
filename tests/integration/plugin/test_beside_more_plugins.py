"""Our budgets beside plugins that shuffle, stop, trace and generate."""

import json

import pytest

pytest.importorskip("openai")

SUITE = """
import time
import pytest

@pytest.mark.latency(p95="20s", calls=1, iterations=3)
def test_repeated(ask):
    ask()

@pytest.mark.latency(p95="1us")
def test_broken(ask):
    ask()

@pytest.mark.parametrize("number", range(6))
def test_plain(ask, number):
    ask()
"""
TIMEOUT = """
import time
import pytest

@pytest.mark.timeout(2, func_only=True)
@pytest.mark.latency(p95="20s", iterations=3)
def test_hangs(ask):
    ask()
    time.sleep(30)

def test_next(ask):
    ask()
"""
HYPOTHESIS = """
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

calm = settings(
    max_examples=5, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

@calm
@given(number=st.integers())
@pytest.mark.latency(p95="20s", calls=10)
def test_given(ask, number):
    ask()

@calm
@given(number=st.integers())
@pytest.mark.latency(p95="1us")
def test_given_broken(ask, number):
    ask()
"""


def test_randomly(run_inner):
    """In whatever order tests run, each has its own calls."""
    pytest.importorskip("pytest_randomly")
    inner = run_inner(SUITE, "--randomly-seed=3", "--lens-report", plugins=("randomly",))
    runs = {one["node_id"].rpartition("::")[2]: one["runs"] for one in inner.report()["tests"]}

    assert "random seed: 3" in inner.text or "--randomly-seed=3" in inner.text
    assert ("passed", "failed") == (inner.outcome("test_repeated"), inner.outcome("test_broken"))
    assert {
        "test_repeated": 3,
        "test_broken": 1,
        **{f"test_plain[{n}]": 1 for n in range(6)},
    } == runs


def test_timeout(run_inner):
    """A test that pytest-timeout stops keeps its finished call; the next one runs as ever."""
    pytest.importorskip("pytest_timeout")
    inner = run_inner(TIMEOUT, "--lens-report", plugins=("timeout",))

    assert ("failed", "passed") == (inner.outcome("test_hangs"), inner.outcome("test_next"))
    assert "Timeout" in inner.failure("test_hangs")
    assert 2 == inner.report()["total"]["calls"]
    assert inner.report()["partial"] is None


def test_timeout_by_thread_kills_a_worker(run_inner):
    """Its other method ends the process: under pytest-xdist nothing that was measured is lost."""
    pytest.importorskip("pytest_timeout")
    pytest.importorskip("xdist")
    inner = run_inner(
        TIMEOUT, "-n1", "--timeout-method=thread", "--lens-report", plugins=("timeout",)
    )

    assert 1 == inner.ret
    assert 2 == inner.report()["total"]["calls"]
    assert "worker gw0 died" in inner.report()["partial"]["reasons"][0]


def test_coverage(run_inner):
    """pytest-cov traces the same session."""
    pytest.importorskip("pytest_cov")
    inner = run_inner(
        SUITE, "--cov=test_inner", "--cov-report=json", "--lens-report", plugins=("pytest_cov",)
    )
    covered = json.loads((inner.folder / "coverage.json").read_text())["totals"]

    assert ("passed", "failed") == (inner.outcome("test_repeated"), inner.outcome("test_broken"))
    assert 100 == covered["percent_covered"]


def test_hypothesis(run_inner):
    """The examples of a property are one run of the test, each call of it judged."""
    inner = run_inner(HYPOTHESIS, "--lens-report", plugins=("hypothesispytest",))
    (given, _) = sorted(inner.report()["tests"], key=lambda one: len(one["node_id"]))

    assert "passed" == inner.outcome("test_given")
    assert (1, 5) == (given["runs"], given["verdicts"][0]["n"])
    assert "5 of 5 calls over" in inner.sentences("test_given_broken")
