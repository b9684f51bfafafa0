"""``pytest_lens_report``: the document in the hands of a conftest, before it is written."""

import pytest

pytest.importorskip("openai")

HOOK = """
import pathlib

def pytest_lens_report(config, document):
    with pathlib.Path("hook.txt").open("a") as file:
        print(document["total"]["calls"], hasattr(config, "workerinput"), file=file)
    document.setdefault("extra", {})["commit"] = "0248ab0b"
"""
SUITE = """
import pytest
from openai import OpenAI

@pytest.mark.parametrize("number", range(4))
def test_any(lens_simulator, number):
    with OpenAI(base_url=lens_simulator.base_url, api_key="k") as client:
        client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}]
        )
"""


@pytest.fixture(scope="module")
def inner(run_inner, distribution):
    """One run of the suite, alone and with two workers."""
    return run_inner({"conftest": HOOK, "test_inner": SUITE}, *distribution, "--lens-report")


def test_the_hook_is_called_once_with_all_calls(inner):
    """It runs where the report is written, with the calls of every worker."""
    assert ["4 False"] == (inner.folder / "hook.txt").read_text().splitlines()


def test_what_the_hook_adds_is_written(inner):
    """Keys under ``extra`` reach the file."""
    assert {"commit": "0248ab0b"} == inner.report()["extra"]


def test_without_a_report_the_hook_is_silent(run_inner):
    """No report, no call of the hook."""
    inner = run_inner({"conftest": HOOK, "test_inner": "def test_idle(): pass"})

    assert (0, False) == (inner.ret, (inner.folder / "hook.txt").exists())


def test_a_hook_that_takes_away_costs_only_the_formats_that_show_it(run_inner):
    """The others are written; the exit code says that one is missing, and no traceback does."""
    hook = "def pytest_lens_report(document): del document['models']"
    inner = run_inner(
        {"conftest": hook, "test_inner": "def test_idle(): pass"},
        "--lens-report-file=lens.html",
        "--lens-report-file=lens.json",
    )

    assert 4 == inner.ret
    assert "report lens.html was not written: KeyError('models')" in inner.summary
    assert "report: lens.json" in inner.summary
    assert "INTERNALERROR" not in inner.text
