"""The simulator's process: its start, its end, its failures."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator import Simulator, start_simulator

# A parent that starts a simulator, tells where it is, and waits to be killed.
PARENT = (
    "from llm_latency_lens.simulator import start_simulator\n"
    "with start_simulator() as simulator:\n"
    "    print(simulator.host, simulator.health()['pid'], flush=True)\n"
    "    input()\n"
)
SERVER = (
    "from llm_latency_lens.simulator import serve_until_stopped, read_script_file\n"
    "import sys, pathlib\n"
    "scripts = read_script_file(pathlib.Path(sys.argv[1]))\n"
    "serve_until_stopped(port=0, scripts=scripts, on_ready=lambda host: print(host, flush=True))\n"
    "print('stopped', flush=True)\n"
)


def _python(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_process_is_a_process_of_its_own():
    """The server's pid is not ours, and its port answers on loopback."""
    with start_simulator() as simulator:
        health = simulator.health()

    assert "ok" == health["status"]
    assert os.getpid() != health["pid"]
    assert simulator.host.startswith("127.0.0.1:")


def test_the_process_ends_with_the_block():
    """After the block the process is gone and its port refuses."""
    with start_simulator() as simulator:
        pid = simulator.health()["pid"]

    assert not _is_running(pid)
    with pytest.raises(ConfigurationError, match="no simulator answers"):
        simulator.health()


def test_the_process_ends_with_a_failing_block():
    """An exception in the block ends the process too."""

    def fail():
        with start_simulator() as simulator:
            raise RuntimeError(str(simulator.health()["pid"]))

    with pytest.raises(RuntimeError) as raised:
        fail()

    assert not _is_running(int(str(raised.value)))


def test_the_process_ends_when_its_parent_is_killed():
    """A parent that gets no chance to clean up leaves no simulator behind."""
    with _python(PARENT) as parent:
        host, _pid = parent.stdout.readline().split()
        # An open connection is closed by the end of the process, however it ends.
        name, port = host.split(":")
        with closing(socket.create_connection((name, int(port)), timeout=60)) as connection:
            parent.kill()

            assert b"" == connection.recv(1)


def test_scripts_can_be_given_at_the_start():
    """Scripts of the start hold from the first request."""
    with start_simulator({"m": {"status": 503}}) as simulator:
        connection = Simulator(simulator.host)
        connection.script("n")

        assert () == connection.records()


def test_a_bad_script_at_the_start_leaves_no_process():
    """A wrong script is refused, and the child is stopped."""
    with pytest.raises(ConfigurationError, match="script of 'm'"), start_simulator({"m": {"x": 1}}):
        pass


def test_a_taken_port_is_explained():
    """A port that is in use is told with the way out."""
    with start_simulator() as simulator:
        port = int(simulator.host.split(":")[1])

        with pytest.raises(ConfigurationError, match="is taken"), start_simulator(port=port):
            pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_blocking_server_stops_on_a_signal(tmp_path, number):
    """Ctrl-C and SIGTERM end serve_until_stopped, which returns."""
    path = tmp_path / "scripts.json"
    path.write_text(json.dumps({"m": {"status": 503}}))
    with _python(SERVER, str(path)) as server:
        host = server.stdout.readline().strip()
        health = Simulator(host).health()
        server.send_signal(number)
        rest = server.stdout.read()

    assert (server.pid, "stopped\n", 0) == (health["pid"], rest, server.returncode)


def test_a_refused_script_of_the_control_api_is_told(monkeypatch):
    """What only the server refuses comes back as its message."""
    monkeypatch.setattr("llm_latency_lens.simulator.client.read_script", lambda *_: None)
    with start_simulator() as simulator, pytest.raises(ConfigurationError, match="unknown field"):
        simulator.script("m", ttf=1)
