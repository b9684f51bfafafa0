"""The report as a JSON file, written whole or not at all."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.reports.call_rows import fold_calls, unfold_calls

__all__ = ["check_writable", "read_report", "write_json"]


def read_report(path: Path) -> dict[str, Any]:
    """
    Return the report of a JSON file, each of its calls complete.

    Raises:
        ConfigurationError: The file cannot be read or is no report.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return unfold_calls(document)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as fault:
        raise ConfigurationError(f"{path} cannot be read as a report: {fault}") from fault


def write_json(document: dict[str, Any], path: Path) -> None:
    """
    Write the document to *path*, a call a line; a reader never sees half of it.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        # A provider's words may hold half a surrogate pair: written as JSON's own escape.
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            for piece in _pieces(document):
                file.write(piece)
        # mkstemp makes files for their owner alone; a report is as readable as any other file.
        umask = os.umask(0)
        os.umask(umask)
        Path(partial).chmod(0o666 & ~umask)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _pieces(document: dict[str, Any]) -> Iterator[str]:
    """Yield the text in pieces, since a long session's whole would fill the memory."""
    calls = document.get("calls")
    rows: Iterator[dict[str, Any]] = iter(())
    if isinstance(calls, list):
        defaults, rows = fold_calls(calls)
        document = {**document, "call_defaults": defaults}
    is_first = True
    for name, value in document.items():
        yield "{\n " if is_first else ",\n "
        is_first = False
        if name == "calls" and isinstance(value, list) and value:
            yield '"calls": [\n '
            for number, row in enumerate(rows):
                text = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
                yield f",\n {text}" if number else text
            yield "\n ]"
        else:
            text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
            yield f"{json.dumps(name)}: " + text.replace("\n", "\n ")
    yield "\n}\n" if not is_first else "{}\n"


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
