"""
What the calls of a session cost on their way to the report: CPU and bytes, by call.

How to read it: samples travel from a worker of pytest-xdist to the process that reports, ten at a
time, as those of one test do: as the lens encodes them and, beside that, as pickle would, which
runs whatever code it is given. Then the report of all of them is written as JSON; beside it what
``json.dumps`` makes of the same calls as plain objects, without a number about them. Medians, in
CPU time.

    python benchmarks/report_costs.py [--calls 10000] [--rounds 9]
"""

import argparse
import json
import pickle
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from llm_latency_lens import LatencyProfiler
from llm_latency_lens.codec import decode_samples, encode_samples
from llm_latency_lens.reports import make_document
from llm_latency_lens.reports.json_file import write_json
from llm_latency_lens.results import RunResult, TestResult
from llm_latency_lens.samples import Sample
from llm_latency_lens.simulator import start_simulator

MODEL = "gpt-4o-mini"
TESTS = 1000
BATCH = 10


def spread(calls: tuple[Sample, ...], count: int) -> tuple[Sample, ...]:
    """Return *count* samples of as many tests as there are, that differ as calls do."""
    samples = []
    for number in range(count):
        call = calls[number % len(calls)]
        late_ns = number * 1_000_000 + number * 7919 % 100_000
        line = call.timeline
        moved = {
            name: getattr(line, name) + late_ns
            for name in line.__slots__
            if getattr(line, name) is not None
        }
        samples.append(
            replace(
                call,
                id=f"w0-{number}",
                node_id=f"tests/test_answers.py::test_it[{number % TESTS}]",
                timeline=replace(line, **moved),
                wall_ns=call.wall_ns + late_ns,
                response_id=f"chatcmpl-{number:024}",
            )
        )
    return tuple(samples)


def each_of(work: Callable[[Any], Any], batches: Sequence[Any]) -> list[Any]:
    return [work(batch) for batch in batches]


def timed_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the median CPU time of *work* after one round that does not count."""
    work()
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return 1e3 * statistics.median(taken)


def write(samples: tuple[Sample, ...], path: Path) -> int:
    """Write the report of *samples* as the plugin does; return its size in bytes."""
    tests = tuple(TestResult(one.node_id, "passed", 1) for one in samples[:TESTS])
    write_json(make_document(RunResult(samples, tests), is_final=True), path)
    return path.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    scripts: dict[str, dict[str, object]] = {
        MODEL: {"ttft": "5ms", "itl": "200us", "output_tokens": 20}
    }
    with start_simulator(scripts) as simulator:
        profiler = LatencyProfiler("openai", MODEL, api_key="none", base_url=simulator.base_url)
        calls = profiler.sync.profile("hello", iterations=50).samples
    samples = spread(calls, options.calls)

    def tell(name: str, work: Callable[[], object], size: float) -> None:
        each_us = 1e3 * timed_ms(work, options.rounds) / options.calls
        print(f"{name:<40} {each_us:7.1f} us a call, {size / options.calls:6.0f} bytes a call")

    batches = [samples[at : at + BATCH] for at in range(0, len(samples), BATCH)]
    forms: tuple[tuple[str, Callable[..., Any], Callable[..., Any]], ...] = (
        ("", encode_samples, decode_samples),
        (", by pickle", pickle.dumps, pickle.loads),
    )
    for name, encode, decode in forms:
        sent = each_of(encode, batches)
        size = sum(map(len, sent))
        tell(f"encoded by a worker{name}", partial(each_of, encode, batches), size)
        tell(f"decoded to be reported{name}", partial(each_of, decode, sent), size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        size = write(samples, path)
        tell("written as the JSON report", partial(write, samples, path), size)

    def plain() -> str:
        each: list[dict[str, Any]] = [asdict(one) for one in samples]
        return json.dumps(each, default=str)

    tell("written as JSON, by asdict and json.dumps", plain, len(plain()))


if __name__ == "__main__":
    main()
