"""
Tables: very many values in cells that grow with the values, and their exact sums.

The layout is that of HdrHistogram (Gil Tene): between a power of two and the next lie 128 cells
of one width, and below 256 each integer has its own. What stands for a cell is its middle, which
is off by 1/256 of a value at most, 0.4 %.
"""

import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import mul

__all__ = ["Table"]

_BITS = 7  # 2^7 cells an octave
_OWN = _BITS + 1  # integers of so many bits have a cell of their own
# A double: sign, 11 bits of exponent, 52 of which the first _BITS choose the cell. Its upper three
# bytes hold all of these and five bits more.
_FIRST_SHARED = 1 << _OWN
_EXACT_IN_DOUBLE = 1 << 53
_BYTES_OF_HEAD = 4
_LEFT_OVER = 5
_LEADING = bytes(byte >> _LEFT_OVER << _LEFT_OVER for byte in range(256))
_BIAS = 1023 + _BITS - 1 << _BITS


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
        smallest, largest = min(values), max(values)
        if smallest >= _FIRST_SHARED and largest < _EXACT_IN_DOUBLE and sys.byteorder == "little":
            counts = _counted(values)
        else:
            counts = Counter(_cell(one) if one >= 0 else -_cell(-one) for one in values)
        return cls(
            n=len(values),
            total=sum(values),
            squares=sum(map(mul, values, values)),
            minimum=smallest,
            maximum=largest,
            cells=tuple(sorted(counts.items())),
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


def _counted(values: Sequence[int]) -> dict[int, int]:
    """
    Return the number of values in each cell, as :func:`_cell` has it, for values from 256 on.

    A double has exponent and leading bits of its value side by side, which is the index of the
    cell but for a constant. So bytes are cut out of an array of doubles, without a look at each.
    """
    doubles = array("d", values).tobytes()
    heads = bytearray(_BYTES_OF_HEAD * len(values))
    heads[0::_BYTES_OF_HEAD] = doubles[5::8].translate(_LEADING)
    heads[1::_BYTES_OF_HEAD] = doubles[6::8]
    heads[2::_BYTES_OF_HEAD] = doubles[7::8]
    return {
        (head >> _LEFT_OVER) - _BIAS: count
        for head, count in Counter(memoryview(heads).cast("I")).items()
    }


def _cell(value: int) -> int:
    """Return the index of the cell of a value that is not negative."""
    shift = max(value.bit_length() - _OWN, 0)
    return (value >> shift) + (shift << _BITS)


def _middle(index: int) -> int:
    """Return the middle of a cell: the inverse of :func:`_cell`, as far as there is one."""
    shift = max((index >> _BITS) - 1, 0)
    return (index - (shift << _BITS) << shift) + (1 << shift >> 1)
