"""
Comparing: one session held against an earlier one, percentile by percentile.

The percentile of the earlier session, widened by a margin, is the budget of the later one, and
the same two integers answer: of n calls k were over it. How surprising k is if the later session
were just within the budget is an exact binomial probability. A table asks many such questions at
once, so what fails a session is adjusted by Holm and what is only shown by Benjamini-Hochberg.
"""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace

from llm_latency_lens.baselines.baseline import Baseline, Entry
from llm_latency_lens.baselines.gates import Gate
from llm_latency_lens.metrics import Distribution
from llm_latency_lens.verdicts import allowed, at_least, benjamini_hochberg, holm

__all__ = ["FEW", "FEW_NOW", "Comparison", "Row", "compare"]

FEW = 100
# With fewer calls than this, a p95 is the maximum.
FEW_NOW = 20
_RISK = 0.05
_NS_PER_MS = 1_000_000
# Below it, the median ratio of a session follows the one test that changed.
_LEAST_RATIOS = 5
_ALONE = (
    f"fewer than {_LEAST_RATIOS} tests in common are no session as a whole: "
    "limits are not relative to it"
)


@dataclass(frozen=True, slots=True)
class Row:
    """
    One percentile of one test and model, before and now.

    Attributes:
        test: pytest's name of the test.
        provider: Whom the calls went to; empty for runs.
        model: The model that was asked for; empty for runs.
        word: The percentile, such as ``ttft_p95``.
        margin: By how much it may exceed that of before; 0.25 is 25 %.
        before_ms: The percentile before; None where it fell on a failed call.
        now_ms: The percentile now; None where it falls on a failed call.
        before_n: Number of values before.
        n: Number of values now.
        limit_ms: ``(1 + margin) * before``; None without a finite percentile before.
        over: Values now that are above the limit.
        allowed: How many may be.
        p_value: Probability of so many or more if the true percentile were at the limit.
        p_adjusted: The same, adjusted for the number of comparisons: by Holm where it is
            gated, else by Benjamini and Hochberg.
        is_gated: Whether it fails the session.
    """

    test: str
    provider: str
    model: str
    word: str
    margin: float
    before_ms: float | None
    now_ms: float | None
    before_n: int
    n: int
    limit_ms: float | None
    over: int
    allowed: int
    p_value: float
    p_adjusted: float
    is_gated: bool

    @property
    def is_slower(self) -> bool:
        """Whether it is slower by more than the margin, and chance is no likely reason."""
        return self.p_adjusted <= _RISK

    @property
    def change(self) -> float | None:
        """The relative change, 0.1 for ten percent slower; None unless both are finite."""
        if not self.before_ms or self.now_ms is None:
            return None
        return self.now_ms / self.before_ms - 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    A session held against a baseline.

    Attributes:
        name: Name of the baseline.
        saved: When it was measured, ISO 8601.
        rows: What was compared, gated rows first.
        new: Tests of the session that the baseline does not know.
        ratio: Median over the tests of their p50 now and before; None with fewer than five.
        is_relative: Limits were multiplied by that ratio.
        warnings: What makes the comparison weaker than it looks.
    """

    name: str
    saved: str
    rows: tuple[Row, ...] = ()
    new: tuple[str, ...] = ()
    ratio: float | None = None
    is_relative: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Row, ...]:
        """The rows that fail the session."""
        return tuple(row for row in self.rows if row.is_gated and row.is_slower)

    @property
    def slower(self) -> tuple[Row, ...]:
        """The rows that are slower than their margin allows, gated or only shown."""
        return tuple(row for row in self.rows if row.is_slower)


def compare(
    before: Baseline,
    now: Baseline,
    gates: Iterable[Gate] = (),
    shown: Iterable[Gate] = (),
    *,
    is_relative: bool = False,
) -> Comparison:
    """
    Return *now* held against *before*.

    Args:
        before: The earlier session.
        now: The later one.
        gates: Percentiles that fail the session.
        shown: Percentiles that are only shown, beside the gates.
        is_relative: Multiply limits by the session's median ratio, so that a machine or provider
            that was slower as a whole fails nothing. Needs five tests in common.
    """
    known = {entry.key: entry for entry in before.entries}
    pairs = [(known[one.key], one) for one in now.entries if one.key in known]
    ratio = _ratio(pairs)
    gated = tuple(gates)
    named = {gate.word.name for gate in gated}
    rest = tuple(gate for gate in shown if gate.word.name not in named)
    factor = ratio if is_relative and ratio is not None else 1.0
    failing = [row for pair in pairs for row in _rows(*pair, gated, factor, is_gated=True)]
    others = [row for pair in pairs for row in _rows(*pair, rest, factor, is_gated=False)]
    by_holm = holm([row.p_value for row in failing])
    by_bh = benjamini_hochberg([row.p_value for row in failing + others])[len(failing) :]
    return Comparison(
        name=before.name,
        saved=before.saved,
        rows=tuple(
            replace(row, p_adjusted=p)
            for row, p in zip(failing + others, by_holm + by_bh, strict=True)
        ),
        new=tuple(sorted({one.test for one in now.entries} - {one.test for one in before.entries})),
        ratio=ratio,
        is_relative=is_relative and ratio is not None,
        warnings=(
            *([_ALONE] if is_relative and ratio is None else []),
            *_few(pairs, (before.name, now.name)),
            *_elsewhere(before, now),
        ),
    )


def _rows(
    before: Entry, now: Entry, gates: tuple[Gate, ...], factor: float, *, is_gated: bool
) -> Iterable[Row]:
    for gate in gates:
        metric = gate.word.metric.value
        if metric in before.times and metric in now.times:
            yield _row(before, now, gate, factor, is_gated=is_gated)


def _row(before: Entry, now: Entry, gate: Gate, factor: float, *, is_gated: bool) -> Row:
    metric = gate.word.metric.value
    was, seen = before.times[metric], now.times[metric]
    base_ns = was.quantile(gate.q)
    limit_ns = None if base_ns is None else int(gate.limit_ns(base_ns) * factor)
    over = 0 if limit_ns is None else _over(seen, limit_ns)
    p_value = at_least(over, seen.n, float(1 - gate.q)) if over else 1.0
    return Row(
        test=now.test,
        provider=now.provider,
        model=now.model,
        word=gate.word.name,
        margin=float(gate.margin),
        before_ms=_ms(base_ns),
        now_ms=_ms(seen.quantile(gate.q)),
        before_n=was.n,
        n=seen.n,
        limit_ms=_ms(limit_ns),
        over=over,
        allowed=allowed(gate.q, seen.n),
        p_value=p_value,
        p_adjusted=p_value,
        is_gated=is_gated,
    )


def _over(times: Distribution, limit_ns: int) -> int:
    if times.table is None:
        return times.over(limit_ns)
    # The limit was not known while they were recorded, so it is met to within 0.4 %.
    above = sum(count for value, count in times.ascending() if value > limit_ns)
    return above + times.infinite


def _ratio(pairs: list[tuple[Entry, Entry]]) -> float | None:
    times = [
        (before.times["latency"], now.times["latency"])
        for before, now in pairs
        if "latency" in before.times and "latency" in now.times
    ]
    medians = ((before.median, now.median) for before, now in times)
    ratios = [after / before for before, after in medians if before and after]
    return statistics.median(ratios) if len(ratios) >= _LEAST_RATIOS else None


def _few(pairs: list[tuple[Entry, Entry]], names: tuple[str, str]) -> Iterable[str]:
    for side, enough in ((0, FEW), (1, FEW_NOW)):
        counts = [pair[side].calls for pair in pairs if pair[side].provider]
        if few := [count for count in counts if count < enough]:
            yield (
                f"{names[side]} has as few as {min(few)} calls of a test, {len(few)} of "
                f"{len(counts)} have fewer than {enough}: differences may be chance"
            )


def _elsewhere(before: Baseline, now: Baseline) -> Iterable[str]:
    names = sorted(before.environment.keys() | now.environment.keys())
    changed = [
        f"{name} {before.environment.get(name, 'none')} -> {now.environment.get(name, 'none')}"
        for name in names
        if before.environment.get(name) != now.environment.get(name)
    ]
    if changed:
        yield f"another environment: {', '.join(changed)}"


def _ms(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else round(nanoseconds / _NS_PER_MS, 6)
