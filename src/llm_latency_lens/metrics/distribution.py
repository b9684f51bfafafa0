"""Every value of one metric: exact, mergeable, with failed calls counted as infinite."""

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.metrics.quantiles import rank

__all__ = ["Distribution"]

_MEDIAN = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Distribution:
    """
    The values of one metric, integers of one unit (here always nanoseconds).

    A call that failed is an infinite value: it has its place in every quantile and count, but
    none in mean, standard deviation, minimum and maximum, which speak of the ``finite`` values
    only. A call to which the metric does not apply is in neither.

    Make one with :meth:`of`; the constructor takes its values as sorted already.

    Attributes:
        values: The finite values in ascending order.
        infinite: Number of infinite values.
    """

    values: tuple[int, ...] = ()
    infinite: int = 0

    @classmethod
    def of(cls, values: Iterable[int], infinite: int = 0) -> "Distribution":
        """Return the distribution of *values*, in any order, and *infinite* failed calls."""
        return cls(tuple(sorted(values)), infinite)

    def merge(self, other: "Distribution") -> "Distribution":
        """Return the distribution of the values of both."""
        # Sorting finds the two ascending runs and merges them in linear time.
        return Distribution.of(self.values + other.values, self.infinite + other.infinite)

    @property
    def n(self) -> int:
        """Number of values, infinite ones included."""
        return len(self.values) + self.infinite

    @property
    def finite(self) -> int:
        """Number of finite values."""
        return len(self.values)

    @property
    def total(self) -> int:
        """Exact sum of the finite values; 0 when there is none."""
        return sum(self.values)

    def quantile(self, q: Fraction | str | float) -> int | None:
        """
        Return the value of nearest rank at quantile *q*; None where that one is infinite.

        Raises:
            EmptyAggregate: There is no value at all.
            ValueError: *q* is not above 0 and at most 1.
        """
        return self.at(rank(q, self.n))

    def at(self, place: int) -> int | None:
        """
        Return the value at a rank, from 1 to ``n``; None where that one is infinite.

        Raises:
            IndexError: There is no such rank.
        """
        if not 1 <= place <= self.n:
            raise IndexError(f"rank {place} is not from 1 to {self.n}")
        return self.values[place - 1] if place <= self.finite else None

    @property
    def median(self) -> int | None:
        """
        Quantile 1/2 by nearest rank; None where that one is infinite.

        Raises:
            EmptyAggregate: There is no value at all.
        """
        return self.quantile(_MEDIAN)

    @property
    def mean(self) -> float | None:
        """
        Arithmetic mean of the finite values; None when all are infinite.

        Raises:
            EmptyAggregate: There is no value at all.
        """
        return self.total / self.finite if self._has_finite("mean") else None

    @property
    def stddev(self) -> float | None:
        """
        Sample standard deviation (n - 1) of the finite values; None with fewer than two.

        Computed from integer sums, so the rounding to a float is the only one.
        """
        n = self.finite
        if n < 2:  # noqa: PLR2004 - the divisor is n - 1
            return None
        squares = sum(value * value for value in self.values)
        return math.sqrt(Fraction(n * squares - self.total**2, n * (n - 1)))

    @property
    def minimum(self) -> int | None:
        """
        Smallest finite value; None when all are infinite.

        Raises:
            EmptyAggregate: There is no value at all.
        """
        return self.values[0] if self._has_finite("minimum") else None

    @property
    def maximum(self) -> int | None:
        """
        Largest finite value; None when all are infinite.

        Raises:
            EmptyAggregate: There is no value at all.
        """
        return self.values[-1] if self._has_finite("maximum") else None

    def over(self, limit: Fraction | float) -> int:
        """
        Return the number of values strictly above *limit*, infinite ones included.

        A rate is judged here too: at least r tokens a second is at most ``1e9 / r`` ns a token.
        Give such a limit as a Fraction; it is compared exactly.
        """
        return self.n - bisect_right(self.values, limit)

    def _has_finite(self, statistic: str) -> bool:
        if self.n == 0:
            raise EmptyAggregate(f"no value, so no {statistic}")
        return bool(self.values)
