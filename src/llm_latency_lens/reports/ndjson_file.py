"""
The calls of a session, one JSON object a line.

Each line has the fields of a call in the report, so that a log collector, ``jq`` or a data frame
takes it as it comes, without holding the whole file.
"""

import json
from pathlib import Path
from typing import Any

from llm_latency_lens.atomic_file import write_whole

__all__ = ["write_ndjson"]


def write_ndjson(document: dict[str, Any], path: Path) -> None:
    """
    Write the calls of the document to *path*, whole or not at all.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
        TypeError: A hook put something into a call that JSON has no word for.
        ValueError: As before: NaN or an infinite number.
    """
    lines = (
        json.dumps(call, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        for call in document.get("calls", ())
    )
    write_whole((f"{line}\n" for line in lines), path)
