"""Marks that cannot be read: one clear error at setup, before any call."""

import pytest

pytest.importorskip("openai")

BAD = {
    "unknown_word": ("p59='2s'", "unknown budget word 'p59': did you mean 'p"),
    "missing_unit": ("p95=800", 'p95=800 has no unit: write p95="800ms" or p95="800s"'),
    "wrong_unit": ("p95='800kg'", "p95='800kg': a time carries its unit"),
    "missing_currency": ("cost=1", 'cost=1 has no currency: write cost="$1"'),
    "negative": ("p95='-1s'", "p95='-1s': a time carries its unit"),
    "nan": ("p95=float('nan')", "p95=nan: a time carries its unit"),
    "contradiction": ("p50='2s', p95='1s'", 'p50="2s" can never break before p95="1s"'),
    "alias_twice": ("ttft='1s', ttft_p95='1s'", "are the same budget: keep one of them"),
    "positional": ("'2s'", "latency() takes keywords only, got '2s'"),
    "no_iterations": ("iterations=0", "iterations=0: a whole number, 1 or more, is expected"),
    "bad_share": ("error_rate=2", "error_rate=2: a share is a percentage"),
}
SUITE = """
import pathlib
import pytest

def spy(name):
    pathlib.Path(name).touch()

@pytest.fixture
def costly(ask):
    spy("fixture-ran")
    return ask

def test_untouched():
    pass

@pytest.mark.latency(p95="20s")
def test_good(ask):
    ask()

@pytest.mark.latency(p95="1s")
@pytest.mark.latency(p95="2s")
def test_twice(costly):
    costly()
""" + "".join(
    f"""
@pytest.mark.latency({words})
def test_{name}(costly):
    spy("body-ran")
    costly()
"""
    for name, (words, _) in BAD.items()
)


@pytest.fixture(scope="module")
def inner(run_inner, distribution):
    """One run of the suite, alone and with two workers."""
    return run_inner(SUITE, *distribution, "--lens-report")


@pytest.mark.parametrize("name", BAD)
def test_a_bad_mark_is_an_error_at_setup(inner, name):
    """The error belongs to the setup of that test and names the test, the word and the fix."""
    message = inner.failure(f"test_{name}")

    assert "error" == inner.outcome(f"test_{name}")
    assert message.startswith(f"latency mark of test_{name}: ")
    assert BAD[name][1] in message


def test_the_error_is_told_once(inner):
    """No chained exception repeats the error."""
    assert 1 == len(inner.failure("test_unknown_word").splitlines())


def test_the_same_budget_twice_on_one_test_is_an_error(inner):
    """Two marks on one node that name the same budget contradict each other."""
    assert "'p95' is given twice on function 'test_twice'" in inner.sentences("test_twice")


def test_nothing_runs_before_the_error(inner):
    """Neither a fixture nor the body of a badly marked test runs."""
    assert [] == [*inner.folder.glob("fixture-ran"), *inner.folder.glob("body-ran")]


def test_no_call_is_made_before_the_error(inner):
    """The one call of the session is that of the good test."""
    assert 1 == inner.report()["total"]["calls"]


def test_other_tests_are_unaffected(inner):
    """Tests without a bad mark run as ever."""
    assert ["passed", "passed"] == [inner.outcome("test_untouched"), inner.outcome("test_good")]


def test_the_session_fails_as_tests_fail(inner):
    """The exit code is that of failed tests, not of a usage error or an internal one."""
    assert 1 == inner.ret
    assert "INTERNALERROR" not in inner.text
