"""
What it costs to read an answer with embeddings: CPU and memory, against reading it as JSON.

    python benchmarks/embeddings.py [--vectors 2048]
"""

import argparse
import base64
import json
import random
import struct
import time
import tracemalloc

from llm_latency_lens.protocols import PROTOCOLS

_DIMENSIONS = 1536
_CHUNK_BYTES = 65_536


def main() -> None:
    """Print a line for each form of the vectors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=int, default=2048)
    number = parser.parse_args().vectors
    draw = random.Random(1)
    values = [draw.uniform(-1, 1) for _ in range(_DIMENSIONS)]
    packed = base64.b64encode(struct.pack(f"<{_DIMENSIONS}f", *values)).decode()
    for form, vector in (("float", values), ("base64", packed)):
        items = [{"object": "embedding", "index": at, "embedding": vector} for at in range(number)]
        usage = {"prompt_tokens": number, "total_tokens": number}
        body = json.dumps({"object": "list", "data": items, "model": "m", "usage": usage}).encode()
        del items
        started_ns = time.process_time_ns()
        json.loads(body)
        whole_ms = (time.process_time_ns() - started_ns) / 1e6
        started_ns = time.process_time_ns()
        told = _read(body)
        lens_ms = (time.process_time_ns() - started_ns) / 1e6
        tracemalloc.start()
        _read(body)
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(
            f"{number} vectors as {form}, {len(body) / 1e6:.1f} MB: {lens_ms:.0f} ms of CPU, "
            f"{peak_bytes / 1e6:.1f} MB at most; as JSON {whole_ms:.0f} ms, "
            f"{whole_ms / max(lens_ms, 0.001):.0f} times as long (usage read: {told == number})"
        )


def _read(body: bytes) -> int | None:
    decoder = PROTOCOLS["openai_embeddings"].decoder()
    for at in range(0, len(body), _CHUNK_BYTES):
        decoder.feed(body[at : at + _CHUNK_BYTES], at)
    return decoder.finish().usage.input_tokens


if __name__ == "__main__":
    main()
