"""What the code blocks of the documentation run on: a simulated provider instead of a real one."""

import os
import sys
from pathlib import Path

import pytest

from llm_latency_lens.simulator import start_simulator

_LEAKS = ("PYTEST_", "LENS_", "OPENAI_", "ANTHROPIC_")


@pytest.fixture(scope="session")
def reader_environment():
    """
    The environment of a reader who tries a page, with keys that no provider knows.

    The SDKs take the address of the simulator from it; the lens knows that address by name, so
    prices are those of the real models.
    """
    with start_simulator() as simulator:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEAKS)}
        yield {
            **kept,
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "OPENAI_API_KEY": "no-key",
            "OPENAI_BASE_URL": simulator.base_url,
            "ANTHROPIC_API_KEY": "no-key",
            "ANTHROPIC_BASE_URL": simulator.anthropic_base_url,
            "PYTEST_ADDOPTS": (
                f"-p no:randomly -o 'lens_hosts={simulator.host} = openai, anthropic'"
            ),
        }
