"""The face for code without an event loop."""

import os
import signal
import subprocess
import sys
import threading

import pytest

openai = pytest.importorskip("openai", reason="needs the openai SDK")


@pytest.fixture
def made(simulator, model):
    """A profiler of a quick model."""
    from llm_latency_lens.profiler import LatencyProfiler  # noqa: PLC0415 - beside its use

    simulator.script(model, ttft=10, output_tokens=2)
    return LatencyProfiler("openai", model, api_key="k", base_url=simulator.base_url)


def test_profile_and_batch(made):
    """Return what the others return."""
    assert 3 == made.sync.profile("hello", iterations=3).calls
    assert [2, 2] == [one.result.calls for one in made.sync.batch(["a", "b"], iterations=2).results]


def test_a_stream_is_told_from_a_thread(made):
    """The thread ends with it."""
    seen = list(made.sync.stream("hello", iterations=3))

    assert ([1, 2, 3], 3) == ([one.completed for one in seen], seen[-1].result.calls)
    assert "llm-latency-lens" not in {thread.name for thread in threading.enumerate()}


def test_a_fault_comes_out_of_a_stream(made):
    """As it is."""
    from llm_latency_lens.errors import UsageError  # noqa: PLC0415 - beside its use

    with pytest.raises(UsageError, match="iterations=0"):
        list(made.sync.stream("hello", iterations=0))


def test_leaving_a_stream_stops_its_thread(made):
    """Nothing is sent any more."""
    stream = made.sync.stream("hello", iterations=300)
    next(stream)
    stream.close()

    assert made.result.is_partial
    assert "llm-latency-lens" not in {thread.name for thread in threading.enumerate()}


SCRIPT = """
import sys
from llm_latency_lens import LatencyProfiler

made = LatencyProfiler("openai", "slow", api_key="k", base_url=sys.argv[1])
made.on("progress", lambda event: print("one", flush=True))
try:
    made.sync.profile("hello", iterations=500)
except KeyboardInterrupt:
    print(made.result.metadata.ending, made.result.calls > 1)
"""


def test_ctrl_c_leaves_the_result(simulator):
    """It is raised, after the calls in progress were broken off."""
    simulator.script("slow", ttft=20, output_tokens=1)
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, simulator.base_url],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    for _ in range(2):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)

    assert "interrupted True" == said.splitlines()[-1]
    assert 0 == process.returncode


def test_leaving_a_stream_at_its_start_stops_its_thread(made, monkeypatch):
    """As Ctrl-C does while the SDK is being loaded."""
    from llm_latency_lens.profiler import sync_profiler  # noqa: PLC0415 - beside its use

    class Interrupted(sync_profiler.SimpleQueue):
        """Waits for nothing."""

        def get(self):
            raise KeyboardInterrupt

    monkeypatch.setattr(sync_profiler, "SimpleQueue", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        next(made.sync.stream("hello", iterations=10_000))

    assert made.result.is_partial
    assert "llm-latency-lens" not in {thread.name for thread in threading.enumerate()}
