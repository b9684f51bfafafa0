"""
The values of one metric, failed calls counted as infinite: exact, and mergeable in any order.

Up to ``EXACT`` finite values all are kept. Beyond, a table of counts stands for them, whose
quantiles are off by 0.4 % at most. Which of the two it is depends on the number of values alone
and the table on the values alone, so parts that are merged, in whatever order and grouping, end
as the very same value.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from operator import mul

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.metrics.quantiles import rank
from llm_latency_lens.metrics.table import Table

__all__ = ["EXACT", "Distribution"]

EXACT = 10_000
_AT_ONCE = 8 * EXACT

_MEDIAN = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Distribution:
    """
    The values of one metric, integers of one unit (here always nanoseconds).

    A call that failed is an infinite value: it has its place in every quantile and count, but
    none in mean, standard deviation, minimum and maximum, which speak of the ``finite`` values
    only. A call to which the metric does not apply is in neither.

    Number, sum, mean, standard deviation, minimum and maximum are exact at any size. So is the
    count over each limit that was named before recording; a verdict needs no more.

    Make one with :meth:`of`; the constructor takes its values as sorted already.

    Attributes:
        values: The finite values in ascending order; none where the table stands for them.
        infinite: Number of infinite values.
        table: More than ``EXACT`` finite values; else None.
        counted: Each limit that was named, ascending, and the number of finite values above it.
    """

    values: tuple[int, ...] = ()
    infinite: int = 0
    table: Table | None = None
    counted: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(
        cls,
        values: Iterable[int],
        infinite: int = 0,
        limits: Iterable[Fraction | int] = (),
    ) -> "Distribution":
        """
        Return the distribution of *values*, in any order, and *infinite* failed calls.

        Values are taken as they come, some ten thousand at a time. For each of *limits* the
        values above it are counted exactly, however many there are.
        """
        source = iter(values)
        plain = tuple(sorted({math.floor(limit) for limit in limits}))
        few = list(islice(source, _AT_ONCE))
        if len(few) <= EXACT:
            few.sort()
            return _of_few(few, infinite, plain)
        whole = cls((), infinite, Table.of(few), _above(plain, few))
        while few := list(islice(source, _AT_ONCE)):
            whole = whole.merge(cls((), 0, Table.of(few), _above(plain, few)))
        return whole

    def merge(self, other: "Distribution") -> "Distribution":
        """
        Return the distribution of the values of both.

        Associative and commutative, to the last byte.

        Raises:
            ValueError: The two were counted over different limits. Nothing at all goes with
                everything.
        """
        nothing = Distribution()
        if nothing in (self, other):
            return other if self == nothing else self
        infinite = self.infinite + other.infinite
        counted = _add(self.counted, other.counted)
        if self.finite + other.finite <= EXACT:
            # Sorting finds the two ascending runs and merges them in linear time.
            values = tuple(sorted(self.values + other.values))
            return Distribution(values, infinite, counted=counted)
        tables = [one.table or Table.of(one.values) for one in (self, other) if one.finite]
        table = tables[0].merge(tables[1]) if len(tables) > 1 else tables[0]
        return Distribution((), infinite, table, counted)

    @property
    def n(self) -> int:
        """Number of values, infinite ones included."""
        return self.finite + self.infinite

    @property
    def finite(self) -> int:
        """Number of finite values."""
        return self.table.n if self.table else len(self.values)

    @property
    def total(self) -> int:
        """Exact sum of the finite values; 0 when there is none."""
        return self.table.total if self.table else sum(self.values)

    def ascending(self) -> Iterator[tuple[int, int]]:
        """Yield (value, count) of the finite values; beyond ``EXACT`` to within 0.4 %."""
        return self.table.counted() if self.table else ((one, 1) for one in self.values)

    def quantile(self, q: Fraction | str | float) -> int | None:
        """
        Return the value of nearest rank at quantile *q*; None where that one is infinite.

        Exact up to ``EXACT`` finite values, beyond that to within 0.4 %.

        Raises:
            EmptyAggregate: There is no value at all.
            ValueError: *q* is not above 0 and at most 1.
        """
        return self.at(rank(q, self.n))

    def at(self, place: int) -> int | None:
        """
        Return the value at a rank, from 1 to ``n``; None where that one is infinite.

        Exact up to ``EXACT`` finite values, beyond that to within 0.4 %.

        Raises:
            IndexError: There is no such rank.
        """
        if not 1 <= place <= self.n:
            raise IndexError(f"rank {place} is not from 1 to {self.n}")
        if place > self.finite:
            return None
        return self.table.value(place) if self.table else self.values[place - 1]

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

        Computed from integer sums, so the rounding to a float is the only one, and no order of
        adding shows in it as it does in Welford's and Chan's running moments.
        """
        n = self.finite
        if n < 2:  # noqa: PLR2004 - the divisor is n - 1
            return None
        squares = self.table.squares if self.table else sum(map(mul, self.values, self.values))
        return math.sqrt(Fraction(n * squares - self.total**2, n * (n - 1)))

    @property
    def minimum(self) -> int | None:
        """
        Smallest finite value; None when all are infinite.

        Raises:
            EmptyAggregate: There is no value at all.
        """
        if not self._has_finite("minimum"):
            return None
        return self.table.minimum if self.table else self.values[0]

    @property
    def maximum(self) -> int | None:
        """
        Largest finite value; None when all are infinite.

        Raises:
            EmptyAggregate: There is no value at all.
        """
        if not self._has_finite("maximum"):
            return None
        return self.table.maximum if self.table else self.values[-1]

    def over(self, limit: Fraction | float) -> int:
        """
        Return the number of values strictly above *limit*, infinite ones included.

        A rate is judged here too: at least r tokens a second is at most ``1e9 / r`` ns a token.
        Give such a limit as a Fraction; it is compared exactly.

        Raises:
            ValueError: There are more than ``EXACT`` finite values and the limit was not named
                before they were recorded: the table alone would have to guess.
        """
        if self.table is None:
            return self.n - bisect_right(self.values, limit)
        if limit < self.table.minimum:
            return self.n
        if limit >= self.table.maximum:
            return self.infinite
        for named, above in self.counted:
            if named == math.floor(limit):
                return above + self.infinite
        raise ValueError(
            f"the values above {limit} were not counted when {self.n} of them were recorded: "
            "name the limit as one of limits="
        )

    def _has_finite(self, statistic: str) -> bool:
        if self.n == 0:
            raise EmptyAggregate(f"no value, so no {statistic}")
        return self.finite > 0


def _above(limits: tuple[int, ...], values: list[int]) -> tuple[tuple[int, int], ...]:
    return tuple((limit, sum(map(limit.__lt__, values))) for limit in limits)


def _of_few(ascending: list[int], infinite: int, limits: tuple[int, ...]) -> Distribution:
    n = len(ascending)
    counted = tuple((limit, n - bisect_right(ascending, limit)) for limit in limits)
    return Distribution(tuple(ascending), infinite, counted=counted)


def _add(
    one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    limits = [limit for limit, _ in one]
    if limits != [limit for limit, _ in other]:
        raise ValueError(
            "distributions that were counted over different limits do not merge: "
            f"{limits} and {[limit for limit, _ in other]}"
        )
    return tuple((limit, above + dict(other)[limit]) for limit, above in one)
