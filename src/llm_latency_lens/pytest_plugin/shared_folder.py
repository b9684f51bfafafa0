"""The shared folder: files that the workers of a session on this machine write and it reads."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

__all__ = ["LEDGER", "SPOOL_PATH", "SharedFolder", "claim_spool", "shared_path"]

LEDGER = "ledger"
SPOOL_PATH = pytest.StashKey[Path]()
_KEY = "llm_latency_lens_folder"
_SUFFIX = ".spool"


class SharedFolder:
    """
    A folder of one session, made when its first worker is about to start.

    A worker on another machine is told its path too, does not find it, and does without.
    """

    def __init__(self) -> None:
        self._path: Path | None = None

    def tell(self, workerinput: dict[str, Any]) -> None:
        """Name the folder in what a worker is started with; where none can be made, do not."""
        with suppress(OSError):
            workerinput[_KEY] = str(self._made())

    def ledger(self) -> Path:
        """
        Return the path of the ledger.

        Raises:
            OSError: No folder can be made.
        """
        return self._made() / LEDGER

    def spool(self, worker_id: str) -> Path | None:
        """Return the spool of a worker; None where it could not write one."""
        path = None if self._path is None else self._path / (worker_id + _SUFFIX)
        return path if path is not None and path.exists() else None

    def spools(self) -> Iterator[Path]:
        """Yield the spool of every worker that wrote one."""
        if self._path is not None:
            yield from sorted(self._path.glob("*" + _SUFFIX))

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        if self._path is not None:
            shutil.rmtree(self._path, ignore_errors=True)
            self._path = None

    def _made(self) -> Path:
        if self._path is None:
            self._path = Path(tempfile.mkdtemp(prefix="llm-latency-lens-"))
        return self._path


def shared_path(workerinput: Mapping[str, Any], name: str) -> Path | None:
    """Return the path of a file in the shared folder, as a worker sees it; None without one."""
    folder = workerinput.get(_KEY)
    return Path(folder) / name if folder and Path(folder).is_dir() else None


def claim_spool(config: pytest.Config) -> None:
    """Make the spool of this worker, empty, so that its session knows that it can write one."""
    workerinput: dict[str, Any] = config.workerinput  # type: ignore[attr-defined]
    path = shared_path(workerinput, workerinput["workerid"] + _SUFFIX)
    if path is not None:
        with suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
            config.stash[SPOOL_PATH] = path
