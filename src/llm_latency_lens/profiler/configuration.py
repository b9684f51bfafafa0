"""Configuration: how a profiler goes about its calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from llm_latency_lens.budgets.units import Unit, read_limit
from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler.retrying import RetryPolicy, read_retry
from llm_latency_lens.profiler.schedules import (
    Adaptive,
    AtConcurrency,
    ConstantRate,
    PoissonArrivals,
    Ramp,
    Schedule,
)
from llm_latency_lens.profiler.timeouts import Timeouts, read_timeouts

__all__ = ["SCHEDULING", "WORDS", "Configuration"]

_NS_PER_S = 1_000_000_000
_ADAPTIVE = "adaptive"
SCHEDULING = ("concurrency", "rate", "arrivals", "ramp", "schedule")
"""The words that say when calls start; together they make one schedule."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """
    How calls are made.

    Attributes:
        iterations: Calls that count, for each request and target.
        warmup: Calls before them for each request and target, one after the other. They count
            in nothing but cost.
        schedule: When calls start.
        timeouts: How long a call may take.
        retry: When an attempt is made again.
        stream: Whether answers are streamed.
        max_tokens: Most tokens of an answer; None leaves it to the provider.
        max_requests_per_second: Most starts a second in a closed loop; None for no limit.
        monthly_requests: Requests a month, for the projected cost; None for no projection.
        raw: Whether the texts of the answers are kept.
    """

    iterations: int = 10
    warmup: int = 0
    schedule: Schedule = field(default_factory=AtConcurrency)
    timeouts: Timeouts = field(default_factory=Timeouts)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    stream: bool = True
    max_tokens: int | None = None
    max_requests_per_second: float | None = None
    monthly_requests: int | None = None
    raw: bool = False

    def with_words(self, words: Mapping[str, Any]) -> "Configuration":
        """
        Return this configuration with *words* in place of what it says; None keeps it.

        Raises:
            UsageError: A word is unknown, its value cannot be used, or two contradict.
        """
        given = {word: value for word, value in words.items() if value is not None}
        changed: dict[str, Any] = {}
        for word, value in given.items():
            if word in SCHEDULING:
                continue
            if word not in WORDS:
                raise UsageError(f"{word!r} is unknown; known are {', '.join(WORDS)}")
            changed[_FIELDS.get(word, word)] = WORDS[word](word, value)
        schedule = _read_schedule({word: given[word] for word in SCHEDULING if word in given})
        if schedule is not None:
            changed["schedule"] = schedule
        read = replace(self, **changed)
        is_open = not isinstance(read.schedule, AtConcurrency | Adaptive)
        if is_open and read.max_requests_per_second is not None:
            raise UsageError(
                "max_requests_per_second= is for a closed loop; the rate of an open one is rate="
            )
        return read

    def describe(self) -> dict[str, Any]:
        """Return the configuration as plain values, times in seconds."""
        return {
            "iterations": self.iterations,
            "warmup": self.warmup,
            "schedule": loop_of(self.schedule),
            "timeout": self.timeouts.describe(),
            "retry": self.retry.describe(),
            "stream": self.stream,
            "max_tokens": self.max_tokens,
            "max_requests_per_second": self.max_requests_per_second,
            "monthly_requests": self.monthly_requests,
            "raw": self.raw,
        }


def loop_of(schedule: Schedule) -> str:
    """Return what a result says of how its calls were started."""
    if type(schedule).__str__ is object.__str__:
        return f"open loop, {getattr(schedule, '__name__', type(schedule).__name__)}"
    return str(schedule)


def _read_schedule(words: Mapping[str, Any]) -> Schedule | None:
    if not words:
        return None
    kinds = [word for word in words if word != "arrivals"]
    if len(kinds) != 1:
        given = " and ".join(f"{word}=" for word in words)
        raise UsageError(f"{given}: give one of concurrency=, rate= (with arrivals=) and ramp=")
    kind = kinds[0]
    if "arrivals" in words and kind != "rate":
        raise UsageError(f"arrivals= goes with rate=, not with {kind}=")
    value = words[kind]
    if kind == "schedule":
        if not callable(value) and not isinstance(value, AtConcurrency | Adaptive):
            raise UsageError(f"schedule={value!r}: a schedule or a callable is expected")
        return value  # type: ignore[no-any-return]
    if kind == "rate":
        return _read_rate(value, words.get("arrivals", "constant"))
    return _read_ramp(value) if kind == "ramp" else _read_concurrency(value)


def _read_concurrency(value: object) -> Schedule:
    if value == _ADAPTIVE:
        return Adaptive()
    if isinstance(value, Mapping):
        if unknown := set(value) - {"start", "lowest", "highest"}:
            raise UsageError(
                f"concurrency: {min(unknown)!r} is unknown; known are start, lowest, highest"
            )
        return Adaptive(**value)
    return AtConcurrency(value)  # type: ignore[arg-type]


def _read_rate(value: Any, arrivals: object) -> Schedule:
    if arrivals == "constant":
        return ConstantRate(value)
    if arrivals == "poisson":
        return PoissonArrivals(value)
    raise UsageError(f'arrivals={arrivals!r}: "constant" or "poisson" is expected')


def _read_ramp(value: object) -> Schedule:
    if isinstance(value, Ramp):
        return value
    if not isinstance(value, Mapping) or set(value) != {"from", "to", "over"}:
        raise UsageError(f'ramp={value!r}: {{"from": 1, "to": 50, "over": "30s"}} is expected')
    over_ns = read_limit("ramp.over", Unit.TIME, value["over"])
    return Ramp(value["from"], value["to"], float(over_ns) / _NS_PER_S)


def _count_from(lowest: int) -> Callable[[str, object], int]:
    def read(word: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
            raise UsageError(f"{word}={value!r}: a whole number, {lowest} or more, is expected")
        return value

    return read


def _read_flag(word: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{word}={value!r}: true or false is expected")
    return value


def _read_rate_limit(word: str, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value < inf:
        raise UsageError(f"{word}={value!r}: a number above 0 is expected")
    return float(value)


WORDS: dict[str, Callable[[str, Any], Any]] = {
    "iterations": _count_from(1),
    "warmup": _count_from(0),
    "timeout": lambda _, value: read_timeouts(value),
    "retry": lambda _, value: read_retry(value),
    "stream": _read_flag,
    "max_tokens": _count_from(1),
    "max_requests_per_second": _read_rate_limit,
    "monthly_requests": _count_from(1),
    "raw": _read_flag,
    **dict.fromkeys(SCHEDULING, lambda _, value: value),
}
"""The words of a configuration, each with what reads it."""

_FIELDS = {"timeout": "timeouts"}
