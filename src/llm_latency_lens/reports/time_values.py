"""Time values: one time metric as plain JSON values, in milliseconds."""

from typing import Any

from llm_latency_lens.metrics import Distribution
from llm_latency_lens.verdicts import harrell_davis, interval_ranks

__all__ = ["milliseconds", "time_values"]

_NS_PER_MS = 1_000_000
_QUANTILES = {"p50": "0.5", "p75": "0.75", "p90": "0.9", "p95": "0.95", "p99": "0.99"}


def time_values(times: Distribution) -> dict[str, Any] | None:
    """Return every number of a metric; None where it has no value at all."""
    if not times.n:
        return None
    return {
        "n": times.n,
        "failed": times.infinite,
        "mean": milliseconds(times.mean),
        "stddev": milliseconds(times.stddev),
        "min": milliseconds(times.minimum),
        "max": milliseconds(times.maximum),
        **{name: milliseconds(times.quantile(q)) for name, q in _QUANTILES.items()},
        "intervals_95": {name: _interval(times, q) for name, q in _QUANTILES.items()},
        # A mean of all values has no end if one of them has none, and needs them one by one.
        "harrell_davis": None
        if times.infinite or times.table
        else {name: milliseconds(harrell_davis(q, times.values)) for name, q in _QUANTILES.items()},
    }


def milliseconds(nanoseconds: float | None) -> float | None:
    """Return a time in the unit of reports; None stays None."""
    return None if nanoseconds is None else round(nanoseconds / _NS_PER_MS, 6)


def _interval(times: Distribution, q: str) -> list[float | None]:
    ends = interval_ranks(q, times.n)
    return [None if end is None else milliseconds(times.at(end)) for end in ends]
