"""
Schedules: when the next call starts.

An open loop fixes the starts up front, whatever becomes of the calls: users do not wait for each
other. Its latency counts from the intended start, so that a provider that stalls is charged for
the calls that it kept waiting (coordinated omission). A closed loop starts a call when another one
ends; it cannot see that, and says so in its label.

An open-loop schedule is a callable without arguments that yields intended starts in nanoseconds
from the beginning of the run, ascending.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from llm_latency_lens.errors import UsageError

__all__ = [
    "Adaptive",
    "Arrivals",
    "AtConcurrency",
    "ConstantRate",
    "PoissonArrivals",
    "Ramp",
    "Schedule",
]

_NS_PER_S = 1_000_000_000
_MOST_CONCURRENT = 10_000

Arrivals = Callable[[], Iterator[int]]
"""An open-loop schedule: yields intended starts in nanoseconds, ascending, without end."""


@dataclass(frozen=True, slots=True)
class AtConcurrency:
    """A closed loop: *concurrency* calls in progress, each starting when another ends."""

    concurrency: int = 1

    def __post_init__(self) -> None:
        _refuse_count("concurrency", self.concurrency)

    def __str__(self) -> str:
        return f"closed loop, concurrency {self.concurrency}"


@dataclass(frozen=True, slots=True)
class Adaptive:
    """
    A closed loop that looks for its own concurrency.

    It grows until throughput stops growing or the provider limits the rate.

    Attributes:
        start: Calls in progress at the beginning.
        lowest: Fewest calls in progress.
        highest: Most calls in progress.
    """

    start: int = 4
    lowest: int = 1
    highest: int = 200

    def __post_init__(self) -> None:
        for name in ("start", "lowest", "highest"):
            _refuse_count(name, getattr(self, name))
        if not self.lowest <= self.start <= self.highest:
            raise UsageError(
                f"concurrency from {self.lowest} to {self.highest} cannot start at {self.start}"
            )

    def __str__(self) -> str:
        return f"closed loop, concurrency adapted between {self.lowest} and {self.highest}"


@dataclass(frozen=True, slots=True)
class ConstantRate:
    """An open loop at an even rate."""

    per_second: float

    def __post_init__(self) -> None:
        _refuse_rate("rate", self.per_second)

    def __str__(self) -> str:
        return f"open loop, {self.per_second:g}/s"

    def __call__(self) -> Iterator[int]:
        """Yield the intended starts."""
        number = 0
        while True:
            yield round(number * _NS_PER_S / self.per_second)
            number += 1


@dataclass(frozen=True, slots=True)
class PoissonArrivals:
    """An open loop of callers who know nothing of each other: exponential gaps."""

    per_second: float
    seed: int = 0

    def __post_init__(self) -> None:
        _refuse_rate("rate", self.per_second)

    def __str__(self) -> str:
        return f"open loop, Poisson {self.per_second:g}/s"

    def __call__(self) -> Iterator[int]:
        """Yield the intended starts; the same ones for the same seed."""
        random = Random(self.seed)  # noqa: S311 - arrivals, no secrets
        at_s = 0.0
        while True:
            yield round(at_s * _NS_PER_S)
            at_s += random.expovariate(self.per_second)


@dataclass(frozen=True, slots=True)
class Ramp:
    """An open loop whose rate changes evenly from one to another, and stays there."""

    from_per_second: float
    to_per_second: float
    over_s: float

    def __post_init__(self) -> None:
        for name in ("from_per_second", "to_per_second", "over_s"):
            _refuse_rate(f"ramp.{name}", getattr(self, name))

    def __str__(self) -> str:
        return (
            f"open loop, {self.from_per_second:g}/s to {self.to_per_second:g}/s "
            f"over {self.over_s:g} s"
        )

    def __call__(self) -> Iterator[int]:
        """Yield the intended starts: call *n* is due when the rate has added up to *n*."""
        first, last = self.from_per_second, self.to_per_second
        growth = (last - first) / self.over_s
        in_ramp = (first + last) / 2 * self.over_s
        number = 0
        while True:
            if number >= in_ramp:
                at_s = self.over_s + (number - in_ramp) / last
            else:
                # The root of first * t + growth * t**2 / 2 = number, in the form that does not
                # divide by a growth of zero.
                at_s = 2 * number / (first + math.sqrt(first * first + 2 * growth * number))
            yield round(at_s * _NS_PER_S)
            number += 1


Schedule = AtConcurrency | Adaptive | Arrivals


def _refuse_count(name: str, value: object) -> None:
    is_count = isinstance(value, int) and not isinstance(value, bool)
    if not is_count or not 1 <= value <= _MOST_CONCURRENT:  # type: ignore[operator]
        raise UsageError(
            f"{name}={value!r}: a whole number from 1 to {_MOST_CONCURRENT} is expected"
        )


def _refuse_rate(name: str, value: object) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value < math.inf:  # type: ignore[operator]
        raise UsageError(f"{name}={value!r}: a number above 0 is expected")
