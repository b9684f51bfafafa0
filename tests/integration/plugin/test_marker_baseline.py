"""``baseline=`` and ``margin=``: a test fails where it is slower than a saved session."""

import pytest

pytest.importorskip("openai")

# The later session waits longer for its first token: by far more than a busy machine adds.
SUITE = """
import os
import pytest

@pytest.fixture(autouse=True)
def slower(simulator):
    simulator.script("*", ttft=int(os.environ["TTFT_OF_INNER"]), itl=1, output_tokens=4)

BASELINE = os.environ.get("BASELINE_OF_INNER") or None
latency = pytest.mark.latency

@latency(iterations=12, baseline=BASELINE, margin="100000%" if BASELINE else None)
def test_wide(stream):
    stream()

@latency(iterations=12, baseline=BASELINE, margin="ttft_p50:50%" if BASELINE else None)
def test_narrow(stream):
    stream()

@latency(iterations=12, confidence=0.95, baseline=BASELINE)
@pytest.mark.filterwarnings("ignore::llm_latency_lens.errors.LensWarning")
def test_sure(stream):
    stream()

def test_profile(lens, stream):
    lens.profile(stream, iterations=12, **({"baseline": BASELINE} if BASELINE else {}))

@latency(baseline=BASELINE)
class TestInherited:
    def test_nothing(self):
        pass
"""
NEW = """
import pytest

@pytest.mark.latency(baseline="main")
def test_new(stream):
    stream()
"""
_FAST = {"TTFT_OF_INNER": "5"}
_SLOW = {"TTFT_OF_INNER": "300", "BASELINE_OF_INNER": "main"}


@pytest.fixture(scope="module")
def folder(run_inner):
    """Where a fast session was saved."""
    saved = run_inner(SUITE, "--lens-save=main", env=_FAST)

    assert 0 == saved.ret
    return f"lens_baselines = {saved.folder / '.lens'}"


@pytest.fixture(scope="module")
def slower(run_inner, folder, distribution):
    """The same tests, slower, each held against the baseline."""
    return run_inner(SUITE, "--lens-report", *distribution, ini=folder, env=_SLOW)


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        ("test_wide", "passed"),
        ("test_narrow", "failed"),
        ("test_sure", "failed"),
        ("test_profile", "failed"),
        ("test_nothing", "passed"),
    ],
)
def test_what_is_slower_than_its_margin_fails(slower, test, outcome):
    """A margin that is wide enough keeps; a class that inherits means what the baseline knows."""
    assert outcome == slower.outcome(test)


def test_the_message_names_the_baseline(slower):
    """What was seen, what is allowed and whence that comes, and how to accept it."""
    text = slower.sentences("test_narrow")

    assert "p50 TTFT of openai gpt-4o-mini" in text
    assert ", 50 % above baseline main (" in text
    assert "12 of 12 calls over, 6 allowed" in text
    assert "To take what was seen as the new baseline: pytest --lens-save main" in text


def test_a_confidence_stops_early(slower):
    """With a confidence the comparison settles like any budget, before all runs are made."""
    text = slower.sentences("test_sure")

    assert "25 % above baseline main (" in text
    assert "runs not made" in text or "calls not made" in text


def test_a_profile_is_compared_as_well(slower):
    """lens.profile takes the same words and raises with the same text."""
    assert "25 % above baseline main (" in slower.sentences("test_profile")


def test_the_report_names_the_baseline(slower):
    """Each verdict says which baseline set its limit."""
    tests = {one["node_id"].rpartition("::")[2]: one for one in slower.report()["tests"]}

    assert [("p50", "main"), ("p95", "main")] == [
        (one["budget"], one["baseline"]) for one in tests["test_wide"]["verdicts"]
    ]


def test_few_samples_are_warned_about(slower):
    """A baseline of a dozen calls says little, and the summary says so at 80 columns."""
    text = " ".join(line.strip() for line in slower.summary)

    assert "warning: main has as few as 12 calls of a test" in text
    assert 80 >= max(map(len, slower.summary))


def test_disabled_needs_no_baseline(run_inner):
    """--lens-disable judges nothing, so nothing has to be saved."""
    assert "passed" == run_inner(NEW, "--lens-disable").outcome("test_new")


def test_a_missing_baseline_fails_the_setup(run_inner):
    """The test is told the command that makes one, before any call."""
    inner = run_inner(NEW)

    assert "error" == inner.outcome("test_new")
    assert "make it with 'pytest --lens-save main'" in inner.sentences("test_new")


def test_a_test_that_the_baseline_lacks_fails_its_setup(run_inner, folder):
    """A new test has nothing to be compared with, and says so."""
    inner = run_inner(NEW, ini=folder)

    assert "error" == inner.outcome("test_new")
    assert "baseline 'main' holds no calls of test_inner.py::test_new" in inner.failure("test_new")


@pytest.mark.parametrize("is_saved", [False, True], ids=["no baseline", "no such test"])
def test_a_missing_baseline_can_be_skipped(run_inner, folder, is_saved):
    """Asked to go on without, the test is not compared."""
    arguments = ("--lens-missing-baseline=skip",)

    assert "passed" == run_inner(NEW, *arguments, ini=folder if is_saved else "").outcome(
        "test_new"
    )
