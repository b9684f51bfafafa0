"""Paths as people read them."""

from pathlib import Path

__all__ = ["shown_path"]


def shown_path(path: Path) -> str:
    """Return the path from the working directory, where it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
