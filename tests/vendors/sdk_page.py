"""The page of SDKs: two tables, read from the file and written back row by row."""

import fcntl
from pathlib import Path

__all__ = ["HEADS", "PAGE", "read_page", "write_page"]

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/sdks.md"
ANSWERS, FAILURES = "Answers", "Failures"
HEADS = {
    ANSWERS: ("SDK", "Streamed", "Whole", "Async, streamed", "Async, whole"),
    FAILURES: ("SDK", "401", "429", "500", "An error within a stream"),
}
_SECTION = "## "


def read_page(page: Path = PAGE):
    """Return the cells of each table by the name of its row."""
    tables, section = {name: {} for name in HEADS}, None
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith(_SECTION):
            section = line.removeprefix(_SECTION)
        elif section in tables and line.startswith("| "):
            name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            if name not in ("SDK", "---"):
                tables[section][name] = tuple(cells)
    return tables


def write_page(measured, names, page: Path = PAGE):
    """
    Put *measured*, cells by table and row, into the page; *names* are all rows in their order.

    What was not measured here stays as it is. Processes may write at once.
    """
    with page.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known = read_page(page)
        head = file.read().partition(_SECTION)[0]
        tables = []
        for section, words in HEADS.items():
            rows = known[section] | measured.get(section, {})
            lines = [(name, *rows[name]) for name in names if name in rows]
            shown = [words, ("---",) * len(words), *lines]
            text = "\n".join("| " + " | ".join(line) + " |" for line in shown)
            tables.append(f"{_SECTION}{section}\n\n{text}\n")
        file.seek(0)
        file.truncate()
        file.write(head + "\n".join(tables))
