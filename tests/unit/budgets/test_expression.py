"""Expressions: one line of text to one budget."""

from decimal import Decimal
from fractions import Fraction

import pytest

from llm_latency_lens.budgets import read_expression, read_plan
from llm_latency_lens.budgets.words import ALIASES, WORDS
from llm_latency_lens.errors import BudgetError

_LIMITS = {"ms": "2s", "usd": "$1", "share": "1%", "calls": "3", "tokens/s": "30"}
_VALUES = {**_LIMITS, "calls": 3, "tokens/s": 30}


@pytest.mark.parametrize("name", [*WORDS, *ALIASES])
def test_every_word_reads_as_on_a_mark(name):
    """Each word of the vocabulary, aliases too, is the budget that a mark makes of it."""
    unit = WORDS[ALIASES.get(name, name)].unit.value
    sign = ">=" if unit == "tokens/s" else "<="
    (expected,) = read_plan({name: _VALUES[unit]}).budgets

    assert expected == read_expression(f"{name} {sign} {_LIMITS[unit]}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p95 < 2s", ("p95", "", "")),
        ("gpt-4o-mini: ttft < 800ms", ("ttft_p95", "", "gpt-4o-mini")),
        ("openai/gpt-4o-mini: ttft_p95 < 800ms", ("ttft_p95", "openai", "gpt-4o-mini")),
        ("openai/: p95<2s", ("p95", "openai", "")),
        (" openai / * :p95<2s ", ("p95", "openai", "")),
        ("127.0.0.1:8000/llama3:8b: p95 < 2s", ("p95", "127.0.0.1:8000", "llama3:8b")),
        ("/meta-llama/Llama-3: p95 < 2s", ("p95", "", "meta-llama/Llama-3")),
        ("together/meta-llama/Llama-3: p95 < 2s", ("p95", "together", "meta-llama/Llama-3")),
    ],
)
def test_the_calls_stand_before_the_last_colon(text, expected):
    """What stands before the last colon names provider and model, split at the first slash."""
    assert expected == read_expression(text).key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p95 <= 2s", 2_000_000_000),
        ("p95 < 2s", 1_999_999_999),
        ("calls <= 3", 3),
        ("calls < 3", 2),
        ("error_rate <= 0.01", Fraction(1, 100)),
        ("error_rate < 1%", Fraction(1, 100) - Fraction(1, 10**12)),
        ("cost <= $5", Decimal(5)),
        ("cost < $5", Decimal("4.999999999999999999")),
        ("min_tokens_per_second >= 30.5", Fraction(61, 2)),
        ("min_tokens_per_second > 30", 30 + Fraction(1, 10**9)),
    ],
)
def test_a_sign_without_equals_is_strict(text, expected):
    """``<`` and ``>`` leave the limit itself out, by less than two values can differ."""
    assert expected == read_expression(text).limit


def test_the_limit_is_kept_as_written():
    """The author finds the limit again as it was written, strict or not."""
    assert ["2s", "30"] == [
        read_expression(text).written for text in ("p95 < 2s", "min_tokens_per_second > 30")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'a budget is a word, a sign and a limit, such as "p95 < 2s"'),
        ("p95", "a budget is a word, a sign and a limit"),
        ("p95 <", "a budget is a word, a sign and a limit"),
        ("gpt-4o p95 < 2s", "a budget is a word, a sign and a limit"),
        ("p95=2s", "'=' has no meaning here: write p95 < 2s"),
        ("p95 > 2s", "'>' has no meaning here: write p95 < 2s"),
        (
            "min_tokens_per_second < 30",
            "'<' has no meaning here: write min_tokens_per_second > 30",
        ),
        ("p59 < 2s", "unknown budget word 'p59': did you mean 'p99'?"),
        ("p59 < 2", "unknown budget word 'p59': did you mean 'p99'?"),
        ("iterations < 3", "iterations is an option of a mark, not a limit"),
        ("p95 < 2", "2 has no unit: write p95 < 2ms or p95 < 2s"),
        ("cost <= .5", ".5 has no unit: write cost <= $.5"),
        ("p95 < soon", "a time carries its unit"),
        ("calls < 2.5", "a whole number of calls"),
        ("calls < 1", "nothing lies below 1: write calls <= 1"),
        ("error_rate < 0%", "nothing lies below 0%: write error_rate <= 0%"),
        ("cost < $0", "nothing lies below $0: write cost <= $0"),
        (": p95 < 2s", "no provider and no model stands before the colon"),
        ("*: p95 < 2s", "no provider and no model stands before the colon"),
        ("gpt-4o: run_p95 < 2s", "run_p95 is about runs, which have no model: leave 'gpt-4o' out"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_fix(text, message):
    """The error quotes the whole expression, says what is wrong and names the way to write it."""
    with pytest.raises(BudgetError) as caught:
        read_expression(text)

    assert str(caught.value).startswith(f"budget {text!r}: ")
    assert message in str(caught.value)
