"""Gates: percentiles and their margins from text."""

from fractions import Fraction

import pytest

from llm_latency_lens.baselines import read_gates, read_margin, read_margins
from llm_latency_lens.errors import BudgetError


def _read(*texts, **words):
    return [(gate.word.name, gate.margin) for gate in read_gates(texts, **words)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["p95:25%"], [("p95", Fraction(1, 4))]),
        (["p95"], [("p95", Fraction(1, 4))]),
        (["p95:150%"], [("p95", Fraction(3, 2))]),
        (["p50:20%, ttft:40%"], [("p50", Fraction(1, 5)), ("ttft_p95", Fraction(2, 5))]),
        (["p50:0%", " run_p95 : 12.5 % "], [("p50", Fraction(0)), ("run_p95", Fraction(1, 8))]),
    ],
)
def test_gates_are_read(texts, expected):
    """A list of words with margins, in one text or several; 25 % where none is given."""
    assert expected == _read(*texts)


def test_the_margin_of_a_bare_word_can_be_given():
    """A word without a margin takes the one that was given beside the list."""
    assert [("p95", Fraction(1, 2)), ("p50", Fraction(1, 10))] == _read(
        "p95, p50:10%", margin=Fraction(1, 2)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("p96:25%", "'p96:25%' names no percentile that baselines keep: write \"p95:25%\""),
        ("mean:25%", "names no percentile"),
        ("max:25%", "names no percentile"),
        ("min_tokens_per_second:25%", "names no percentile"),
        ("itl_p95:25%", "names no percentile"),
        ("", "'' names no percentile"),
        ("ttft:1%, ttft_p95:2%", "ttft_p95 is given twice"),
        ("p95:fast", "a margin is a percentage such as \"25%\" or a number such as 0.25: 'fast'"),
    ],
)
def test_what_is_no_gate_is_refused(text, message):
    """The error says what was read and how it is written."""
    with pytest.raises(BudgetError) as caught:
        read_gates([text])

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"), [("25%", Fraction(1, 4)), (0.25, Fraction(1, 4)), (0, 0), (2, 2)]
)
def test_a_margin_is_a_percentage_or_a_number(value, expected):
    """Both ways to write it are exact."""
    assert expected == read_margin(value)


@pytest.mark.parametrize("value", ["25", "-5%", -0.1, True, None, float("inf"), float("nan")])
def test_what_is_no_margin_is_refused(value):
    """A number without its sign could be a share or a percentage, and a negative one a typo."""
    with pytest.raises(BudgetError, match="a margin is a percentage"):
        read_margin(value)


def test_the_limit_is_the_widened_baseline():
    """25 % above 1 000 ns are 1 250 ns, in exact arithmetic."""
    assert 1250 == read_gates(["p95"])[0].limit_ns(1000)
    assert Fraction(19, 20) == read_gates(["p95"])[0].q


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, [("p50", Fraction(1, 4)), ("p95", Fraction(1, 4))]),
        ("50%", [("p50", Fraction(1, 2)), ("p95", Fraction(1, 2))]),
        (0.1, [("p50", Fraction(1, 10)), ("p95", Fraction(1, 10))]),
        ("ttft:40%, p95", [("ttft_p95", Fraction(2, 5)), ("p95", Fraction(1, 4))]),
    ],
)
def test_the_margin_of_a_mark_may_name_percentiles(value, expected):
    """A margin alone is that of p50 and p95; a list says itself what is compared."""
    assert expected == [(gate.word.name, gate.margin) for gate in read_margins(value)]
