"""Views: the numbers of an aggregate in the units that leave the library."""

import math
from collections.abc import Callable
from fractions import Fraction

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.metrics import Aggregate, Distribution, histogram
from llm_latency_lens.results.reading import Reading

__all__ = ["ReliabilityView", "TimesView"]

_NS_PER_MS = 1_000_000
_P50, _P75, _P90, _P95, _P99 = (Fraction(percent, 100) for percent in (50, 75, 90, 95, 99))


class TimesView:
    """
    One time metric in milliseconds.

    Percentiles are nearest rank over all values, failed calls counted as infinite
    (``math.inf``); mean, stddev, min and max are over the successful ones. Each raises
    :class:`EmptyAggregate` when there is nothing to read, so that no assert passes on nothing.
    """

    def __init__(self, name: str, distribution: Distribution, why_empty: str) -> None:
        self._name = name
        self._distribution = distribution
        self._why_empty = why_empty

    def __repr__(self) -> str:
        return f"<{self._name}: n={self.n}, failed={self.failed}>"

    @property
    def n(self) -> int:
        """Number of values, failed calls included."""
        return self._distribution.n

    @property
    def failed(self) -> int:
        """Number of failed calls among them."""
        return self._distribution.infinite

    def quantile(self, q: float) -> Reading:
        """Return the value of nearest rank ``ceil(q n)``, 0 < q <= 1."""
        return self._quantile(f"quantile({q})", q)

    @property
    def median(self) -> Reading:
        """The 50th percentile."""
        return self._quantile("median", _P50)

    @property
    def p50(self) -> Reading:
        """The 50th percentile."""
        return self._quantile("p50", _P50)

    @property
    def p75(self) -> Reading:
        """The 75th percentile."""
        return self._quantile("p75", _P75)

    @property
    def p90(self) -> Reading:
        """The 90th percentile."""
        return self._quantile("p90", _P90)

    @property
    def p95(self) -> Reading:
        """The 95th percentile."""
        return self._quantile("p95", _P95)

    @property
    def p99(self) -> Reading:
        """The 99th percentile."""
        return self._quantile("p99", _P99)

    @property
    def mean(self) -> Reading:
        """Mean of the successful calls."""
        return self._of_finite("mean", lambda: self._distribution.mean)

    @property
    def stddev(self) -> Reading:
        """Standard deviation (n - 1) of the successful calls; at least two are needed."""
        return self._of_finite("stddev", lambda: self._distribution.stddev)

    @property
    def min(self) -> Reading:
        """The fastest successful call."""
        return self._of_finite("min", lambda: self._distribution.minimum)

    @property
    def max(self) -> Reading:
        """The slowest successful call."""
        return self._of_finite("max", lambda: self._distribution.maximum)

    @property
    def histogram(self) -> tuple[tuple[float, float, int], ...]:
        """Buckets of the successful calls: from (inclusive) and to in milliseconds, count."""
        return tuple(
            (lower / _NS_PER_MS, upper / _NS_PER_MS, count)
            for lower, upper, count in histogram(self._distribution)
        )

    def _quantile(self, name: str, q: Fraction | float) -> Reading:
        self._refuse_empty(name)
        value = self._distribution.quantile(q)
        return self._reading(name, math.inf if value is None else value)

    def _of_finite(self, name: str, read: Callable[[], float | None]) -> Reading:
        self._refuse_empty(name)
        value = read()
        if value is None:
            raise EmptyAggregate(f"{self._name}.{name}: too few successful calls (n={self.n})")
        return self._reading(name, value)

    def _reading(self, name: str, nanoseconds: float) -> Reading:
        failed = f", {self.failed} failed" if self.failed else ""
        return Reading(
            nanoseconds / _NS_PER_MS, f"{self._name}.{name}", "ms", f"n={self.n}{failed}"
        )

    def _refuse_empty(self, name: str) -> None:
        if not self.n:
            raise EmptyAggregate(f"{self._name}.{name} has no value: {self._why_empty}")


class ReliabilityView:
    """Shares of calls or attempts, from 0 to 1; what was cancelled is in none of them."""

    def __init__(self, aggregate: Aggregate) -> None:
        self._aggregate = aggregate

    @property
    def success_rate(self) -> Reading:
        """Share of calls that ended well."""
        return self._reading("success_rate", self._aggregate.success_rate)

    @property
    def error_rate(self) -> Reading:
        """Share of calls that failed in any way."""
        return self._reading("error_rate", self._aggregate.error_rate)

    @property
    def timeout_rate(self) -> Reading:
        """Share of calls that timed out."""
        return self._reading("timeout_rate", self._aggregate.timeout_rate)

    @property
    def attempt_error_rate(self) -> Reading:
        """Share of attempts that failed, those that a retry made good included."""
        return Reading(
            self._aggregate.attempt_error_rate,
            "reliability.attempt_error_rate",
            "",
            f"n={self._aggregate.judged_attempts}",
        )

    @property
    def errors_by_type(self) -> dict[str, int]:
        """Number of failed calls of each type."""
        return dict(self._aggregate.errors_by_type)

    @property
    def retries(self) -> int:
        """Attempts beyond the first, over all calls."""
        return self._aggregate.retries

    def _reading(self, name: str, share: float) -> Reading:
        return Reading(share, f"reliability.{name}", "", f"n={self._aggregate.judged}")
