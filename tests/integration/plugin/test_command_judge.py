"""``llm-latency-lens judge REPORT``: stored calls judged again, without a call."""

import subprocess
import sys

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

def test_small(stream):
    for _ in range(4):
        stream("gpt-4o-mini")

def test_large(simulator, stream):
    simulator.script("gpt-4o", ttft=60, itl=1, output_tokens=4)
    stream("gpt-4o")
"""


@pytest.fixture(scope="module")
def report(run_inner):
    """The report of five real calls, of which one is slow."""
    return run_inner(SUITE, "--lens-report").folder / "lens-report.json"


def _judge(report, *budgets, more=()):
    command = "from llm_latency_lens.cli import main; main(prog_name='llm-latency-lens')"
    options = [word for budget in budgets for word in ("--budget", budget)]
    return subprocess.run(
        [sys.executable, "-c", command, "judge", str(report), *options, *more],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_kept_budgets_exit_with_0(report):
    """All budgets hold on the stored calls: each has its line, and the command succeeds."""
    done = _judge(
        report, "p95 < 30s", "gpt-4o-mini: ttft_p95 < 20s", "run_max < 1min", "calls <= 4"
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert ["kept p95 latency", "kept p95 TTFT", "kept max run", "kept calls 4"] == [
        " ".join(line.split()[:3]) for line in done.stdout.splitlines()
    ]


def test_a_broken_budget_exits_with_1(report):
    """One budget that does not hold fails the command, the others are still told."""
    done = _judge(report, "p95 < 30s", "openai/gpt-4o: ttft_p50 < 50ms")

    assert 1 == done.returncode
    assert "kept    p95 latency" in done.stdout
    assert "BROKEN  p50 TTFT of openai gpt-4o" in done.stdout
    assert "1 of 1 call over, 0 allowed" in done.stdout


@pytest.mark.parametrize(
    ("more", "code", "ruling"),
    [
        (("--confidence=0.95",), 0, "OPEN "),
        (("--confidence=0.95", "--on-inconclusive=fail"), 4, "OPEN "),
    ],
)
def test_what_few_calls_do_not_settle_exits_with_4_where_asked(report, more, code, ruling):
    """Two runs prove no p95; whether that fails is said on the command line."""
    done = _judge(report, "p95 < 30s", more=more)

    assert (code, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith(ruling)


def test_a_broken_budget_goes_before_an_open_one(report):
    """Where one is broken the exit code is 1, whatever else is open."""
    more = ("--confidence=0.95", "--on-inconclusive=fail")

    assert 1 == _judge(report, "p95 < 30s", "calls <= 1", more=more).returncode


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--on-inconclusive=fail",), "no meaning without confidence="),
        (("--confidence=95",), "for 95.0 % write confidence=0.95"),
    ],
)
def test_a_confidence_that_cannot_be_read_exits_with_2(report, more, message):
    """Nothing is judged, and the message names the fix."""
    done = _judge(report, "p95 < 30s", more=more)

    assert 2 == done.returncode
    assert message in done.stderr


def test_no_evidence_is_broken(report):
    """A model that was not called keeps no budget, and the calls that were seen are named."""
    done = _judge(report, "claude-4: p95 < 30s")

    assert 1 == done.returncode
    assert "no call to claude-4 was seen; seen were openai gpt-4o" in done.stdout


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ("p95 < 2", "2 has no unit: write p95 < 2ms or p95 < 2s"),
        ("itl_p95 < 2s", "a report holds no gaps between tokens"),
    ],
)
def test_a_budget_that_cannot_be_read_exits_with_2(report, budget, message):
    """Nothing is judged, and the message names the fix."""
    done = _judge(report, "p95 < 30s", budget)

    assert (2, "") == (done.returncode, done.stdout)
    assert message in done.stderr


def test_a_file_that_is_no_report_exits_with_2(tmp_path):
    """The command says what it expected and how to get it."""
    done = _judge(tmp_path / "nothing.json", "p95 < 30s")

    assert 2 == done.returncode
    assert "pytest --lens-report writes one" in done.stderr
