"""``--lens-budget``: the pooled session is judged; what is broken counts as a failure."""

import xml.etree.ElementTree as ET

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

@pytest.mark.parametrize("number", range(4))
def test_whole(ask, number):
    ask()

def test_streamed(stream):
    stream("gpt-4o")
"""
BROKEN = "openai/gpt-4o-mini: p95 < 1ms"
IDLE = "def test_idle(): pass"


@pytest.fixture(scope="module")
def broken(run_inner, distribution):
    """A session with a budget that breaks and two that hold."""
    budgets = (BROKEN, "ttft_p95 < 20s", "calls < 2")
    return run_inner(
        SUITE,
        *distribution,
        *(f"--lens-budget={one}" for one in budgets),
        *("--lens-report", "--junit-xml=junit.xml", "-rf", "-o", "cache_dir=.pytest_cache"),
        plugins=("cacheprovider",),
    )


def test_a_broken_budget_fails_the_session(broken):
    """Every test passed; the exit status is that of a failed test."""
    assert 1 == broken.ret
    assert {"passed"} == {
        entry["outcome"] for name, entry in broken.tests.items() if name.startswith("test_")
    }


def test_pytest_counts_it(broken):
    """The last line of pytest and its list of failures name it."""
    assert "1 failed, 5 passed" in broken.text
    assert "FAILED lens-budget::openai/gpt-4o-mini: p95 < 1ms" in broken.text


def test_it_explains_itself(broken):
    """Its failure says what was seen, of the calls of all workers, and which were slowest."""
    text = broken.sentences("openai/gpt-4o-mini: p95 < 1ms".rpartition("::")[2])

    assert "4 of 4 calls over, 0 allowed" in text
    assert "Slowest of 4 calls" in text


def test_junit_holds_it(broken):
    """A JUnit file has a test case that failed."""
    (suite,) = ET.parse(broken.folder / "junit.xml").getroot()
    failed = [case.get("name") for case in suite if case.find("failure") is not None]

    assert ("6", "1") == (suite.get("tests"), suite.get("failures"))
    assert ["openai/gpt-4o-mini: p95 < 1ms"] == failed


def test_the_report_holds_every_verdict(broken):
    """Kept or not; and the number of budgets counts them."""
    report = broken.report()

    assert [("p95", "broken"), ("ttft_p95", "kept"), ("calls", "kept")] == [
        (one["budget"], one["ruling"]) for one in report["session_verdicts"]
    ]
    assert (2, 1) == (report["budgets"]["kept"], report["budgets"]["broken"])
    assert report["partial"] is None


def test_the_summary_shows_every_verdict(broken):
    """A session is judged in public, also where its budget held."""
    shown = [line.strip() for line in broken.summary if line.startswith("  session: ")]

    assert ["session: broken", "session: kept", "session: kept"] == [
        ":".join(line.split(":")[:2]) for line in shown
    ]


def test_last_failed_has_no_part_of_it(broken):
    """A budget is no test that --lf could run again."""
    assert not (broken.folder / ".pytest_cache/v/cache/lastfailed").exists()


def test_a_budget_needs_a_call(run_inner):
    """Nothing turns green for want of evidence."""
    inner = run_inner(IDLE, "--lens-budget=p95 < 2s")

    assert 1 == inner.ret
    assert "no provider call was seen" in inner.text


def test_a_budget_of_the_ini_file_needs_none(run_inner):
    """It holds for whichever part of a suite is run: without a call it is not judged."""
    inner = run_inner(IDLE, ini="lens_budgets =\n    p95 < 2s\n    error_rate < 1%\n")

    assert 0 == inner.ret
    assert "budgets: 2 not judged" in inner.text


@pytest.mark.parametrize(
    ("arguments", "env", "kept"),
    [
        ((), {}, [("p95", "broken"), ("mean", "kept")]),
        ((), {"LENS_BUDGETS": "p95 < 10s; max < 30s"}, ["p95", "mean", "max"]),
        (("--lens-budget=p95 < 20s",), {"LENS_BUDGETS": "p95 < 1ms"}, ["p95", "mean"]),
    ],
    ids=["ini", "environment", "option"],
)
def test_the_closest_budget_wins(run_inner, arguments, env, kept):
    """The command line replaces the environment, and that the ini file, word by word."""
    ini = "lens_budgets =\n    p95 < 1ms\n    mean < 20s\n"
    inner = run_inner(SUITE, *arguments, "--lens-report", ini=ini, env=env)
    expected = [one if isinstance(one, tuple) else (one, "kept") for one in kept]

    assert expected == [
        (one["budget"], one["ruling"]) for one in inner.report()["session_verdicts"]
    ]


@pytest.mark.parametrize(
    ("budgets", "message"),
    [
        (["p95 < 2"], "write p95 < 2ms or p95 < 2s"),
        (["p59 < 2s"], "did you mean"),
        (["p95 < 2s", "p95 < 3s"], "p95 is limited twice"),
    ],
)
def test_a_budget_that_cannot_be_read_ends_the_session(run_inner, budgets, message):
    """Exit status 4 and one line, before the first test."""
    inner = run_inner(IDLE, *(f"--lens-budget={one}" for one in budgets))

    assert 4 == inner.ret
    assert any(message in line for line in inner.result.errlines)
    assert {} == inner.tests


def test_no_test_no_verdict(run_inner):
    """Where nothing was collected the status stays 5, and a list of tests stays a list."""
    empty = run_inner(IDLE, "--lens-budget=p95 < 2s", "-k", "nothing")
    listed = run_inner(IDLE, "--lens-budget=p95 < 2s", "--collect-only")

    assert (5, 0) == (empty.ret, listed.ret)


def test_disabled_nothing_is_judged(run_inner):
    """--lens-disable is about the session too."""
    assert 0 == run_inner(IDLE, "--lens-budget=p95 < 2s", "--lens-disable").ret
