"""
The simulator as a process of its own, so that its work and the caller's never share a GIL.

The child lives as long as the pipe to its standard input: it ends when the parent closes it
or dies.
"""

import asyncio
import json
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.client import Simulator
from llm_latency_lens.simulator.event_loop import run_finely
from llm_latency_lens.simulator.server import serve

__all__ = ["attend", "start_simulator"]

_START_S = 30.0
_STOP_S = 5.0

# The path of the parent is appended, never put in front: the child finds what the parent
# finds, and a json.py beside somebody's tests shadows nothing.
_BOOT = (
    "import json, sys; host, port, path = json.loads(sys.argv[1]); "
    "sys.path += [each for each in path if each not in sys.path]; "
    "from llm_latency_lens.simulator.process import attend; attend(host, port)"
)


@contextmanager
def start_simulator(
    scripts: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
) -> Iterator[Simulator]:
    """
    Run a simulator in a child process and yield its client; the child ends with the block.

    *scripts* maps models to the fields of their script, ``"*"`` to those of all others.

    Raises:
        ConfigurationError: A script is no good, or the child could not listen.
    """
    boot = json.dumps([host, port, sys.path])
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-P", "-c", _BOOT, boot], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        simulator = Simulator(_read_address(child.stdout))
        for model, fields in (scripts or {}).items():
            simulator.script(model, **fields)
        yield simulator
    finally:
        child.stdin.close()
        child.stdout.close()
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def attend(host: str, port: int) -> None:
    """Serve until standard input ends; what the child process runs."""
    # Ctrl-C reaches the whole process group; the parent may still have calls to make.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run_finely(_until_eof(host, port))
    except ConfigurationError as error:
        _say({"error": str(error)})


async def _until_eof(host: str, port: int) -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stopped.set)
    await serve(
        host,
        port,
        scripts={},
        on_ready=lambda address: _say({"address": address}),
        stopped=stopped,
    )


def _say(word: Mapping[str, str]) -> None:
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


def _read_address(stdout: IO[bytes]) -> str:
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        line = stdout.readline() if selector.select(_START_S) else b""
    try:
        word = json.loads(line)
    except ValueError as error:
        raise ConfigurationError(
            f"the simulator did not start: {sys.executable} wrote {line!r} instead of an address; "
            "what it wrote to standard error tells why"
        ) from error
    if "error" in word:
        raise ConfigurationError(word["error"])
    return str(word["address"])
