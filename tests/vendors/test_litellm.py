"""Calls through LiteLLM, sync over httpx, async over its own aiohttp transport under httpx."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from llm_latency_lens.codec import decode_samples
from llm_latency_lens.samples import Status, Taint

CALLS = ["sync:stream", "sync:whole", "async:stream", "async:whole", "async:refused"]
MS = 1_000_000
TTFT_MS = 40
SLACK_MS = 250
TOKENS = 7


@pytest.fixture(scope="module")
def made(simulator):
    """Make all calls in one process, as LiteLLM takes seconds to import and leaves sockets open."""
    if find_spec("litellm") is None:
        pytest.skip("needs litellm")
    for call in CALLS:
        simulator.script(_model(call), ttft=TTFT_MS, itl=3, output_tokens=TOKENS, input_tokens=19)
    simulator.script(_model("async:refused"), status=429, retry_after="0s")
    asked = [f"{call.partition(':')[0]}:{_model(call)}:{call.partition(':')[2]}" for call in CALLS]
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("litellm_calls.py"), simulator.host, *asked],
        capture_output=True,
        text=True,
        # Its prices are fetched from the network otherwise.
        env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        timeout=120,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    return {
        call: (raised, decode_samples(samples), simulator.records(_model(call)))
        for call, (raised, samples) in zip(CALLS, told, strict=True)
    }


def _model(call):
    return f"litellm-{call.replace(':', '-')}"


@pytest.mark.parametrize("call", CALLS[:-1])
def test_a_call_is_one_sample(made, call):
    """Though it passes through two clients when it is asynchronous."""
    _, (sample,), (record,) = made[call]

    assert (Status.OK, "", record.id, call.endswith("stream")) == (
        sample.outcome.status,
        sample.note,
        sample.request_id,
        sample.streamed,
    )
    assert (19, TOKENS) == (sample.usage.input_tokens, sample.usage.output_tokens)
    assert Taint.MOCKED not in sample.taints


@pytest.mark.parametrize("call", ["sync:stream", "async:stream"])
def test_a_stream_has_the_times_of_the_simulator(made, call):
    """The first token no sooner than it was sent, and soon after; likewise the last."""
    _, (sample,), (record,) = made[call]
    line = sample.timeline

    assert TOKENS == sample.token_events
    assert 0 <= line.first_token_ns - record.first_token_ns < SLACK_MS * MS
    assert 0 <= line.last_token_ns - record.last_token_ns < SLACK_MS * MS


def test_a_refusal_is_one_failed_call(made):
    """The exception is LiteLLM's own; the sample says what the provider said."""
    raised, (sample,), records = made["async:refused"]

    assert "RateLimitError" == raised
    assert (Status.ERROR, 429, len(records)) == (
        sample.outcome.status,
        sample.outcome.http_status,
        len(sample.attempts),
    )
