"""
What the profiler itself costs, each against its bound.

How to read it: each line is the median of several runs, in CPU time: what it takes on a machine
that does nothing else, also where others are busy. Then come the bound and how much of it was used,
with imports apart where the line says so. ``own overhead`` is what a call through the profiler
takes longer than the same call through the same SDK without it: an answer of one piece that is
there at once, one after the other, in turns; medians. ``CPU of a call`` is the CPU of one call
that streams 50 tokens in two seconds, over its duration, again in turns with the same call without
the profiler. ``metrics`` are the five groups of a result: latency, time to first token,
throughput, cost and reliability; the time to first token on the wire and the gaps between tokens,
seven a call, come on top.

    python benchmarks/profiler_costs.py [--rounds 30]
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from llm_latency_lens import LatencyProfiler, ProfileResult
from llm_latency_lens.cli.config_file import read_config_file
from llm_latency_lens.metrics import Aggregate, Tally
from llm_latency_lens.profiler import Configuration
from llm_latency_lens.providers import VENDORS, Prompt
from llm_latency_lens.reports import make_profile_document
from llm_latency_lens.results.views import TimesView
from llm_latency_lens.samples import Sample, Timeline
from llm_latency_lens.simulator import Simulator, start_simulator

MODEL = "gpt-4o-mini"
MS = 1_000_000
CONFIG = """
prompt = "Hello"
iterations = 50
concurrency = 5

[[targets]]
provider = "openai"
model = "gpt-4o-mini"

[timeout]
total = "30s"
first_token = "5s"

[retry]
attempts = 3

[budgets]
p95 = "2s"
cost_per_call = "$0.002"
"""


def cpu_s() -> float:
    """Return the CPU time of this process and of its children that have ended."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


