"""Profilers against the simulator, through the real SDKs, on asyncio and on trio."""

import asyncio
import gc
import threading
from pathlib import Path

import pytest

from llm_latency_lens.profiler import LatencyProfiler

BACKENDS = ("asyncio", "trio")


def _sockets():
    return {link.readlink() for link in Path("/proc/self/fd").iterdir() if _is_socket(link)}


def _is_socket(link):
    try:
        return str(link.readlink()).startswith("socket:")
    except OSError:
        return False


@pytest.fixture(params=BACKENDS)
def run(request):
    """
    Run an async function to its end, and find nothing left behind.

    No socket stays open, no task or thread goes on.
    """

    def run_it(function):
        # Connections of other tests go first.
        gc.collect()
        before = (_sockets(), set(threading.enumerate()))
        result = runners[request.param](function)
        gc.collect()
        assert (set(), set()) == (
            _sockets() - before[0],
            {
                thread
                for thread in set(threading.enumerate()) - before[1]
                if not thread.name.startswith("Trio thread")  # its cache of idle ones
            },
        )
        return result

    async def in_asyncio(function):
        result = await function()
        # What the SDKs leave to the garbage collector, the loop closes at its next turns.
        for _ in range(10):
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert set() == left
        return result

    def in_trio(function):
        trio = pytest.importorskip("trio")
        return trio.run(function)

    runners = {"asyncio": lambda function: asyncio.run(in_asyncio(function)), "trio": in_trio}
    return run_it


@pytest.fixture(params=["openai", "anthropic"])
def vendor(request):
    """The name of a vendor whose SDK is installed."""
    pytest.importorskip(request.param, reason=f"needs the {request.param} SDK")
    return request.param


@pytest.fixture
def profiler(simulator, vendor, model):
    """Make a profiler of a model of this test alone; first its script, then words."""

    def make(script, **words):
        simulator.script(model, **script)
        base_url = simulator.base_url if vendor == "openai" else simulator.anthropic_base_url
        return LatencyProfiler(vendor, model, api_key="k", base_url=base_url, **words)

    return make


@pytest.fixture
def model(request):
    """A model of its own for every test, so that its records are its own."""
    return f"profiler/{request.node.name}"
