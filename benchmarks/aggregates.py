"""
What an aggregate of very many samples costs, and how exact it is.

Ten million latencies (lognormal, one in a thousand failed) are recorded as eight parts, merged in
several orders, and compared with the sorted values themselves. numpy makes the values and sorts
them, as the oracle; the package does without it.

How to read it: ``record`` is the CPU time from a Python integer to the merged table, a value, in
batches as they come from an iterator. ``size`` is that of the encoded aggregate with all six of
its time metrics filled, which is what one process sends to another. ``error`` is that of a
quantile by nearest rank against the exact one. The bounds that we keep are printed beside each.
Errors and sizes do not depend on the machine; times do.

    python benchmarks/aggregates.py [--samples 10000000]
"""

import argparse
import math
import random
import time
from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import numpy as np

from llm_latency_lens.metrics import EXACT, Aggregate, Distribution, encode_aggregate
from llm_latency_lens.metrics.aggregate import TIMES
from llm_latency_lens.samples import Attempt, Outcome, Sample, Status, Timeline, Usage

PARTS = 8
FAILED_IN = 1000
QUANTILES = ("0.5", "0.75", "0.9", "0.95", "0.99", "0.999")
LIMIT_NS = 2_000_000_000
RECORD_NS, SIZE_KB, ERROR, METRICS_MS = 1000, 200, 0.004, 10


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--samples", type=int, default=10_000_000)
    count = options.parse_args().samples
    values, parts = record(count)
    compare(values, parts)
    few(values[:EXACT].tolist())


def record(count: int) -> tuple[Any, list[Distribution]]:
    """Record the parts; return all values and the parts."""
    generator = np.random.default_rng(5)
    values = generator.lognormal(math.log(8e8), 0.6, count).astype(np.int64)
    parts, spent = [], 0.0
    for part in np.array_split(values, PARTS):
        plain = part.tolist()
        record_part = partial(
            Distribution.of, iter(plain), len(plain) // FAILED_IN, limits=(LIMIT_NS,)
        )
        seconds, found = timed(record_part)
        spent += seconds
        parts.append(found)
    verdict("record", spent / count * 1e9, RECORD_NS, "ns a value")
    return values, parts


def compare(values: Any, parts: list[Distribution]) -> None:
    """Merge in several orders; hold the result against the values themselves."""
    seconds, whole = timed(lambda: reduce(Distribution.merge, parts))
    print(f"merge of {PARTS} parts: {seconds * 1000:.2f} ms")
    text = encoded(whole)
    verdict("size of six such metrics", len(text) / 1000, SIZE_KB, "kB")
    shuffled = random.Random(1)
    orders = [shuffled.sample(parts, PARTS) for _ in range(20)]
    same = sum(encoded(reduce(Distribution.merge, order)) == text for order in orders)
    print(f"the same bytes in {same} of {len(orders)} orders of merging")
    ordered = np.sort(values)
    for q in QUANTILES:
        found = whole.quantile(q)
        exact = int(ordered[math.ceil(float(q) * whole.n) - 1])
        assert found is not None
        verdict(f"error of quantile {q}", abs(found / exact - 1) * 100, ERROR * 100, "%")
    facts = {
        "n": (whole.n, len(values) + sum(part.infinite for part in parts)),
        "sum": (whole.total, sum(values.tolist())),
        "min": (whole.minimum, int(ordered[0])),
        "max": (whole.maximum, int(ordered[-1])),
        "over the limit": (
            whole.over(LIMIT_NS),
            int((values > LIMIT_NS).sum()) + whole.infinite,
        ),
    }
    for name, (found, exact) in facts.items():
        print(f"{name}: {found} {'exact' if found == exact else f'NOT {exact}'}")


def encoded(times: Distribution) -> str:
    """Return the string of an aggregate of which each metric has these times."""
    metrics: dict[str, Any] = dict.fromkeys(TIMES, times)
    return encode_aggregate(Aggregate(**metrics))


def few(values: list[int]) -> None:
    """Time what is still exact, and the aggregate of whole samples."""

    def metrics() -> None:
        times = Distribution.of(values)
        for q in QUANTILES:
            times.quantile(q)
        for statistic in ("mean", "stddev", "minimum", "maximum"):
            getattr(times, statistic)

    verdict(f"metrics of {len(values)} values", timed(metrics)[0] * 1000, METRICS_MS, "ms")
    samples = [sample(latency) for latency in values]
    seconds, _ = timed(lambda: Aggregate.of(samples))
    print(f"aggregate of {len(samples)} samples, all metrics and sums: {seconds * 1000:.1f} ms")


def sample(latency_ns: int) -> Sample:
    """Return a streamed call of that latency."""
    first, outcome = latency_ns // 3, Outcome(Status.OK, http_status=200)
    return Sample(
        id="1",
        provider="openai",
        protocol="openai_chat",
        requested_model="gpt-4o-mini",
        model="gpt-4o-mini",
        streamed=True,
        outcome=outcome,
        timeline=Timeline(
            0,
            latency_ns,
            sent_ns=1,
            first_token_ns=first,
            first_output_ns=first,
            last_token_ns=latency_ns - 1,
        ),
        wall_ns=0,
        usage=Usage(input_tokens=10, output_tokens=50),
        token_events=50,
        attempts=(Attempt(0, latency_ns, outcome),),
    )


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of CPU time that *work* took, and what it returned."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def verdict(what: str, found: float, bound: float, unit: str) -> None:
    """Print a figure and whether it keeps its bound."""
    word = "within" if found <= bound else "ABOVE"
    print(f"{what}: {found:.3g} {unit}, {word} {bound:g}")


if __name__ == "__main__":
    main()
