"""
Whether the profiler keeps up: ten times the load of a single node, for minutes, nothing lost.

An open loop of 100 000 calls an hour (27.8 a second) to a simulated provider in a process of its
own, whose answers take about 3.6 s, so that some 100 streams are in progress at once. Every call is
compared with the provider's own record.

How to read it: ``lost`` must be 0. ``send delay`` is how long after its intended start a call
was sent; the time that this process was late. ``rate kept`` is the number of calls sent over what
the schedule wanted, 1.00. Memory is the most that this process held, the SDK included; the bound is
512 MB. CPU is of one core.

    python benchmarks/sustained_load.py [--seconds 300] [--rate 27.8] [--tokens 50]
"""

import argparse
import resource
import time

from llm_latency_lens import LatencyProfiler
from llm_latency_lens.profiler import Progress
from llm_latency_lens.simulator import start_simulator

MODEL = "gpt-4o-mini"
BOUND_MB = 512


def most_at_once(spans: list[tuple[int, int]]) -> int:
    """Return the largest number of spans that overlap."""
    edges = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    now = most = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--rate", type=float, default=27.8)
    parser.add_argument("--answer-ms", type=float, default=3600)
    parser.add_argument("--tokens", type=int, default=50)
    chosen = parser.parse_args()
    calls = round(chosen.rate * chosen.seconds)
    gap_ms = chosen.answer_ms / (chosen.tokens + 1)
    script = {"ttft": f"{2 * gap_ms}ms", "itl": f"{gap_ms}ms", "output_tokens": chosen.tokens}
    with start_simulator({MODEL: script}) as simulator:
        profiler = LatencyProfiler("openai", MODEL, api_key="none", base_url=simulator.base_url)

        def tell(progress: Progress) -> None:
            if progress.completed % 1000 == 0:
                print(f"  {progress.completed} of {progress.total}", flush=True)

        profiler.on("progress", tell)
        cpu, begun = time.process_time(), time.perf_counter()
        result = profiler.sync.profile("hello", rate=chosen.rate, iterations=calls)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - begun
        # Before the simulator's own records of all tokens are read.
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sent = {record.id for record in simulator.records(MODEL)}
    seen = {sample.request_id for sample in result.samples}
    spans = [(one.attempts[0].started_ns, one.timeline.ended_ns) for one in result.samples]
    first, last = min(start for start, _ in spans), max(start for start, _ in spans)
    rate = (len(spans) - 1) / ((last - first) / 1e9)
    late = result.send_delay
    print(f"calls            {result.calls} of {calls}, {most_at_once(spans)} at once at most")
    print(f"lost             {calls - result.calls} by the profiler, {len(sent - seen)} unseen")
    print(f"failed           {result.latency.failed}")
    print(f"rate kept        {rate / chosen.rate:.4f} ({rate:.2f} calls/s)")
    print(f"send delay       p50 {late.p50:.2f} ms, p99 {late.p99:.2f} ms, max {late.max:.2f} ms")
    print(f"latency          p50 {result.latency.p50:.0f} ms, p99 {result.latency.p99:.0f} ms")
    print(f"memory           {memory:.0f} MB (bound {BOUND_MB})")
    print(f"CPU              {cpu / wall:.1%} of a core, {1e3 * cpu / calls:.1f} ms a call")


if __name__ == "__main__":
    main()
