"""``pytest_lens_sample``, ``_price``, ``_verdict`` and ``_summary``: told and asked once a fact."""

import pytest

pytest.importorskip("openai")

HOOKS = """
import os
import pathlib
from decimal import Decimal

def note(kind, *values):
    with pathlib.Path("heard.txt").open("a") as file:
        print(kind, *values, file=file)

def pytest_lens_sample(config, sample):
    note("sample", sample.node_id.rpartition("::")[2], sample.phase, sample.cost.total_usd)

def pytest_lens_price(config, sample):
    if sample.requested_model == "ours":
        return Decimal("0.25") * sample.usage.output_tokens

def pytest_lens_verdict(config, node_id, verdict):
    note("verdict", node_id.rpartition("::")[2] or "session", verdict.word, verdict.ruling)

def pytest_lens_summary(config, result):
    note("summary", len(result.samples), hasattr(config, "workerinput"))
    return [f"{len(result.samples)} calls in all", "and a second line"]
"""
SUITE = """
import pytest

@pytest.fixture
def asked(ask):
    ask("ours")

@pytest.mark.latency(p95="20s")
def test_marked(asked, ask):
    ask("gpt-4o-mini")

def test_profile(lens, ask):
    lens.profile(lambda: ask("ours"), iterations=2, max="20s")
"""


@pytest.fixture(scope="module")
def inner(run_inner, distribution):
    """One run, alone and with two workers."""
    files = {"test_inner": SUITE, "hooks": HOOKS}
    return run_inner(
        files, *distribution, "-phooks", "--lens-budget=error_rate < 1%", "--lens-report"
    )


@pytest.fixture(scope="module")
def heard(inner):
    """What the hooks wrote, sorted."""
    return sorted((inner.folder / "heard.txt").read_text().splitlines())


def test_every_call_is_told_once(heard):
    """Calls of fixtures too, each with its price; a profiled call is one call."""
    assert [
        "sample test_marked call 0.0000042",
        "sample test_marked setup 1.00",
        "sample test_profile call 1.00",
        "sample test_profile call 1.00",
    ] == [line for line in heard if line.startswith("sample")]


def test_a_price_of_a_hook_wins(inner):
    """It names its source in the report; without its word the price book has it."""
    sources = {one["requested_model"]: one["price_source"] for one in inner.report()["calls"]}

    assert "pytest_lens_price" == sources["ours"]
    assert sources["gpt-4o-mini"].startswith("genai-prices")


def test_every_verdict_is_told_once(heard):
    """Of marks, of profiles and of the session."""
    assert [
        "verdict session error_rate kept",
        "verdict test_marked p95 kept",
        "verdict test_profile max kept",
    ] == [line for line in heard if line.startswith("verdict")]


def test_lines_join_the_summary(inner, heard):
    """On the process that reports, once, with the calls of every worker."""
    assert ["summary 4 False"] == [line for line in heard if line.startswith("summary")]
    assert ["4 calls in all", "and a second line"] == [
        line for line in inner.summary if line in ("4 calls in all", "and a second line")
    ]


def test_a_price_that_is_none_fails_the_test(run_inner):
    """Text is no amount; the message says what is."""
    hook = "def pytest_lens_price(config, sample): return '$1'"
    suite = "def test_ask(ask, lens): ask()"
    inner = run_inner({"test_inner": suite, "hooks": hook}, "-phooks")

    assert "failed" == inner.outcome("test_ask")
    assert "a Decimal of US dollars, a Cost or None is due" in inner.sentences("test_ask")
