"""The command, in a process of its own, against the simulator."""

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

pytest.importorskip("openai", reason="needs the openai SDK")

COMMAND = "from llm_latency_lens.cli import main; main(prog_name='llm-latency-lens')"


@dataclass
class Done:
    """How the command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def start(tmp_path):
    """Start the command in a folder of its own; ``folder / 'x'`` is a file in it."""

    def start_it(*words, **popen):
        env = {**os.environ, "OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k", "COLUMNS": "100"}
        env.pop("CI", None)
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, *map(str, words)],
            cwd=tmp_path,
            env=env,
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | popen,
        )

    return start_it


@pytest.fixture
def lens(start):
    """Run the command to its end."""

    def run(*words):
        process = start(*words)
        out, err = process.communicate(timeout=120)
        return Done(process.returncode, out, err)

    return run


@pytest.fixture
def asking(simulator):
    """The words that name a model of the simulator."""

    def words(model, **script):
        simulator.script(model, **script)
        return "--provider", "openai", "--model", model, "--base-url", simulator.base_url

    return words