def timed_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the median CPU time of *work* after one round that does not count."""
    work()
    taken = []
    for _ in range(rounds):
        begun = cpu_s()
        work()
        taken.append(cpu_s() - begun)
    return 1e3 * statistics.median(taken)


def tell(name: str, value: float, bound: float, unit: str) -> None:
    print(f"{name:<46} {value:9.2f} {unit:<3} bound {bound:6.0f}  {value / bound:6.1%} of it")


def config_load_ms(rounds: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "llm-latency-lens.toml"
        path.write_text(CONFIG, encoding="utf-8")
        return timed_ms(lambda: read_config_file(path), rounds)


def adapter_ms(name: str, rounds: int) -> float:
    async def open_it() -> None:
        async with VENDORS[name].open(api_key="none", base_url=None, connect_s=5):
            pass

    return timed_ms(lambda: asyncio.run(open_it()), rounds)


async def overhead_ms(simulator: Simulator, rounds: int) -> tuple[float, float]:
    """Return the median of a call without and with the profiler."""
    bare, through = [], []
    profiler = LatencyProfiler(
        "openai", MODEL, api_key="none", base_url=simulator.base_url, stream=False, iterations=10
    )
    marks: list[float] = []
    profiler.on("progress", lambda _: marks.append(cpu_s()))
    prompt = Prompt("hello", MODEL, stream=False)
    vendor = VENDORS["openai"]
    async with vendor.open(api_key="none", base_url=simulator.base_url) as ask:
        await ask(prompt)
        for _ in range(rounds):
            for _ in range(10):
                begun = cpu_s()
                await ask(prompt)
                bare.append(cpu_s() - begun)
            marks.clear()
            await profiler.profile("hello")
            through += [after - before for before, after in pairwise(marks)]
    return 1e3 * statistics.median(bare), 1e3 * statistics.median(through)


def many(sample: Sample, count: int) -> list[Sample]:
    """Return *count* samples that differ in their times."""
    start = sample.timeline.started_ns
    return [
        replace(
            sample,
            id=f"s-{number}",
            timeline=Timeline(
                start,
                start + (500 + number * 7919 % 1000) * MS,
                sent_ns=start + MS,
                first_token_ns=start + (100 + number * 104729 % 300) * MS,
                first_output_ns=start + (100 + number * 104729 % 300) * MS,
                last_token_ns=start + (480 + number * 7919 % 1000) * MS,
            ),
        )
        for number in range(count)
    ]


def read_view(view: TimesView) -> None:
    _ = [view.mean, view.median, view.stddev, view.p50, view.p75, view.p90, view.p95, view.p99]
    _ = [view.min, view.max]


def read_groups(samples: list[Sample]) -> None:
    """Calculate latency, time to first token, throughput, cost and reliability."""
    result = ProfileResult(samples)
    for view in (result.latency, result.ttft, result.tpot):
        read_view(view)
    cost, pace, odds = result.cost, result.throughput, result.reliability
    _ = [cost.total, cost.per_call, cost.per_token, cost.input, cost.output]
    _ = [pace.tokens_per_second, pace.requests_per_second, pace.output_tokens_per_second]
    _ = [odds.success_rate, odds.error_rate, odds.timeout_rate, odds.errors_by_type, odds.retries]


def start_ms(*words: str) -> float:
    command = "from llm_latency_lens.cli import main; main()"
    return timed_ms(
        lambda: subprocess.run(
            [sys.executable, "-c", command, *words], capture_output=True, check=True
        ),
        7,
    )


async def cpu_shares(simulator: Simulator, rounds: int) -> tuple[float, float]:
    """Return the share of a core that a call of two seconds takes: bare, and profiled."""
    bare, through = [], []
    profiler = LatencyProfiler(
        "openai", "slow", api_key="none", base_url=simulator.base_url, iterations=2
    )
    cpu: list[float] = []
    profiler.on("result", lambda _: cpu.append(time.process_time()))
    prompt = Prompt("hello", "slow")
    async with VENDORS["openai"].open(api_key="none", base_url=simulator.base_url) as ask:
        await ask(prompt)
        for _ in range(rounds):
            begun, begun_wall = time.process_time(), time.perf_counter()
            await ask(prompt)
            took = time.perf_counter() - begun_wall
            bare.append((time.process_time() - begun) / took)
            cpu.clear()
            result = await profiler.profile("hello")
            through.append((cpu[1] - cpu[0]) / (result.latency.p50 / 1e3))
    return statistics.median(bare), statistics.median(through)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    scripts: dict[str, dict[str, object]] = {
        MODEL: {"latency": 0, "ttft": 0, "output_tokens": 8},
        "slow": {"ttft": "400ms", "itl": "32ms", "output_tokens": 50},
    }
    with start_simulator(scripts) as simulator:
        tell("configuration file, imports apart", config_load_ms(rounds), 50, "ms")
        for name in ("openai", "anthropic"):
            tell(f"{name} adapter, imports apart", adapter_ms(name, 9), 100, "ms")
        bare, through = asyncio.run(overhead_ms(simulator, rounds))
        print(f"{'a call without, and through the profiler':<46} {bare:9.2f} ms, {through:.2f} ms")
        tell("own overhead of a call", through - bare, 5, "ms")
        profiler = LatencyProfiler("openai", MODEL, api_key="none", base_url=simulator.base_url)
        sample = profiler.sync.profile("hello", iterations=1).samples[0]
        samples = many(sample, 10_000)
        tell("metrics of 10 000 samples", timed_ms(lambda: read_groups(samples), 19), 10, "ms")
        wire = timed_ms(lambda: read_view(ProfileResult(samples).wire_ttft), 19)
        print(f"{'their time to first token on the wire':<46} {wire:9.2f} ms")
        gaps = timed_ms(lambda: Tally(samples).times("itl"), 19)
        print(f"{'their 70 000 gaps between tokens':<46} {gaps:9.2f} ms")
        whole = timed_ms(lambda: Aggregate.of(samples), 19)
        print(f"{'all that merges, gaps included':<46} {whole:9.2f} ms")
        result = ProfileResult(samples[:1000], config=Configuration().describe())

        def write() -> str:
            document = make_profile_document(result, samples[:1000], (), keeps_raw=True)
            return json.dumps(document, allow_nan=False)

        tell("JSON of a result with 1000 calls", timed_ms(write, 9), 100, "ms")
        bare, through = asyncio.run(cpu_shares(simulator, 5))
        name = "a call of 2 s without, and through the profiler"
        print(f"{name:<46} {bare:9.2%} of a core, {through:.2%}")
        tell("CPU of a call of 2 s, the SDK's included", 100 * through, 2, "%")
    tell("llm-latency-lens --help", start_ms("--help"), 300, "ms")
    tell("llm-latency-lens profile --help", start_ms("profile", "--help"), 300, "ms")


if __name__ == "__main__":
    main()
