"""
Code blocks of Markdown pages, and what each one claims.

A comment right before a block says more about it::

    <!-- file: conftest.py -->          its file name; other blocks of the page can need it
    <!-- needs: conftest.py, a.toml --> files of this page that must stand beside it
    <!-- outcome: fails (words) -->     it must fail and print these words
    <!-- outcome: skip (reason) -->     it is not run
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "read_blocks"]

_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>[\w+-]*)\s*$")
_COMMENT = re.compile(r"^<!--\s*(?P<key>file|needs|outcome):\s*(?P<value>.*?)\s*-->\s*$")
_OUTCOME = re.compile(r"(?P<outcome>passes|fails|skip)(?: \((?P<words>.+)\))?")
_TESTS = re.compile(r"^\s*(async )?def test_", re.MULTILINE)
_RUN = {"python", "sh"}
_COMMANDS = ("pytest", "llm-latency-lens")


@dataclass(frozen=True, slots=True)
class Block:
    """
    One fenced block.

    Attributes:
        page: The page, relative to the root of the repository.
        line: Line of its fence, from 1.
        language: Word after the fence.
        text: What it holds.
        file: Its file name; empty when it has none.
        needs: The named blocks of its page that must stand beside it.
        outcome: ``passes``, ``fails`` or ``skip``.
        words: The reason of a skip, or what a failure must print.
    """

    page: str
    line: int
    language: str
    text: str
    file: str = ""
    needs: tuple["Block", ...] = ()
    outcome: str = "passes"
    words: str = ""

    @property
    def place(self) -> str:
        """Where it stands, as in ``docs/tutorial.md:12``."""
        return f"{self.page}:{self.line}"

    @property
    def is_run(self) -> bool:
        """Whether it is code that must run; a named one without tests is there for others."""
        if self.language not in _RUN:
            return False
        return self.has_tests or not self.file

    @property
    def has_tests(self) -> bool:
        """Whether pytest finds a test in it."""
        return self.language == "python" and bool(_TESTS.search(self.text))

    @property
    def commands(self) -> tuple[str, ...]:
        """The lines of a shell block, continued ones joined, without comments."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return tuple(line for line in lines if line.strip() and not line.startswith("#"))

    @property
    def is_runnable(self) -> bool:
        """Whether it can be run as it stands: tests, a script, or commands that we know."""
        if self.language == "python":
            return True
        return all(command.startswith(_COMMANDS) for command in self.commands)


def read_blocks(root: Path, page: Path) -> list[Block]:
    """Return the fenced blocks of *page*, in order; directives such as ``{note}`` are none."""
    name = page.relative_to(root).as_posix()
    blocks: list[Block] = []
    for line, language, text, told in _fenced(page.read_text(encoding="utf-8").splitlines()):
        named = {block.file: block for block in blocks if block.file}
        wanted = [each.strip() for each in told.get("needs", "").split(",") if each.strip()]
        if missing := [each for each in wanted if each not in named]:
            raise ValueError(f"{name}:{line} needs {missing}, which no block above it is named")
        outcome = _OUTCOME.fullmatch(told.get("outcome", "passes"))
        if outcome is None:
            raise ValueError(f"{name}:{line}: unknown outcome {told['outcome']!r}")
        blocks.append(
            Block(
                page=name,
                line=line,
                language=language,
                text=text,
                file=told.get("file", ""),
                needs=tuple(named[each] for each in wanted),
                outcome=outcome["outcome"],
                words=outcome["words"] or "",
            )
        )
    return blocks


def _fenced(lines: list[str]) -> Iterator[tuple[int, str, str, dict[str, str]]]:
    told: dict[str, str] = {}
    numbered = iter(enumerate(lines, start=1))
    for number, line in numbered:
        if comment := _COMMENT.match(line):
            told[comment["key"]] = comment["value"]
        elif fence := _FENCE.match(line):
            body = []
            for _, inner in numbered:
                if inner.rstrip() == fence["fence"]:
                    break
                body.append(inner)
            yield number, fence["language"], "\n".join(body) + "\n", told
            told = {}
        elif line.strip():
            told = {}
