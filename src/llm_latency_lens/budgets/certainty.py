"""Certainty: how sure a verdict must be, as the words of a mark ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from llm_latency_lens.errors import BudgetError

__all__ = ["PLAIN", "Certainty", "read_confidence", "read_on_inconclusive", "read_tolerance"]

_LEAST = Fraction(1, 2)
_MOST = Fraction(999_999, 1_000_000)
_CHOICES = ("pass", "fail")


@dataclass(frozen=True, slots=True)
class Certainty:
    """
    How sure a verdict must be.

    Attributes:
        confidence: At the limit itself a wrong answer comes at most once in ``1 / (1 -
            confidence)`` tests; None for plain verdicts, which are never in doubt.
        tolerance: A pass is proven against so many times the share that may be over.
        fails_unsettled: Whether a budget that is not settled fails its test.
    """

    confidence: Fraction | None = None
    tolerance: Fraction = Fraction(1)
    fails_unsettled: bool = False


PLAIN = Certainty()


def read_confidence(words: Mapping[str, Any]) -> Fraction | None:
    """
    Return the confidence of a mark; None where it has none.

    Raises:
        BudgetError: It is not from 0.5 to 0.999999.
    """
    value = words.get("confidence")
    if value is None:
        return None
    number = _exact(value)
    if number is None or not _LEAST <= number <= _MOST:
        hint = ""
        if number is not None and 1 < number < 100:  # noqa: PLR2004 - a percentage
            hint = f"; for {value} % write confidence={float(number / 100):g}"
        raise BudgetError(
            f"confidence={value!r}: a number from 0.5 to 0.999999 is expected, such as 0.95{hint}"
        )
    return number


def read_tolerance(words: Mapping[str, Any]) -> Fraction | None:
    """
    Return the tolerance of a mark; None where it has none.

    Raises:
        BudgetError: It is no number of 1 or more.
    """
    value = words.get("tolerance")
    if value is None:
        return None
    number = _exact(value)
    if number is None or number < 1:
        raise BudgetError(
            f"tolerance={value!r}: a number of 1 or more is expected; 2 proves a pass against "
            "twice the share that may be over"
        )
    return number


def read_on_inconclusive(words: Mapping[str, Any]) -> str | None:
    """
    Return what a mark makes of a budget that is not settled; None where it does not say.

    Raises:
        BudgetError: It is neither ``"pass"`` nor ``"fail"``.
    """
    value = words.get("on_inconclusive")
    if value is not None and value not in _CHOICES:
        raise BudgetError(f'on_inconclusive={value!r}: "pass" or "fail" is expected')
    return value


def _exact(value: object) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        return None
    try:
        return Fraction(str(value))
    except ValueError:  # infinite or no number at all
        return None
