"""The report as a JSON file: the document as it is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llm_latency_lens.atomic_file import write_whole
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.reports.call_rows import fold_calls, unfold_calls
from llm_latency_lens.reports.calls import Calls
from llm_latency_lens.reports.document import SCHEMA_VERSION

__all__ = ["read_document", "write_json"]

_ROW = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def read_document(path: Path) -> dict[str, Any]:
    """
    Return the report of a JSON file, each of its calls complete.

    Raises:
        ConfigurationError: There is no such file, or it is no report of this version.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise ConfigurationError(
            f"report {path} cannot be read: {fault.strerror or fault}; "
            "pytest --lens-report writes one"
        ) from fault
    except ValueError as fault:
        raise ConfigurationError(f"report {path} is not JSON: {fault}") from fault
    version = document.get("schema_version") if isinstance(document, dict) else None
    if version != SCHEMA_VERSION:
        raise ConfigurationError(
            f"report {path} has schema version {version!r}, where {SCHEMA_VERSION!r} is expected: "
            "it is of another version of this program, or of another one"
        )
    try:
        return unfold_calls(document)
    except (KeyError, TypeError) as fault:
        raise ConfigurationError(
            f"report {path} does not follow its schema: {type(fault).__name__} {fault}"
        ) from fault


def write_json(document: dict[str, Any], path: Path) -> None:
    """
    Write the document to *path*, a call a line, whole or not at all.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
        TypeError: A hook put something into the document that JSON has no word for.
        ValueError: As before: NaN or an infinite number.
    """
    write_whole(_pieces(document), path)


def _pieces(document: dict[str, Any]) -> Iterator[str]:
    """Yield the text in pieces, since a long session's whole would fill the memory."""
    calls = document.get("calls")
    rows: Iterator[dict[str, Any]] = iter(())
    if has_rows := isinstance(calls, (list, Calls)):
        defaults, rows = fold_calls(calls)
        document = {**document, "call_defaults": defaults, "calls": calls or []}
    is_first = True
    for name, value in document.items():
        yield "{\n " if is_first else ",\n "
        is_first = False
        if name == "calls" and has_rows and value:
            yield '"calls": [\n '
            for number, row in enumerate(rows):
                text = _ROW.encode(row)
                yield f",\n {text}" if number else text
            yield "\n ]"
        else:
            text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
            yield f"{json.dumps(name)}: " + text.replace("\n", "\n ")
    yield "\n}\n" if not is_first else "{}\n"
