"""Means: how likely a mean this far above its limit is, if the true one is at the limit."""

import math

from llm_latency_lens.verdicts.binomial import incomplete_beta

__all__ = ["mean_chance"]


def mean_chance(excess: float, stddev: float, n: int) -> float:
    """
    Return the one-sided p-value of Student's t test: the chance of a mean so far above.

    Args:
        excess: Mean minus limit.
        stddev: Sample standard deviation (n - 1), in the same unit.
        n: Number of values, 2 or more; they are taken as independent.

    Raises:
        ValueError: There are fewer than two values.
    """
    if n < 2:  # noqa: PLR2004 - one value has no spread
        raise ValueError(f"{n} values: two or more are needed")
    degrees = n - 1
    t = excess / stddev * math.sqrt(n) if stddev else math.copysign(math.inf, excess)
    # P(|T| >= |t|) is I_x(degrees / 2, 1 / 2) (DLMF 8.17).
    x = degrees / (degrees + t * t)
    if excess == 0 or x == 1:
        return 0.5
    both = incomplete_beta(degrees / 2, 0.5, x) if x else 0.0
    return both / 2 if t > 0 else 1 - both / 2
