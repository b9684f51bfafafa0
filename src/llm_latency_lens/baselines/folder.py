"""The folder of a project's baselines: names to files."""

import re
from dataclasses import dataclass
from pathlib import Path

from llm_latency_lens.baselines.baseline import Baseline
from llm_latency_lens.baselines.file import read_baseline, write_baseline
from llm_latency_lens.errors import ConfigurationError, MissingBaseline

__all__ = ["Folder"]

_NAME = re.compile(r"[\w-][\w.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Folder:
    """
    Where baselines lie, one JSON file each.

    Attributes:
        path: The folder; it need not exist before one is saved.
    """

    path: Path

    def file(self, name: str) -> Path:
        """
        Return the file of a baseline, whether it exists or not.

        Raises:
            ConfigurationError: *name* cannot be the name of a file.
        """
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                f"baseline {name!r}: a name has letters, digits, '_', '-' and '.' only, "
                "such as 'main' or 'release-2.1'"
            )
        return self.path / f"{name}.json"

    def read(self, name: str) -> Baseline:
        """
        Return the baseline of that name.

        Raises:
            MissingBaseline: There is none.
            ConfigurationError: Its name or its file cannot be read.
        """
        file = self.file(name)
        if not file.is_file():
            raise MissingBaseline(
                f"there is no baseline {name!r} ({file}): make it with 'pytest --lens-save {name}'"
                ", or pass --lens-missing-baseline=skip to go on without"
            )
        return read_baseline(file)

    def write(self, baseline: Baseline) -> Path:
        """
        Write the baseline under its name and return its file.

        Raises:
            ConfigurationError: Its name cannot be the name of a file.
            OSError: The file cannot be written.
        """
        file = self.file(baseline.name)
        write_baseline(baseline, file)
        return file
