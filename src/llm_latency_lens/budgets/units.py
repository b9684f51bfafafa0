"""
Units of budgets: text that a test author writes, to exact numbers.

Times become integer nanoseconds, money ``Decimal``, shares and rates ``Fraction``. Nothing is
guessed: a bare number for a time or a sum of money is refused.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from llm_latency_lens.errors import BudgetError

__all__ = ["Limit", "Unit", "read_limit"]


Limit = int | Decimal | Fraction

_NS_PER_UNIT = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "min": 60_000_000_000,
}
_NUMBER = r"(\d{1,99}(?:\.\d{1,99})?|\.\d{1,99})"
_DURATION = re.compile(rf"\s*{_NUMBER}\s*([a-zµ]+)\s*")
_MONEY = re.compile(rf"\s*\$\s*{_NUMBER}\s*")
_PERCENT = re.compile(rf"\s*{_NUMBER}\s*%\s*")
# No measurement comes near it, and every number below it is exact enough as a float.
_MOST = 10**15
_MOST_NS = _MOST * 1_000_000


class Unit(StrEnum):
    """What a budget is counted in; the value is the unit that leaves the library."""

    TIME = "ms"
    MONEY = "usd"
    SHARE = "share"
    COUNT = "calls"
    RATE = "tokens/s"


def read_limit(word: str, unit: Unit, value: object) -> Limit:
    """
    Return *value* in the exact form of its *unit*.

    Nanoseconds (int) for a time, ``Decimal`` USD for money, ``Fraction`` for a share between 0
    and 1 and for tokens per second, int for a count.

    Raises:
        BudgetError: The unit is missing or wrong, or the value negative, infinite, NaN or above
            anything that can be measured.
    """
    if isinstance(value, bool):
        raise _refused(word, unit, value)
    limit = _READERS[unit](word, value)
    if limit > (_MOST_NS if unit is Unit.TIME else _MOST):
        raise BudgetError(f"{word}: the limit is above anything that can be measured")
    return limit


_EXPECTED = {
    Unit.TIME: 'a time carries its unit, as in "800ms" or "2s" (or a timedelta)',
    Unit.MONEY: 'money carries its sign, as in "$0.002" or "$5"',
    Unit.SHARE: 'a share is a percentage such as "1%" or a number from 0 to 1 such as 0.01',
    Unit.COUNT: "a whole number of calls, 1 or more, is expected",
    Unit.RATE: "a number of tokens per second above 0 is expected, such as 30",
}


def _refused(word: str, unit: Unit, value: object) -> BudgetError:
    return BudgetError(f"{word}={value!r}: {_EXPECTED[unit]}")


def _read_time(word: str, value: object) -> int:
    if isinstance(value, timedelta):
        nanoseconds = (value // timedelta(microseconds=1)) * 1_000
    elif isinstance(value, str) and (found := _DURATION.fullmatch(value)):
        number, unit = found.groups()
        if unit not in _NS_PER_UNIT:
            raise _refused(word, Unit.TIME, value)
        nanoseconds = int(Fraction(number) * _NS_PER_UNIT[unit])
    elif bare := _plain(value):
        raise BudgetError(
            f'{word}={value!r} has no unit: write {word}="{bare}ms" or {word}="{bare}s"'
        )
    else:
        raise _refused(word, Unit.TIME, value)
    if nanoseconds <= 0:
        raise BudgetError(f"{word}={value!r}: a time limit must be above zero")
    return nanoseconds


def _read_money(word: str, value: object) -> Decimal:
    if isinstance(value, str) and (found := _MONEY.fullmatch(value)):
        return Decimal(found[1])
    if bare := _plain(value):
        raise BudgetError(
            f'{word}={value!r} has no currency: write {word}="${bare}", in US dollars'
        )
    raise _refused(word, Unit.MONEY, value)


def _plain(value: object) -> str:
    """Return a bare number as it is to be written before or after its unit; else nothing."""
    if isinstance(value, Decimal) and value.is_nan():  # a comparison would raise
        return ""
    if not isinstance(value, int | float | Decimal) or not 0 < value <= _MOST:
        return ""
    # Decimal's "f" never falls into exponents, which the readers would refuse.
    return f"{Decimal(str(value)):f}".removesuffix(".0")


def _read_share(word: str, value: object) -> Fraction:
    if isinstance(value, str) and (found := _PERCENT.fullmatch(value)):
        share = Fraction(found[1]) / 100
    elif isinstance(value, int | float) and 0 <= value <= 1:
        share = Fraction(str(value))
    else:
        raise _refused(word, Unit.SHARE, value)
    if share > 1:
        raise _refused(word, Unit.SHARE, value)
    return share


def _read_count(word: str, value: object) -> int:
    if not isinstance(value, int) or value < 1:
        raise _refused(word, Unit.COUNT, value)
    return value


def _read_rate(word: str, value: object) -> Fraction:
    if not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise _refused(word, Unit.RATE, value)
    return Fraction(str(value))


_READERS: dict[Unit, Callable[[str, object], Limit]] = {
    Unit.TIME: _read_time,
    Unit.MONEY: _read_money,
    Unit.SHARE: _read_share,
    Unit.COUNT: _read_count,
    Unit.RATE: _read_rate,
}
