"""The exception tree."""

import re

import pytest

from llm_latency_lens import errors
from llm_latency_lens.errors import LensError

_ASIDE = errors.CostCapReached
_CLASSES = [value for value in vars(errors).values() if isinstance(value, type)]


def _drawn_parents(docstring):
    """Return the parent of each class as the tree in *docstring* draws it."""
    parents, path = {}, []
    for line in docstring.splitlines():
        if drawn := re.match(r" {4}([│├└─ ]*)([A-Z]\w+)", line):
            depth = len(drawn[1]) // 4
            path[depth:] = [drawn[2]]
            parents[drawn[2]] = path[depth - 1] if depth else "Exception"
    return parents


def test_drawn_tree_is_the_real_one():
    """The docstring draws each class below the base that it has."""
    real = {one.__name__: one.__bases__[0].__name__ for one in _CLASSES if one is not _ASIDE}

    assert real == _drawn_parents(errors.__doc__)


def test_all_is_sorted_and_complete():
    """``__all__`` names each class of the module, in order."""
    assert sorted(one.__name__ for one in _CLASSES) == errors.__all__


@pytest.mark.parametrize("error", [one for one in _CLASSES if issubclass(one, Exception)])
def test_one_except_clause_catches_all(error):
    """Each exception is a LensError."""
    assert issubclass(error, LensError)


def test_the_cost_cap_is_no_exception():
    """An SDK would catch an ``Exception`` and send the call again."""
    assert not issubclass(_ASIDE, Exception)


def test_broken_budget_is_a_failed_assertion():
    """Pytest shows a broken budget as a failure, not as an error."""
    assert issubclass(errors.BudgetBroken, AssertionError)


def test_empty_aggregate_is_a_value_error():
    """A caller that knows only the standard library can catch it."""
    assert issubclass(errors.EmptyAggregate, ValueError)
