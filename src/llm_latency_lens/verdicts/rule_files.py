"""
Rule files: compiled rules in the user's cache folder.

Only time is at stake: a file that cannot be read, or says what it was not given, is as good as
none, and a folder that cannot be written to changes nothing.
"""

import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from llm_latency_lens.atomic_file import write_whole
from llm_latency_lens.verdicts.rule import Rule

__all__ = ["RuleFiles", "cache_folder"]

# Of the way rules are compiled: what an older version wrote is not read.
_VERSION = 1


class RuleFiles:
    """
    One file a rule, written whole or not at all.

    Attributes:
        folder: Where they are; by default below :func:`cache_folder`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def read(self, key: str, n_max: int) -> Rule | None:
        """Return the rule that was stored under *key*; None when there is none to be trusted."""
        # Whatever is wrong with the file: it is compiled anew.
        with suppress(Exception):
            values = json.loads(self._path(key).read_bytes())
            rule = Rule(tuple(values["fail_at"]), tuple(values["pass_at"]))
            has_length = len(rule.fail_at) == len(rule.pass_at) == n_max + 1
            if has_length and values["sha256"] == _digest(key, rule):
                return rule
        return None

    def write(self, key: str, rule: Rule) -> None:
        """Store the rule, if the folder lets us."""
        content = {"fail_at": rule.fail_at, "pass_at": rule.pass_at, "sha256": _digest(key, rule)}
        with suppress(OSError, RuntimeError):
            write_whole(json.dumps(content), self._path(key))

    def _path(self, key: str) -> Path:
        folder = cache_folder() / "rules" if self.folder is None else self.folder
        return folder / f"{key.replace(' ', '_')}_v{_VERSION}.json"


def cache_folder(platform: str = sys.platform) -> Path:
    """
    Return the folder for what can be made again, by the customs of the *platform*.

    Raises:
        RuntimeError: The home folder of the user is not known.
    """
    if platform == "win32":
        named, usual = os.environ.get("LOCALAPPDATA"), Path("AppData", "Local")
    elif platform == "darwin":
        named, usual = None, Path("Library", "Caches")
    else:
        named, usual = os.environ.get("XDG_CACHE_HOME"), Path(".cache")
    return (Path(named) if named else Path.home() / usual) / "llm-latency-lens"


def _digest(key: str, rule: Rule) -> str:
    text = f"{key} {list(rule.fail_at)} {list(rule.pass_at)}"
    return hashlib.sha256(text.encode("ascii")).hexdigest()
