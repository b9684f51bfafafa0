"""The public face of the package."""

import subprocess
import sys

import llm_latency_lens.simulator as facade


def test_every_public_name_exists():
    """All names of __all__ resolve and are sorted."""
    assert facade.__all__ == sorted(facade.__all__)
    assert all(hasattr(facade, name) for name in facade.__all__)


def test_the_simulator_needs_no_sdk_and_no_pytest():
    """Its process loads nothing of ours but errors and clock, and no heavy library."""
    code = (
        "import sys, llm_latency_lens.simulator.process; "
        "print(*sorted({name.split('.')[0] for name in sys.modules}"
        " & {'pytest', 'click', 'httpx', 'httpx2', 'openai', 'anthropic', 'pydantic', 'numpy'}"
        " | {name for name in sys.modules if name.startswith('llm_latency_lens.')"
        " and not name.startswith('llm_latency_lens.simulator')}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )

    assert ["llm_latency_lens.clock", "llm_latency_lens.errors"] == done.stdout.split()
