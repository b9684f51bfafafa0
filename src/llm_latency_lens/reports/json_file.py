"""The report as a JSON file: the document as it is."""

import json
from pathlib import Path
from typing import Any

from llm_latency_lens.atomic_file import write_whole

__all__ = ["write_json"]


def write_json(document: dict[str, Any], path: Path) -> None:
    """
    Write the document to *path*, whole or not at all.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
        TypeError: A hook put something into the document that JSON has no word for.
        ValueError: As before: NaN or an infinite number.
    """
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(text + "\n", path)
