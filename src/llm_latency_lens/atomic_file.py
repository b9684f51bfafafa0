"""Files that are written whole or not at all, and the question beforehand whether they can be."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from llm_latency_lens.errors import ConfigurationError

__all__ = ["check_writable", "write_whole"]


def write_whole(text: str | Iterable[str], path: Path) -> None:
    """
    Write *text*, whole or in pieces, to *path* in UTF-8; a reader never sees half of it.

    Half of a surrogate pair, which has no UTF-8, is written as its escape.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        # A provider's words may hold half a surrogate pair; its escape is JSON's own too.
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines((text,) if isinstance(text, str) else text)
        # mkstemp makes files for their owner alone; a report is as readable as any other file.
        umask = os.umask(0)
        os.umask(umask)
        Path(partial).chmod(0o666 & ~umask)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def check_writable(path: Path) -> None:
    """
    Make sure, before anything is measured, that a report can be written to *path*.

    Raises:
        ConfigurationError: It is a folder, or its folder cannot be made or written to.
    """
    try:
        if path.is_dir():
            raise ConfigurationError(f"report {path}: is a folder, give the name of a file in it")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise ConfigurationError(f"report {path} cannot be written: {reason}") from fault
