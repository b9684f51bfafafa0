"""Limits: what a test author may write, and what is refused with the fix in the message."""

import re
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from llm_latency_lens.budgets.units import Unit, read_limit
from llm_latency_lens.errors import BudgetError


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        (Unit.TIME, "800ms", 800_000_000),
        (Unit.TIME, " 2 s ", 2_000_000_000),
        (Unit.TIME, "1.5s", 1_500_000_000),
        (Unit.TIME, ".5s", 500_000_000),
        (Unit.TIME, "1min", 60_000_000_000),
        (Unit.TIME, "250us", 250_000),
        (Unit.TIME, timedelta(seconds=2, microseconds=1), 2_000_001_000),
        (Unit.MONEY, "$0.002", Decimal("0.002")),
        (Unit.MONEY, "$ 5", Decimal(5)),
        (Unit.MONEY, "$0", Decimal(0)),
        (Unit.SHARE, "1%", Fraction(1, 100)),
        (Unit.SHARE, "0.5 %", Fraction(1, 200)),
        (Unit.SHARE, 0.01, Fraction(1, 100)),
        (Unit.SHARE, 0, Fraction(0)),
        (Unit.COUNT, 3, 3),
        (Unit.RATE, 30, Fraction(30)),
        (Unit.RATE, 0.1, Fraction(1, 10)),
    ],
)
def test_limit_is_exact(unit, value, expected):
    """A limit becomes an exact number of its smallest unit."""
    assert expected == read_limit("word", unit, value)


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        (Unit.TIME, 800, 'word="800ms" or word="800s"'),
        (Unit.TIME, 0.8, 'word="0.8ms" or word="0.8s"'),
        (Unit.TIME, 2_000_000, 'word="2000000ms" or word="2000000s"'),
        (Unit.TIME, 2.0, 'word="2ms" or word="2s"'),
        (Unit.TIME, Decimal("1.5"), 'word="1.5ms" or word="1.5s"'),
        (Unit.TIME, -5, "carries its unit"),
        (Unit.TIME, 0, "carries its unit"),
        (Unit.TIME, float("inf"), "carries its unit"),
        (Unit.TIME, 10**400, "carries its unit"),
        (Unit.TIME, Decimal("sNaN"), "carries its unit"),
        (Unit.TIME, "1e3ms", "carries its unit"),
        (Unit.TIME, "$5", "carries its unit"),
        (Unit.TIME, "9" * 5000 + "s", "carries its unit"),
        (Unit.TIME, "9" * 30 + "s", "above anything that can be measured"),
        (Unit.TIME, ["2s"], "carries its unit"),
        (Unit.TIME, float("nan"), "carries its unit"),
        (Unit.TIME, "800", "carries its unit"),
        (Unit.TIME, "2 parsecs", "carries its unit"),
        (Unit.TIME, "-2s", "carries its unit"),
        (Unit.TIME, "0ms", "above zero"),
        (Unit.TIME, timedelta(seconds=-1), "above zero"),
        (Unit.TIME, None, "carries its unit"),
        (Unit.TIME, True, "carries its unit"),
        (Unit.MONEY, 5, 'word="$5"'),
        (Unit.MONEY, Decimal("0.1"), 'word="$0.1"'),
        (Unit.MONEY, 0.00001, 'word="$0.00001"'),
        (Unit.MONEY, -5, "carries its sign"),
        (Unit.MONEY, "-$5", "carries its sign"),
        (Unit.MONEY, "0.002", "carries its sign"),
        (Unit.MONEY, "2s", "carries its sign"),
        (Unit.MONEY, True, "carries its sign"),
        (Unit.MONEY, float("inf"), "carries its sign"),
        (Unit.MONEY, "$" + "9" * 40, "above anything that can be measured"),
        (Unit.MONEY, float("nan"), "carries its sign"),
        (Unit.MONEY, "5 EUR", "carries its sign"),
        (Unit.SHARE, "101%", "percentage"),
        (Unit.SHARE, 1.5, "percentage"),
        (Unit.SHARE, -0.1, "percentage"),
        (Unit.SHARE, float("nan"), "percentage"),
        (Unit.SHARE, "1", "percentage"),
        (Unit.SHARE, float("inf"), "percentage"),
        (Unit.SHARE, False, "percentage"),
        (Unit.SHARE, "-1%", "percentage"),
        (Unit.COUNT, 0, "whole number"),
        (Unit.COUNT, 1.0, "whole number"),
        (Unit.COUNT, True, "whole number"),
        (Unit.COUNT, -1, "whole number"),
        (Unit.COUNT, 10**400, "above anything that can be measured"),
        (Unit.RATE, 0, "tokens per second"),
        (Unit.RATE, float("inf"), "tokens per second"),
        (Unit.RATE, "30", "tokens per second"),
        (Unit.RATE, True, "tokens per second"),
        (Unit.RATE, -30, "tokens per second"),
        (Unit.RATE, float("nan"), "tokens per second"),
        (Unit.RATE, 1e300, "above anything that can be measured"),
    ],
)
def test_unreadable_limit_is_refused(unit, value, words):
    """What has no unit, another one or no sense is refused; the message shows how to write it."""
    with pytest.raises(BudgetError) as caught:
        read_limit("word", unit, value)

    assert words in str(caught.value)


@pytest.mark.parametrize("unit", [Unit.TIME, Unit.MONEY])
@pytest.mark.parametrize("value", [800, 2.0, 1e6, 1e-5, Decimal("1E+3")])
def test_spelling_that_a_refusal_shows_is_understood(unit, value):
    """Whoever copies the fix out of the message has a limit."""
    with pytest.raises(BudgetError) as caught:
        read_limit("word", unit, value)
    shown = re.findall(r'word="([^"]+)"', str(caught.value))

    assert all(read_limit("word", unit, one) for one in shown)
