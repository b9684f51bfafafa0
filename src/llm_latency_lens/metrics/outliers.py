"""Outliers: values far from the others, by their place; to be looked at, never to be dropped."""

from collections.abc import Sequence

from llm_latency_lens.metrics.quantiles import rank

__all__ = ["outliers"]

_LOWER, _UPPER = "0.25", "0.75"
# Tukey (Exploratory Data Analysis, 1977): one step and a half beyond the quartiles.
_STEPS = 1.5


def outliers(values: Sequence[int | None]) -> tuple[int, ...]:
    """
    Return the places of the values beyond Tukey's fences, in ascending order.

    The fences stand 1.5 times the range between the quartiles (nearest rank) below the lower
    and above the upper one. None, as of a failed call, is neither near nor far.
    """
    known = sorted(value for value in values if value is not None)
    if not known:
        return ()
    low, high = (known[rank(quarter, len(known)) - 1] for quarter in (_LOWER, _UPPER))
    step = _STEPS * (high - low)
    return tuple(
        place
        for place, value in enumerate(values)
        if value is not None and not low - step <= value <= high + step
    )
