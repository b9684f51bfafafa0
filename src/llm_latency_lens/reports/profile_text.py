"""The result of a profile as lines for a terminal."""

import math
from collections.abc import Iterator, Sequence

from llm_latency_lens.budgets import Verdict, amount
from llm_latency_lens.reports.profile_document import Part, as_session, value_of
from llm_latency_lens.reports.terminal import summarise
from llm_latency_lens.results import Ending, ProfileResult
from llm_latency_lens.samples import Sample

__all__ = ["summarise_profile"]

_NS_PER_MS = 1_000_000


def summarise_profile(
    result: ProfileResult,
    samples: Sequence[Sample],
    verdicts: Sequence[Verdict],
    parts: Sequence[Part] = (),
) -> Iterator[str]:
    """Yield the lines that tell a person what was measured."""
    for line, _ in summarise(as_session(samples, result, verdicts)):
        yield line
    for _, label, one in parts:
        yield f"  {label or 'request'}: {_line(one)}"
    yield from _facts(result)


def _facts(result: ProfileResult) -> Iterator[str]:
    metadata = result.metadata
    if metadata is None:
        return
    rate = value_of(lambda: result.throughput.requests_per_second)
    tokens = value_of(lambda: result.throughput.output_tokens_per_second)
    told = [metadata.loop, amount(metadata.duration_ns / _NS_PER_MS, "ms")]
    if rate is not None:
        told.append(f"{rate:.3g} calls/s")
    if tokens is not None:
        told.append(f"{tokens:.3g} output tokens/s")
    yield " | ".join(told)
    if metadata.loop.startswith("open") and result.samples:
        yield f"sent late by {amount(result.send_delay.p99, 'ms')} at p99"
    if metadata.levels:
        yield f"concurrency found: {metadata.levels[-1].limit}"
    yield from _oddities(result)
    monthly = value_of(lambda: result.cost.projected_monthly)
    if monthly is not None:
        yield f"{amount(monthly, 'usd')} a month at {result.config['monthly_requests']} requests"
    made = f"{result.calls} of {metadata.planned} calls"
    if metadata.ending is Ending.ENOUGH:
        yield f"ended after {made}: no more were wanted"
    if result.is_partial:
        yield f"PARTIAL: {metadata.ending} after {made}"


def _line(result: ProfileResult) -> str:
    seen = result.latency
    times = []
    if seen.n:
        named = {"p50": seen.p50, "p95": seen.p95}
        times = [f"{name} {_time(value)}" for name, value in named.items()]
    return "  ".join([f"{result.calls} calls", *times])


def _oddities(result: ProfileResult) -> Iterator[str]:
    if result.reliability.retries:
        spent = amount(result.retry_time.mean, "ms")
        yield f"{result.reliability.retries} retries, {spent} of a retried call on average"
    for kind, count in result.reliability.errors_by_type.items():
        yield f"{count} x {kind}"
    if outliers := result.outliers:
        shown = ", ".join(map(str, outliers[:10])) + (" ..." if outliers[10:] else "")
        yield f"{len(outliers)} latency outliers (calls {shown})"


def _time(value_ms: float) -> str:
    return "failed" if value_ms == math.inf else amount(value_ms, "ms")
