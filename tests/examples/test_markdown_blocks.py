"""Every code block of README.md and docs/ does what its page says."""

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from markdown_blocks import read_blocks

_ROOT = Path(__file__).parents[2]
_PAGES = [_ROOT / "README.md", *sorted(_ROOT.glob("docs/**/*.md"))]
_BLOCKS = [
    block
    for page in _PAGES
    if "_build" not in page.parts
    for block in read_blocks(_ROOT, page)
    if block.is_run
]
# The first one installs and shows, the second one runs these tests: not from within them.
_COMMANDS_OF_README = [b for b in _BLOCKS if (b.page, b.language) == ("README.md", "sh")][:2]
_TIMEOUT_S = 120


def _cases():
    return [
        pytest.param(block, id=block.place) for block in _BLOCKS if block not in _COMMANDS_OF_README
    ]


@pytest.mark.parametrize("block", _cases())
def test_block_does_what_its_page_says(block, tmp_path, reader_environment):
    """A block of tests or commands, or a script, passes, or fails where its page says so."""
    if block.outcome == "skip":
        pytest.skip(f"the page says so: {block.words}")
    assert block.is_runnable, f"{block.place} holds commands that cannot be run"
    if missing := _missing(block):
        pytest.skip(f"{missing} is not installed")
    for each in (*block.needs, block):
        if each.file:
            (tmp_path / each.file).write_text(each.text, encoding="utf-8")
    command = _command(block, tmp_path)

    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=_environment(block, reader_environment),
        check=False,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
    )

    # 1 is a failed test or a broken budget; anything above says that nothing was tried.
    expected = 1 if block.outcome == "fails" else 0
    said = f"{done.stdout}\n{done.stderr}"
    assert expected == done.returncode, f"{block.place}\n{said}"
    assert block.words in said


@pytest.mark.parametrize("number", [1, 2])
def test_readme_begins_with_two_single_commands(number):
    """A reader copies one line to try it, and one line to run the tests."""
    assert len(_COMMANDS_OF_README) >= number, f"README.md has no sh block number {number}"
    block = _COMMANDS_OF_README[number - 1]

    assert len(block.text.splitlines()) == 1


def _command(block, folder):
    if block.language == "sh":
        if "example_suites" in block.text:
            shutil.copytree(_ROOT / "example_suites", folder / "example_suites")
        return ["bash", "-euo", "pipefail", "-c", "\n".join(block.commands)]
    file = folder / (block.file or "test_block.py")
    file.write_text(block.text, encoding="utf-8")
    return [sys.executable, *(("-m", "pytest") if block.has_tests else ()), file.name]


def _environment(block, reader_environment):
    if "example_suites" not in block.text:
        return reader_environment
    # The suites start a simulated provider of their own where no key is set.
    ours = ("OPENAI_", "ANTHROPIC_", "PYTEST_")
    return {name: value for name, value in reader_environment.items() if not name.startswith(ours)}


def _missing(block):
    text = "\n".join(each.text for each in (*block.needs, block))
    names = re.findall(r"(?m)^\s*(?:from|import) (openai|anthropic)", text)
    names += re.findall(r'(?:LatencyProfiler\("|--provider )(openai|anthropic)', text)
    if "benchmark" in text:
        names.append("pytest_benchmark")
    if re.search(r"\bpytest\b.* -n ?\d", text):
        names.append("xdist")
    return ", ".join(sorted({name for name in names if find_spec(name) is None}))
