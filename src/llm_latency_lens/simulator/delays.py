"""
Delays of a script: how long the simulated provider waits, drawn from a seeded source.

A delay is a value; it holds no position and no random state, so the same request of the same
script waits equally long in every run. Times are integer nanoseconds.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from llm_latency_lens.errors import ConfigurationError

__all__ = [
    "Bimodal",
    "Constant",
    "Delay",
    "Listed",
    "Lognormal",
    "read_delay",
    "read_duration_ns",
]

_NS_PER_UNIT = {"us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-zµ]+)\s*")
_LONGEST_NS = 24 * 3600 * 1_000_000_000
_WIDEST_SIGMA = 5.0
_EXPECTED = (
    'expected milliseconds (20), a duration ("20ms", "0.5s"), {"constant": 20}, '
    '{"lognormal": {"median": 20, "sigma": 0.5}}, '
    '{"bimodal": {"fast": 20, "slow": 900, "slow_share": 0.05}} or {"list": [20, 30]}'
)


@dataclass(frozen=True, slots=True)
class Constant:
    """The same delay every time."""

    value_ns: int

    def draw_ns(self, position: int, random: Random) -> int:  # noqa: ARG002 - one shape for all
        """Return the delay."""
        return self.value_ns


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Delays whose logarithm is normal: most near the median, a long tail to the right."""

    median_ns: int
    sigma: float

    def draw_ns(self, position: int, random: Random) -> int:  # noqa: ARG002 - one shape for all
        """Return one draw, never above a day."""
        return min(_LONGEST_NS, round(self.median_ns * math.exp(self.sigma * random.gauss())))


@dataclass(frozen=True, slots=True)
class Bimodal:
    """Fast most of the time, slow with the given share: a cold cache, a queue."""

    fast_ns: int
    slow_ns: int
    slow_share: float

    def draw_ns(self, position: int, random: Random) -> int:  # noqa: ARG002 - one shape for all
        """Return the fast or the slow delay."""
        return self.slow_ns if random.random() < self.slow_share else self.fast_ns


@dataclass(frozen=True, slots=True)
class Listed:
    """Delays in the order given, from the start again when the list is used up."""

    values_ns: tuple[int, ...]

    def draw_ns(self, position: int, random: Random) -> int:  # noqa: ARG002 - one shape for all
        """Return the delay at *position*, counted from 0."""
        return self.values_ns[position % len(self.values_ns)]


Delay = Constant | Lognormal | Bimodal | Listed


def read_duration_ns(word: str, value: object, *, bare_unit_ns: int = 1_000_000) -> int:
    """
    Return *value* in nanoseconds; a bare number is in units of *bare_unit_ns*.

    Raises:
        ConfigurationError: Not a duration, negative, or above a day.
    """
    if isinstance(value, str) and (found := _DURATION.fullmatch(value)):
        number, unit = found.groups()
        if unit not in _NS_PER_UNIT:
            raise ConfigurationError(
                f"{word}={value!r}: unknown unit {unit!r}, use one of {', '.join(_NS_PER_UNIT)}"
            )
        nanoseconds = float(number) * _NS_PER_UNIT[unit]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        nanoseconds = value * bare_unit_ns
    else:
        raise ConfigurationError(f'{word}={value!r}: write a duration such as "20ms" or "0.5s"')
    if not 0 <= nanoseconds <= _LONGEST_NS:
        raise ConfigurationError(f"{word}={value!r}: a duration lies between 0 and a day")
    return round(nanoseconds)


def read_delay(word: str, value: object) -> Delay:
    """
    Return the delay that *value* spells; *word* is the field it was given for.

    Raises:
        ConfigurationError: The spelling is none of the known ones.
    """
    if not isinstance(value, Mapping):
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            return Constant(read_duration_ns(word, value))
        raise ConfigurationError(f"{word}={value!r}: {_EXPECTED}")
    match dict(value):
        case {"constant": constant, **rest} if not rest:
            return Constant(read_duration_ns(f"{word}.constant", constant))
        case {"lognormal": {"median": median, "sigma": sigma, **extra}, **rest} if not (
            rest or extra
        ):
            return Lognormal(
                read_duration_ns(f"{word}.lognormal.median", median),
                _read_number(f"{word}.lognormal.sigma", sigma, _WIDEST_SIGMA),
            )
        case {
            "bimodal": {"fast": fast, "slow": slow, "slow_share": share, **extra},
            **rest,
        } if not (rest or extra):
            return Bimodal(
                read_duration_ns(f"{word}.bimodal.fast", fast),
                read_duration_ns(f"{word}.bimodal.slow", slow),
                _read_number(f"{word}.bimodal.slow_share", share, 1.0),
            )
        case {"list": [_, *_] as listed, **rest} if not rest:
            return Listed(
                tuple(
                    read_duration_ns(f"{word}.list[{index}]", each)
                    for index, each in enumerate(listed)
                )
            )
    raise ConfigurationError(f"{word}={value!r}: {_EXPECTED}")


def _read_number(word: str, value: object, highest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= highest:
        raise ConfigurationError(f"{word}={value!r}: a number from 0 to {highest:g} is expected")
    return float(value)
