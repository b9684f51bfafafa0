"""
A TOML file that knows its lines.

The standard library's parser tells no positions, so the line of a key is found in the text.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llm_latency_lens.errors import ConfigurationError

__all__ = ["Source"]

_PLACE = re.compile(r" \(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Source:
    """
    A file and its text.

    Attributes:
        path: The file.
        text: What it says.
        section: Names of the table that is ours.
    """

    path: Path
    text: str
    section: tuple[str, ...]

    def parsed(self) -> dict[str, Any]:
        """
        Return the whole document.

        Raises:
            ConfigurationError: It is not TOML.
        """
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as fault:
            found = _PLACE.search(str(fault))
            line = f"{found[1]}: " if found else " "
            raise ConfigurationError(
                f"{self.path}:{line}not TOML: {_PLACE.sub('', str(fault))}"
            ) from fault

    def fault(self, keys: tuple[str | int, ...], message: str) -> ConfigurationError:
        """Return the error about the value at *keys* within the section, with its line."""
        return ConfigurationError(f"{self.path}:{self._line((*self.section, *keys))}: {message}")

    def _line(self, keys: tuple[str | int, ...]) -> int:
        """Return the line of the deepest of *keys* that stands on a line of its own."""
        best, best_depth = 1, 0
        table: tuple[str | int, ...] = ()
        counts: dict[str, int] = {}
        for number, line in enumerate(self.text.splitlines(), 1):
            if header := re.match(r"\s*(\[\[?)([^\[\]]+)\]", line):
                names: tuple[str | int, ...] = tuple(_split(header[2]))
                if header[1] == "[[":
                    index = counts.get(header[2].strip(), -1) + 1
                    counts[header[2].strip()] = index
                    names = (*names, index)
                table = here = names
            elif key := re.match(r"\s*([\w\-.\"']+)\s*=", line):
                here = (*table, *_split(key[1]))
            else:
                continue
            if len(here) > best_depth and keys[: len(here)] == here:
                best, best_depth = number, len(here)
        return best


def _split(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]
