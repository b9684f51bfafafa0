"""A broken budget beside pytest's own ways to report, rerun and stop: as a plain assertion."""

import json
import xml.etree.ElementTree as ET

import pytest

pytest.importorskip("httpx2")

# Lighter than an SDK: these are many sessions.
CONFTEST = """
import os
import httpx2
import pytest

@pytest.fixture(scope="session")
def ask():
    with httpx2.Client(timeout=30) as client:
        def ask():
            body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
            client.post(os.environ["SIM"] + "/chat/completions", json=body).raise_for_status()
        yield ask
"""
# The same suite, failing by a budget and by an assertion.
SUITE = """
import os
import pytest

is_ours = os.environ["FAILS_BY"] == "budget"
mark = pytest.mark.latency(p95="1us") if is_ours else pytest.mark.filterwarnings("error")

@pytest.fixture
def act(ask):
    def act():
        ask()
        assert is_ours
    return act

@mark
def test_fails(act):
    act()

@pytest.mark.xfail(reason="expected")
@mark
def test_xfail(act):
    act()

@pytest.mark.xfail(strict=True, reason="expected")
@mark
def test_strict_xfail(act):
    act()

@pytest.mark.xfail(strict=True, reason="not so")
@pytest.mark.latency(p95="20s")
def test_strict_xpass(ask):
    ask()

@pytest.mark.latency(p95="20s")
def test_passes(ask):
    ask()
"""
_OPTIONS = {
    "plain": (),
    "JUnit": ("--junit-xml=junit.xml",),
    "-x": ("-x",),
    "--maxfail": ("--maxfail=2",),
    "--runxfail": ("--runxfail",),
    "--collect-only": ("--collect-only", "-q"),
    "nothing collected": ("-k", "nothing"),
    "usage error": ("--no-such-option",),
    "file not found": ("nowhere.py",),
    "--pdb": ("--pdb", "--pdbcls=quiet:Quiet"),
    "--reruns": ("--reruns=2",),
    "--only-rerun": ("--reruns=2", "--only-rerun=(AssertionError|p95 latency)"),
    "--only-rerun of others": ("--reruns=2", "--only-rerun=OSError"),
}
QUIET = """
class Quiet:
    def __init__(self, *args, **kwargs):
        pass
    def interaction(self, frame, traceback):
        print("DEBUGGER ENTERED")
    reset = setup = forget = set_trace = lambda self, *args: None
"""


@pytest.fixture
def run(run_inner, simulator):
    """Return a runner of the suite, which fails by a budget or by an assertion."""

    def run(options, fails_by, *plugins):
        return run_inner(
            {"conftest": CONFTEST, "test_inner": SUITE, "quiet": QUIET},
            *options,
            env={"FAILS_BY": fails_by, "SIM": simulator.base_url},
            plugins=plugins,
        )

    return run


def _told(inner):
    outcomes = {name: entry["outcome"] for name, entry in inner.tests.items()}
    last = inner.result.outlines[-1].strip("= ").rpartition(" in ")[0] if inner.text else ""
    entered = inner.text.count("DEBUGGER ENTERED")
    junit = inner.folder / "junit.xml"
    cases = [
        [case.get("name"), *(child.tag for child in case)]
        for case in (ET.parse(junit).getroot().iter("testcase") if junit.exists() else ())
    ]
    return inner.ret, outcomes, last, entered, cases


@pytest.mark.parametrize("options", _OPTIONS.values(), ids=_OPTIONS)
def test_a_budget_fails_as_an_assertion_does(run, options):
    """Status, outcomes, counts, debugger and JUnit file are those of a plain assertion."""
    plugins = ("rerunfailures",) if "--reruns=2" in options else ()
    if plugins:
        pytest.importorskip("pytest_rerunfailures")
    ours, theirs = (run(options, way, *plugins) for way in ("budget", "assertion"))

    assert _told(theirs) == _told(ours)


def test_last_failed_runs_what_broke(run):
    """--lf picks the test whose budget broke, and no other that passed."""
    inner = run(("-o", "cache_dir=.pytest_cache"), "budget", "cacheprovider")
    cache = json.loads((inner.folder / ".pytest_cache/v/cache/lastfailed").read_text())

    assert {
        "test_inner.py::test_fails": True,
        "test_inner.py::test_strict_xpass": True,
    } == cache


def test_every_attempt_of_a_rerun_is_paid(run_inner):
    """Latency is judged for each attempt alone; the cost of all of them is in the report."""
    pytest.importorskip("openai")
    pytest.importorskip("pytest_rerunfailures")
    suite = """
    import pytest

    seen = []

    @pytest.mark.latency(p95="20s", calls=1)
    def test_flaky(ask):
        ask()
        seen.append(1)
        assert len(seen) == 3
    """
    inner = run_inner(suite, "--reruns=3", "--lens-report", plugins=("rerunfailures",))
    (test,) = inner.report()["tests"]

    assert ("passed", 1) == (test["outcome"], test["verdicts"][0]["n"])
    assert 3 == inner.report()["total"]["calls"]
