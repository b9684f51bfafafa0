"""Server times in bodies of Chat Completions: Groq, GPUStack and llama.cpp tell them."""

import json

import pytest

from llm_latency_lens.protocols import PROTOCOLS
from llm_latency_lens.samples import ServerTime

MS = 1_000_000


def _decode(**fields):
    chunk = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], **fields}
    decoder = PROTOCOLS["openai_chat"].decoder()
    decoder.feed(b"data: " + json.dumps(chunk).encode() + b"\n\n", 1)
    return decoder.finish()


def test_groq_tells_seconds():
    """In its usage, wherever that stands."""
    usage = {"queue_time": 0.05, "prompt_time": 0.002, "completion_time": 1, "total_time": 1.002}
    expected = (
        ServerTime("queue_time", 50 * MS, "queue"),
        ServerTime("prompt_time", 2 * MS, "prompt"),
        ServerTime("completion_time", 1000 * MS, "generation"),
        ServerTime("total_time", 1002 * MS, "inference"),
    )

    assert expected == _decode(usage=usage).server_times
    assert expected == _decode(x_groq={"usage": usage}).server_times


def test_gpustack_tells_milliseconds():
    """Of the first token and of each."""
    usage = {"time_to_first_token_ms": 81.5, "time_per_output_token_ms": 9}

    assert (
        ServerTime("time_to_first_token_ms", 81_500_000, "first token"),
        ServerTime("time_per_output_token_ms", 9 * MS, "one token"),
    ) == _decode(usage=usage).server_times


def test_llama_cpp_tells_timings():
    """Beside the choices of its last chunk."""
    assert (
        ServerTime("prompt_ms", 12 * MS, "prompt"),
        ServerTime("predicted_ms", 345 * MS, "generation"),
    ) == _decode(timings={"prompt_ms": 12, "predicted_ms": 345.0, "cache_n": 3}).server_times


@pytest.mark.parametrize("value", [-1, True, "0.1", 10**9, None, float("inf")])
def test_what_is_no_time_is_left_out(value):
    """A server may say anything."""
    assert () == _decode(usage={"queue_time": value}, timings=value).server_times
