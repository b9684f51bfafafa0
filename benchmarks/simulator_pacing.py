"""
How late the simulator sends: ``sent_ns - due_ns`` of every event, many streams at once.

The server runs in its own process, this one is the client: raw sockets that throw away what
they read, so that the client takes as little of the machine as it can.

    python benchmarks/simulator_pacing.py [--streams 200] [--seconds 5] [--gap-ms 20]
"""

import argparse
import asyncio
import json
import time
from functools import partial

from llm_latency_lens.simulator import Simulator, start_simulator

MODEL = "paced"
TTFT_MS = 500


class Reader(asyncio.Protocol):
    """Sends one request and counts bytes until the end of the stream."""

    def __init__(self, request: bytes, ended: asyncio.Future[None]) -> None:
        self.request = request
        self.ended = ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask at once."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Look at the end of what came, and at nothing else."""
        if data.endswith(b"0\r\n\r\n"):
            self.transport.close()
            self.ended.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the benchmark when the server hung up."""
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("the stream was cut"))


async def read_streams(host: str, streams: int) -> None:
    loop = asyncio.get_running_loop()
    name, port = host.rsplit(":", 1)
    body = json.dumps({"model": MODEL, "messages": [], "stream": True}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(body)}"
    request = head.encode() + b"\r\n\r\n" + body
    ends: list[asyncio.Future[None]] = []
    for _ in range(streams):
        ends.append(loop.create_future())
        await loop.create_connection(partial(Reader, request, ends[-1]), name, int(port))
        # Phases spread over one gap, as those of independent users are.
        await asyncio.sleep(TTFT_MS / 1000 / streams / 2)
    await asyncio.gather(*ends)


def quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(simulator: Simulator, seconds: float, cpu_ms: float) -> None:
    records = simulator.records(MODEL)
    tokens = [event for record in records for event in record.events if event.tokens]
    late_ms = sorted((event.sent_ns - event.due_ns) / 1e6 for event in tokens)
    print(f"{len(records)} streams, {len(tokens)} token events in {seconds:.1f} s")
    for share in (0.5, 0.95, 0.99, 0.999):
        print(f"pacing error p{share * 100:g}: {quantile(late_ms, share):.3f} ms")
    print(f"pacing error max: {late_ms[-1]:.3f} ms (least {late_ms[0]:.3f} ms)")
    print(f"server CPU: {cpu_ms / seconds / 10:.0f} % of one core")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--streams", type=int, default=200)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--gap-ms", type=float, default=20.0)
    given = options.parse_args()
    tokens = max(2, round(given.seconds * 1000 / given.gap_ms))
    with start_simulator() as simulator:
        simulator.script(MODEL, ttft=TTFT_MS, itl=given.gap_ms, output_tokens=tokens)
        before_ms, start = simulator.health()["cpu_ms"], time.perf_counter()
        asyncio.run(read_streams(simulator.host, given.streams))
        seconds = time.perf_counter() - start
        report(simulator, seconds, simulator.health()["cpu_ms"] - before_ms)


if __name__ == "__main__":
    main()
