"""Baseline: the times of one session, by test and by provider and model."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from llm_latency_lens.metrics import Aggregate, Distribution
from llm_latency_lens.samples import Phase, Sample

__all__ = ["KEPT", "Baseline", "Entry", "baseline_of"]

# The metrics that a baseline keeps of calls; of runs it keeps "run".
KEPT = ("latency", "ttft", "tpot")

_NS_PER_US = 1_000

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """
    The calls of one test to one model, or the runs of one test.

    Attributes:
        test: pytest's name of the test; empty outside of pytest.
        provider: Whom the calls went to; empty for runs.
        model: The model that was asked for; empty for runs.
        calls: Number of calls, or of runs.
        times: Times by metric, in nanoseconds to the microsecond; only those with a value.
    """

    test: str
    provider: str
    model: str
    calls: int
    times: Mapping[str, Distribution]

    @property
    def key(self) -> Key:
        """What an entry of another session is found by."""
        return self.test, self.provider, self.model


@dataclass(frozen=True, slots=True)
class Baseline:
    """
    One session, as later ones are compared with it. It holds no prompt and no answer.

    Attributes:
        name: How it is asked for.
        saved: When its session began, ISO 8601.
        environment: Where it ran: versions and platform.
        entries: Its times, ordered by test, provider and model.
    """

    name: str
    saved: str
    environment: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()

    @property
    def calls(self) -> int:
        """Number of calls in all entries."""
        return sum(entry.calls for entry in self.entries if entry.provider)

    def of_test(self, test: str) -> tuple[Entry, ...]:
        """Return the entries of one test."""
        return tuple(entry for entry in self.entries if entry.test == test)


def baseline_of(
    name: str,
    samples: Iterable[Sample],
    run_ns: Mapping[str, Iterable[int]],
    *,
    saved: str = "",
    environment: Mapping[str, str] | None = None,
) -> Baseline:
    """
    Return the baseline that a session makes: calls of test bodies, no warm-up and no fixture.

    Args:
        name: How it will be asked for.
        samples: Every call of the session.
        run_ns: Wall time of each run, by test.
        saved: When the session began, ISO 8601.
        environment: Where it ran.
    """
    members: dict[Key, list[Sample]] = defaultdict(list)
    for one in samples:
        if one.phase is Phase.CALL:
            members[one.node_id, one.provider, one.requested_model].append(one)
    entries = [_of_calls(key, calls) for key, calls in members.items()]
    entries += [_of_runs(test, runs) for test, runs in run_ns.items()]
    entries = [entry for entry in entries if entry.times]
    return Baseline(
        name, saved, dict(environment or {}), tuple(sorted(entries, key=lambda one: one.key))
    )


def _of_calls(key: Key, calls: list[Sample]) -> Entry:
    seen = Aggregate.of(calls)
    times = {name: _to_us(getattr(seen, name)) for name in KEPT}
    return Entry(*key, len(calls), {name: one for name, one in times.items() if one.n})


def _of_runs(test: str, run_ns: Iterable[int]) -> Entry:
    times = _to_us(Distribution.of(run_ns))
    return Entry(test, "", "", times.n, {"run": times} if times.n else {})


def _to_us(times: Distribution) -> Distribution:
    """A file to be read by people needs no digits that mean nothing."""
    if times.table is not None:
        return times
    rounded = (round(one / _NS_PER_US) * _NS_PER_US for one in times.values)
    return Distribution.of(rounded, times.infinite)
