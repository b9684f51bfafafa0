"""
Hostile bodies over real sockets: what the lens takes of the memory, and what it says.

Each is read in a fresh process, bare and under the lens, by the script in ``benchmarks/`` that does
so for all of them; here are those that differ most from each other.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parents[3] / "benchmarks" / "hostile_bodies.py"
_BOUND_MB = 8
_BODIES = {
    "line of 100 MB of words": "httpx2",
    "line of 100 MB of base64": "httpx2",
    "line of 10 MB of base64, openai": "openai",
    "line of 10 MB, anthropic": "anthropic",
    "JSON of 100 MB of words": "httpx2",
    "JSON of 100 MB, openai": "openai",
    "JSON of 1 000 000 choices": "httpx2",
    "event of 100 000 levels": "httpx2",
    "events of short words": "httpx2",
    "events of one emoji in ASCII": "httpx2",
    "100 MB of NUL": "httpx2",
    "65 000 tokens": "httpx2",
    "endless headers": "httpx2",
    "gzip bomb of short lines": "httpx2",
    "gzip in gzip bomb": "httpx2",
    "brotli of events of words": "brotli",
    "zstd bomb, window of 4 MiB": "zstandard",
}


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux counts the peak")
@pytest.mark.parametrize("name", _BODIES)
def test_a_hostile_body_takes_little_memory_and_is_told(name):
    """At most 8 MB more than the client alone; the call goes on, the sample says what was lost."""
    pytest.importorskip(_BODIES[name])
    command = [sys.executable, str(_SCRIPT), "--json", "--body", name]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=dict(os.environ)
    )

    assert ("", 0) == (done.stderr, done.returncode)
    found = json.loads(done.stdout)
    assert found["added_mb"] <= _BOUND_MB
    assert found["sample"]["note"].startswith(found["expected_note"])
