"""Outliers: which of a list of values stand far outside the others."""

from collections.abc import Sequence

from llm_latency_lens.metrics.quantiles import rank

__all__ = ["outliers"]


def outliers(values: Sequence[int]) -> tuple[int, ...]:
    """
    Return the indexes of the values beyond Tukey's fences, ascending.

    The fences are 1.5 interquartile ranges below the first and above the third quartile, both by
    nearest rank; a value on a fence is no outlier. Of fewer than four values none is.
    (J. W. Tukey, "Exploratory Data Analysis", 1977.)
    """
    if len(values) < 4:  # noqa: PLR2004 - quartiles of fewer say nothing
        return ()
    ordered = sorted(values)
    first = ordered[rank("0.25", len(ordered)) - 1]
    third = ordered[rank("0.75", len(ordered)) - 1]
    # Twice everything, so that halves stay whole numbers.
    lowest, highest = 5 * first - 3 * third, 5 * third - 3 * first
    return tuple(index for index, value in enumerate(values) if not lowest <= 2 * value <= highest)
