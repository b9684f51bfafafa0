"""Rules by what they are to answer: compiled once, then remembered here and on disk."""

from fractions import Fraction
from functools import lru_cache

from llm_latency_lens.verdicts import wang_tsiatis
from llm_latency_lens.verdicts.plain import allowed
from llm_latency_lens.verdicts.rule import Rule
from llm_latency_lens.verdicts.rule_files import RuleFiles

__all__ = ["curtailed", "runs_to_pass", "sequential"]

_HALF = Fraction(1, 2)
_Number = Fraction | str | float


def sequential(q: _Number, confidence: _Number, n_max: int, tolerance: _Number = 1) -> Rule:
    """
    Return the rule that may settle quantile *q* after each of *n_max* calls.

    At the share of calls over the limit that *q* allows, it settles as fail with a probability
    of at most ``1 - confidence``, and as pass with at most the same; see
    :mod:`llm_latency_lens.verdicts.wang_tsiatis`. A second call with the same arguments costs
    nothing, in another process the reading of a small file.

    Args:
        q: The quantile; ``1 - q`` is the share that may be over, as for an error rate.
        confidence: From 0.5 to below 1.
        n_max: The most calls that will be made.
        tolerance: Prove a pass against so many times the share that may be over; 1 or more.

    Raises:
        ValueError: An argument is out of its range.
    """
    key = _checked(q, confidence, tolerance)
    if n_max < 1:
        raise ValueError(f"n_max {n_max}: one call is the least")
    return _remembered(*key, n_max)


def curtailed(q: _Number, n_max: int) -> Rule:
    """
    Return the plain rule as arrays: it settles when no further call can change its answer.

    After *n_max* calls it says the same as :func:`llm_latency_lens.verdicts.plain`.

    Raises:
        EmptyAggregate: *n_max* is zero.
        ValueError: *q* is not above 0 and at most 1.
    """
    may_be_over = allowed(q, n_max)
    return Rule(
        fail_at=(may_be_over + 1,) * (n_max + 1),
        pass_at=tuple(max(may_be_over - left, -1) for left in range(n_max, -1, -1)),
    )


def runs_to_pass(q: _Number, confidence: _Number, k: int = 0, tolerance: _Number = 1) -> int:
    """
    Return the smallest *n_max* at which the sequential rule can pass with *k* over the limit.

    Raises:
        ValueError: An argument is out of its range.
    """
    return _least(*_checked(q, confidence, tolerance), k)


@lru_cache(maxsize=256)
def _remembered(q: Fraction, confidence: Fraction, tolerance: Fraction, n_max: int) -> Rule:
    files = RuleFiles()
    key = f"{q} {confidence} {tolerance} {n_max}".replace("/", "-")
    found = files.read(key, n_max)
    if found is None:
        found = wang_tsiatis.compile_rule(q, confidence, n_max, tolerance)
        files.write(key, found)
    return found


@lru_cache(maxsize=256)
def _least(q: Fraction, confidence: Fraction, tolerance: Fraction, k: int) -> int:
    return wang_tsiatis.runs_to_pass(q, confidence, tolerance, k)


def _checked(
    q: _Number, confidence: _Number, tolerance: _Number
) -> tuple[Fraction, Fraction, Fraction]:
    quantile, sure, times = (Fraction(str(one)) for one in (q, confidence, tolerance))
    if not 0 < quantile < 1:
        raise ValueError(f"quantile {q} is not between 0 and 1")
    if not _HALF <= sure < 1:
        raise ValueError(f"confidence {confidence} is not from 0.5 to below 1")
    if times < 1 or times * (1 - quantile) >= 1:
        raise ValueError(
            f"tolerance {tolerance}: {tolerance} times the share that quantile {q} allows is not "
            "from that share to below 1"
        )
    return quantile, sure, times
