"""Servers of other people: installed once into a folder that is kept, then run on loopback."""

import fcntl
import http.client
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["PeerError", "install_once", "run_installer", "running"]

_INSTALL_LIMIT_S = 180
_START_LIMIT_S = 60
_POLL_S = 0.05
_STOP_LIMIT_S = 10
_TAIL = 2000
# What tox, pytest-cov and the like put there for us is not meant for them.
_OURS = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS", "VIRTUAL_ENV")


class PeerError(Exception):
    """A peer could not be installed or started."""


def install_once(folder: Path, program: Path, install: Callable[[Path], None]) -> None:
    """
    Make sure that *program* is there, by one call of *install* with the empty *folder*.

    Other processes that want the same wait for it. An installation that did not end is redone.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    ready = folder / "ready"
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if ready.exists() and program.exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        install(folder)
        ready.touch()


def run_installer(*command: str | Path, limit_s: int | None = None) -> None:
    """
    Run one step of an installation, for three minutes at most or for *limit_s* seconds.

    Raises:
        PeerError: It failed, or took too long.
    """
    try:
        done = subprocess.run(
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_s or _INSTALL_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise PeerError(f"not installed (is the package registry reachable?): {fault}") from fault
    if done.returncode:
        line = " ".join(map(str, command))
        raise PeerError(
            f"not installed (is the package registry reachable?): {line}\n{done.stderr[-_TAIL:]}"
        )


@contextmanager
def running(command: Callable[[int], Sequence[str | Path]], log: Path) -> Iterator[str]:
    """
    Run what *command* returns for a free port until the block ends; yield ``host:port``.

    Raises:
        PeerError: It ended, or was not healthy in time; the end of its *log* is quoted.
    """
    port = _free_port()
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command(port),
            cwd=log.parent,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _await_health(process, port, log)
            yield f"127.0.0.1:{port}"
        finally:
            _stop(process)


def _environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    # Node brings certificates of its own; let it trust whom Python trusts.
    trusted = ssl.get_default_verify_paths().cafile
    if trusted is not None:
        environment.setdefault("NODE_EXTRA_CA_CERTS", trusted)
    return environment


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _await_health(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(round(_START_LIMIT_S / _POLL_S)):
        if _is_healthy(port):
            return
        try:
            process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            continue
        break
    tail = log.read_text(errors="replace")[-_TAIL:]
    raise PeerError(f"not started (exit status {process.poll()}):\n{tail}")


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
