"""
Tables: very many values in cells that grow with the values, and their exact sums.

The layout is that of HdrHistogram (Gil Tene): between a power of two and the next lie 128 cells
of one width, and below 256 each integer has its own. What stands for a cell is its middle, which
is off by 1/256 of a value at most, 0.4 %.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import mul

__all__ = ["Table"]

_BITS = 7  # 2^7 cells an octave
_OWN = _BITS + 1  # integers of so many bits have a cell of their own


@dataclass(frozen=True, slots=True)
class Table:
    """
    One value or more, as counts; a function of the values, in whatever order they came.

    Attributes:
        n: Number of values.
        total: Their exact sum.
        squares: The exact sum of their squares.
        minimum: The smallest value.
        maximum: The largest value.
        cells: Index and count of each cell that holds a value, in ascending order.
    """

    n: int
    total: int
    squares: int
    minimum: int
    maximum: int
    cells: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, values: Sequence[int]) -> "Table":
        """Return the table of *values*, of which there is one at least."""
        smallest = min(values)
        if smallest < 0:
            indices = [_cell(one) if one >= 0 else -_cell(-one) for one in values]
        else:
            # As _cell has it, without the call: this is the inner loop of recording.
            indices = [
                (one >> shift) + (shift << _BITS) if (shift := one.bit_length() - _OWN) > 0 else one
                for one in values
            ]
        return cls(
            n=len(values),
            total=sum(values),
            squares=sum(map(mul, values, values)),
            minimum=smallest,
            maximum=max(values),
            cells=tuple(sorted(Counter(indices).items())),
        )

    def merge(self, other: "Table") -> "Table":
        """Return the table of the values of both."""
        counts = dict(self.cells)
        for index, count in other.cells:
            counts[index] = counts.get(index, 0) + count
        return Table(
            n=self.n + other.n,
            total=self.total + other.total,
            squares=self.squares + other.squares,
            minimum=min(self.minimum, other.minimum),
            maximum=max(self.maximum, other.maximum),
            cells=tuple(sorted(counts.items())),
        )

    def value(self, rank: int) -> int:
        """
        Return the value of *rank*, from 1 to ``n``, to within 0.4 %.

        The first and the last are exact.
        """
        if rank == self.n:
            return self.maximum
        seen, cells = 0, self.counted()
        value, count = next(cells)
        while (seen := seen + count) < rank:
            value, count = next(cells)
        return self.minimum if rank == 1 else value

    def counted(self) -> Iterator[tuple[int, int]]:
        """Yield (value, count) of each cell in ascending order, the value to within 0.4 %."""
        for index, count in self.cells:
            middle = _middle(index) if index >= 0 else -_middle(-index)
            yield min(max(middle, self.minimum), self.maximum), count


def _cell(value: int) -> int:
    """Return the index of the cell of a value that is not negative."""
    shift = max(value.bit_length() - _OWN, 0)
    return (value >> shift) + (shift << _BITS)


def _middle(index: int) -> int:
    """Return the middle of a cell: the inverse of :func:`_cell`, as far as there is one."""
    shift = max((index >> _BITS) - 1, 0)
    return (index - (shift << _BITS) << shift) + (1 << shift >> 1)
