"""The page of the table: one row a scene, read from the file and written back."""

import fcntl
from pathlib import Path

__all__ = ["PAGE", "rows_of", "write_rows"]

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/traffic.md"
_HEAD = ("What happens", "Streamed", "The sample", "The client raises")
_SECTION = "## "
_NO_ROWS = (f"| {_HEAD[0]} |", "| --- |")


def rows_of(page: Path = PAGE):
    """Return the rows of the page by section and by the first two cells."""
    rows, section = {}, None
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith(_SECTION):
            section = line.removeprefix(_SECTION)
        elif section is not None and line.startswith("| ") and not line.startswith(_NO_ROWS):
            what, streamed, *rest = (cell.strip() for cell in line.strip("|").split("|"))
            rows.setdefault(section, {})[what, streamed] = tuple(rest)
    return rows


def write_rows(measured, keys, page: Path = PAGE):
    """
    Put *measured*, rows as ``rows_of`` returns them, into the page.

    *keys* has the sections in their order, each with the keys of all its rows; None for a
    section that cannot be measured here, which stays as it is. Processes may write at once.
    """
    with page.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known = rows_of(page)
        head = file.read().partition(_SECTION)[0]
        tables = []
        for section, wanted in keys.items():
            rows = known.get(section, {}) | measured.get(section, {})
            shown = rows if wanted is None else wanted
            lines = [(*key, *rows[key]) for key in shown if key in rows]
            if lines:
                tables.append(_table(section, lines))
        file.seek(0)
        file.truncate()
        file.write(head + "\n".join(tables))


def _table(section, rows):
    lines = [_HEAD, ("---",) * len(_HEAD), *rows]
    return "\n".join(
        [_SECTION + section, "", *("| " + " | ".join(line) + " |" for line in lines), ""]
    )
