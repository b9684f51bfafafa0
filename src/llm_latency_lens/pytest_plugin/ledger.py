"""
The ledger: what a session has spent and may yet have to pay, in one file for all its workers.

Lines are only ever appended, under the kernel's lock on the file (``flock``): whoever waits for
it is woken at once, where a lock library would poll, and a process that dies gives it back. Each
process reads what the others have appended before it decides. Of a line that a death tore, a
reservation was never used, and a settlement leaves its reservation standing: both are safe.
"""

import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from llm_latency_lens.errors import ConfigurationError

__all__ = ["Balance", "Ledger"]


@dataclass(frozen=True, slots=True)
class Balance:
    """
    The ledger at one moment.

    Attributes:
        spent_usd: Cost of the calls that have ended.
        reserved_usd: Worst case of those that have not, or whose process died.
        refused: Calls that were not let through.
    """

    spent_usd: Decimal
    reserved_usd: Decimal
    refused: int


class Ledger:
    """
    One process's view of the file at *path*, which is made if it is not there.

    Raises:
        ConfigurationError: The system has no ``flock``, as on Windows.
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            import fcntl  # noqa: PLC0415 - absent on Windows, where the plugin must load
        except ImportError as fault:
            raise ConfigurationError(
                "--lens-max-cost needs flock, as on Linux and macOS"
            ) from fault
        self._fcntl = fcntl
        self._path = path
        self._turn = threading.Lock()
        self._open_file()
        self._offset = 0
        self._is_torn = False
        self._spent = Decimal(0)
        self._reserved: dict[str, Decimal] = {}
        self._worst: dict[str, Decimal] = {}
        self._refused = 0

    def reserve(self, worst_usd: Decimal, cap_usd: Decimal) -> str | None:
        """Return the number of a reservation; None, noted as refused, where it could cross."""
        with self._locked():
            reserved = sum(self._reserved.values(), start=Decimal(0))
            if self._spent + reserved + worst_usd > cap_usd:
                self._append(["refused"])
                return None
            entry = secrets.token_hex(8)
            self._append(["reserved", entry, str(worst_usd)])
            return entry

    def settle(self, entry: str, usd: Decimal | None, model: str = "") -> None:
        """Replace a reservation by what the call cost; None stands for its worst case."""
        with self._locked():
            self._append(["settled", entry, None if usd is None else str(usd), model])

    def worst_seen(self, model: str) -> Decimal | None:
        """Return the most that one call to *model* has cost so far, in any process."""
        with self._locked():
            return self._worst.get(model)

    def balance(self) -> Balance:
        """Return the ledger as it stands."""
        with self._locked():
            reserved = sum(self._reserved.values(), start=Decimal(0))
            return Balance(self._spent, reserved, self._refused)

    def _open_file(self) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = os.open(self._path, flags, 0o600)
        self._pid = os.getpid()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._turn:
            # A forked process shares the lock of its parent until it opens the file itself.
            if os.getpid() != self._pid:
                self._open_file()
            self._fcntl.flock(self._descriptor, self._fcntl.LOCK_EX)
            try:
                self._catch_up()
                yield
            finally:
                self._fcntl.flock(self._descriptor, self._fcntl.LOCK_UN)

    def _catch_up(self) -> None:
        size = os.fstat(self._descriptor).st_size
        data = os.pread(self._descriptor, size - self._offset, self._offset)
        whole, _, torn = data.rpartition(b"\n")
        self._is_torn = bool(torn)
        self._offset += len(data) - len(torn)
        for line in whole.splitlines():
            try:
                kind, *values = json.loads(line)
            except ValueError:
                continue
            self._apply(kind, *values)

    def _append(self, entry: list[str | None]) -> None:
        line = json.dumps(entry).encode() + b"\n"
        os.write(self._descriptor, b"\n" + line if self._is_torn else line)
        self._catch_up()

    def _apply(self, kind: str, *values: str | None) -> None:
        if kind == "refused":
            self._refused += 1
        elif kind == "reserved":
            entry, worst = values
            self._reserved[str(entry)] = Decimal(str(worst))
        else:
            entry, usd, model = values
            worst_usd = self._reserved.pop(str(entry), Decimal(0))
            cost = worst_usd if usd is None else Decimal(usd)
            self._spent += cost
            if usd is not None and model:
                self._worst[model] = max(cost, self._worst.get(model, cost))
