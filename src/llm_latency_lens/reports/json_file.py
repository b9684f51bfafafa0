"""The report as a JSON file, written whole or not at all."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from llm_latency_lens.errors import ConfigurationError

__all__ = ["check_writable", "write_json"]


def write_json(document: dict[str, Any], path: Path) -> None:
    """
    Write the document to *path*; a reader never sees half of it.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        # A provider's words may hold half a surrogate pair: written as JSON's own escape.
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text + "\n")
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
