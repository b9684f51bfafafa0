"""Confidence, tolerance and what becomes of a doubt."""

from decimal import Decimal
from fractions import Fraction

import pytest

from llm_latency_lens.budgets import PLAIN, Certainty, merge_plans, read_plan
from llm_latency_lens.errors import BudgetError


def _merged(*marks):
    return merge_plans(list(enumerate(map(read_plan, marks))))


def test_without_a_confidence_verdicts_are_plain():
    """That is the default."""
    assert PLAIN == read_plan({"p95": "2s"}).certainty


def test_words_become_exact_numbers():
    """A number means the decimal that it prints as."""
    plan = _merged({"p95": "2s", "confidence": 0.95, "tolerance": 1.5, "on_inconclusive": "fail"})

    assert Certainty(Fraction(19, 20), Fraction(3, 2), fails_unsettled=True) == plan.certainty


@pytest.mark.parametrize("confidence", [0.5, Decimal("0.99"), Fraction(9, 10)])
def test_confidence_may_be_any_number_in_range(confidence):
    """Whatever kind of number it is."""
    plan = read_plan({"p95": "2s", "confidence": confidence})

    assert Fraction(str(confidence)) == plan.certainty.confidence


def test_closest_mark_wins():
    """A class can ask for a confidence, a test for another one."""
    plan = _merged({"p95": "2s", "confidence": 0.9}, {"confidence": 0.99, "tolerance": 2})

    assert Certainty(Fraction(9, 10), Fraction(2)) == plan.certainty


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"confidence": 95}, "for 95 % write confidence=0.95"),
        ({"confidence": 1}, "from 0.5 to 0.999999"),
        ({"confidence": 0.2}, "from 0.5 to 0.999999"),
        ({"confidence": "95%"}, "from 0.5 to 0.999999"),
        ({"confidence": True}, "from 0.5 to 0.999999"),
        ({"confidence": float("nan")}, "from 0.5 to 0.999999"),
        ({"tolerance": 0.5, "confidence": 0.9}, "tolerance=0.5: a number of 1 or more"),
        ({"tolerance": "2", "confidence": 0.9}, "tolerance='2': a number of 1 or more"),
        ({"on_inconclusive": "skip", "confidence": 0.9}, '"pass" or "fail" is expected'),
    ],
)
def test_value_that_cannot_be_is_refused(words, message):
    """The message shows what was given and what would do."""
    with pytest.raises(BudgetError, match=message):
        read_plan({"p95": "2s", **words})


@pytest.mark.parametrize("words", [{"tolerance": 2}, {"on_inconclusive": "fail"}])
def test_word_beside_a_confidence_needs_one(words):
    """Alone it would do nothing, in silence."""
    with pytest.raises(BudgetError, match="no meaning without confidence"):
        _merged({"p95": "2s", **words})


def test_tolerance_must_leave_something_over():
    """Twice the half that p50 allows is every call."""
    with pytest.raises(BudgetError, match="tolerance=2 with p50: so many times the 50 %"):
        _merged({"p50": "2s", "confidence": 0.95, "tolerance": 2})


def test_tolerance_of_a_mean_is_no_matter():
    """Only what counts is proven against a share."""
    assert 4 == _merged({"mean": "2s", "confidence": 0.95, "tolerance": 4}).tolerance
