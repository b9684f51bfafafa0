"""Marks on a module, a class and a function: the closest wins, inherited ones ask for less."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

pytestmark = pytest.mark.latency(p95="1ms", iterations=2)

def test_of_module(ask):
    ask()

def test_without_call():
    pass

@pytest.mark.latency(p95="20s")
def test_closer(ask):
    ask()

@pytest.mark.latency(p95="20s", iterations=1)
class TestClass:
    def test_of_class(self, ask):
        ask()

    @pytest.mark.latency(max="20s", iterations=3)
    def test_both(self, ask):
        ask()

    @pytest.mark.latency(p95="20s")
    def test_own_without_call(self):
        pass
"""
LISTED = """
import pytest

pytestmark = [pytest.mark.latency(p95="1s"), pytest.mark.latency(p95="2s")]

def test_any():
    pass
"""


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite."""
    return run_inner({"test_inner": SUITE, "test_listed": LISTED}, "--lens-report")


def _of(inner, name):
    (found,) = (one for one in inner.report()["tests"] if one["node_id"].endswith(f"::{name}"))
    return found


def test_the_mark_of_a_module_reaches_its_tests(inner):
    """A test without a mark of its own is judged by that of its module."""
    assert "failed" == inner.outcome("test_of_module")
    assert 2 == _of(inner, "test_of_module")["runs"]


def test_the_closer_mark_wins(inner):
    """The same budget on the test replaces that of the module; the rest stays."""
    (verdict,) = _of(inner, "test_closer")["verdicts"]

    assert ("passed", 20_000, 2) == (
        inner.outcome("test_closer"),
        verdict["limit"],
        _of(inner, "test_closer")["runs"],
    )


def test_the_mark_of_a_class_wins_over_its_module(inner):
    """A class stands between module and function."""
    assert ("passed", 1) == (inner.outcome("test_of_class"), _of(inner, "test_of_class")["runs"])


def test_marks_of_all_levels_merge(inner):
    """Budgets of different words from different levels are judged together."""
    found = _of(inner, "test_both")

    assert 3 == found["runs"]
    assert {("max", 20_000), ("p95", 20_000)} == {
        (one["budget"], one["limit"]) for one in found["verdicts"]
    }


def test_an_inherited_mark_without_calls_is_not_judged(inner):
    """A test that asks nobody passes under the mark of its module, and is listed."""
    (verdict,) = _of(inner, "test_without_call")["verdicts"]

    assert ("passed", "not judged") == (inner.outcome("test_without_call"), verdict["ruling"])
    assert any("not judged" in line for line in inner.summary)


def test_a_mark_of_its_own_without_calls_breaks(inner):
    """The closest mark decides: on the test itself, no call is a failure."""
    assert "failed" == inner.outcome("test_own_without_call")


def test_a_list_of_marks_with_one_word_twice_is_an_error(inner):
    """Two marks of one module that name the same budget are told at setup."""
    assert "error" == inner.outcome("test_any")
    assert "'p95' is given twice on module" in inner.sentences("test_any")
