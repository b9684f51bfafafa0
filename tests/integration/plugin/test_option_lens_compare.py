"""``--lens-save`` and ``--lens-compare``: a session kept, and a later one held against it."""

import json
import shutil
import subprocess
import sys

import jsonschema
import pytest

from llm_latency_lens.reports import read_schema

pytest.importorskip("openai")

# The second session waits longer for its first token: by far more than a busy machine adds.
SUITE = """
import os
import pytest

@pytest.fixture(autouse=True)
def slower(simulator):
    simulator.script("*", ttft=int(os.environ["TTFT_OF_INNER"]), itl=1, output_tokens=4)

@pytest.mark.latency(iterations=12)
def test_marked(stream):
    stream("gpt-4o-mini")

@pytest.mark.parametrize("prompt", ["a secret " * 20], ids=lambda text: text)
def test_unmarked(ask, prompt):
    ask("gpt-4o", prompt)

def test_nothing():
    pass
"""
_FAST = {"TTFT_OF_INNER": "5"}
_SLOW = {"TTFT_OF_INNER": "300"}


@pytest.fixture(scope="module")
def saved(run_inner, distribution):
    """A session saved as a baseline, alone and by two workers."""
    return run_inner(SUITE, "--lens-save=main", *distribution, env=_FAST)


@pytest.fixture(scope="module")
def compare_inner(run_inner, saved, distribution):
    """Run the suite again beside the baseline that was saved."""

    def run(*arguments, env=_FAST, keep=True, suite=SUITE):
        folder = str(saved.folder / ".lens") if keep else "nowhere"
        ini = f"lens_baselines = {folder}"
        return run_inner(suite, *arguments, *distribution, ini=ini, env=env)

    return run


@pytest.fixture(scope="module")
def slower(compare_inner):
    """The suite again, slower, with a gate, and a report of it."""
    return compare_inner(
        "--lens-compare=main", "--lens-compare-fail=p50:25%", "--lens-report", env=_SLOW
    )


def _document(saved):
    return json.loads((saved.folder / ".lens" / "main.json").read_text())


def test_a_baseline_holds_every_test(saved):
    """Marked or not, each test that called a provider is in it, by model."""
    entries = [one for one in _document(saved)["entries"] if one["provider"]]

    assert [("gpt-4o-mini", 12), ("gpt-4o", 1)] == [(one["model"], one["calls"]) for one in entries]
    assert "test_inner.py::test_marked" == entries[0]["test"]


def test_a_baseline_holds_its_environment(saved):
    """Versions and platform, to tell that a later session ran elsewhere."""
    assert {"python", "platform", "openai", "llm-latency-lens"} <= _document(saved)[
        "environment"
    ].keys()


def test_a_baseline_holds_no_prompt(saved):
    """Neither what was sent nor the id that repeats it."""
    assert "secret" not in json.dumps(_document(saved))


def test_what_was_saved_is_told(saved):
    """The last line names the baseline, its size and its file."""
    assert "baseline main saved: 13 calls in .lens/main.json" == saved.summary[-1]


def test_a_session_as_ever_passes(compare_inner):
    """Compared with itself the suite is not slower by 30 times its margin."""
    inner = compare_inner("--lens-compare=main", "--lens-compare-fail=p50:3000%")

    assert 0 == inner.ret
    assert any(line.startswith("compared with baseline main of ") for line in inner.summary)


def test_a_slower_session_fails(slower):
    """The gate fails the session though every test passed, and says what is slower."""
    text = "\n".join(slower.summary)

    assert 1 == slower.ret
    assert {"passed"} == {one["outcome"] for one in slower.tests.values()}
    assert "test_inner.py::test_marked: openai gpt-4o-mini" in text
    assert "12 of 12        6  SLOWER" in text
    assert "1 percentile is SLOWER than allowed: the comparison fails" in text


def test_a_slower_session_fits_80_columns(slower):
    """The comparison reads well on a narrow terminal."""
    assert 80 >= max(map(len, slower.summary))


def test_few_calls_are_warned_about(slower):
    """A baseline of a dozen calls says little, and so is told."""
    assert any("warning: main has as few as 1 calls" in one for one in slower.summary)


def test_a_report_holds_the_comparison(slower):
    """Each row is in the report, which fulfils its schema."""
    report = slower.report()
    jsonschema.Draft202012Validator(read_schema()).validate(report)
    rows = [one for one in report["comparison"]["rows"] if one["gated"]]

    assert ("main", False) == (
        report["comparison"]["baseline"],
        report["comparison"]["is_relative"],
    )
    assert [("gpt-4o-mini", 12, True), ("gpt-4o", 1, False)] == [
        (one["model"], one["over"], one["slower"]) for one in rows
    ]


def test_without_a_gate_nothing_fails(compare_inner):
    """A comparison that is only shown leaves the exit code alone."""
    assert 0 == compare_inner("--lens-compare=main", env=_SLOW).ret


def test_disabled_nothing_fails(compare_inner):
    """--lens-disable judges nothing, a comparison neither."""
    inner = compare_inner(
        "--lens-compare=main", "--lens-compare-fail=p50:25%", "--lens-disable", env=_SLOW
    )

    assert 0 == inner.ret


def test_a_session_may_replace_what_it_is_compared_with(run_inner, saved, distribution):
    """Read at the start and written at the end, one baseline serves for both."""
    inner = run_inner(
        {"test_inner": SUITE, "pytest.ini": ""},
        *("--lens-compare=main", "--lens-save=main"),
        *distribution,
        ini=f"lens_baselines = {shutil.copytree(saved.folder / '.lens', saved.folder / 'copy')}",
        env=_SLOW,
    )
    entries = json.loads((saved.folder / "copy" / "main.json").read_text())["entries"]
    times = next(one["times"] for one in entries if one["model"] == "gpt-4o-mini")

    assert 0 == inner.ret
    assert any("slower" in line for line in inner.summary)
    assert 300 < times["latency"]["p50_ms"]


def test_a_missing_baseline_is_an_error(compare_inner):
    """Nothing runs, and the command that makes one is named."""
    inner = compare_inner("--lens-compare=main", keep=False)

    assert (4, {}) == (inner.ret, inner.tests)
    assert "make it with 'pytest --lens-save main'" in str(inner.result.stderr)


def test_a_missing_baseline_can_be_skipped(compare_inner):
    """Asked to go on without, the session runs and says what is missing."""
    inner = compare_inner("--lens-compare=main", "--lens-missing-baseline=skip", keep=False)

    assert 0 == inner.ret
    assert any("not compared: there is no baseline 'main'" in line for line in inner.summary)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--lens-compare=main", "--lens-compare-fail=p96:1%"), "names no percentile"),
        (("--lens-compare-fail=p95:1%",), "name the baseline with --lens-compare"),
        (("--lens-compare-relative",), "name the baseline with --lens-compare"),
        (("--lens-save=a/b",), "a name has letters, digits"),
    ],
)
def test_options_that_make_no_sense_end_the_session(compare_inner, arguments, message):
    """They are refused before the first test."""
    inner = compare_inner(*arguments)

    assert (4, {}) == (inner.ret, inner.tests)
    assert message in str(inner.result.stderr)


def test_a_session_that_was_stopped_is_not_saved(run_inner, distribution):
    """Half a session is no baseline; saying so is an error, since it was asked for."""
    suite = "def test_a(ask):\n    ask()\n    assert 0\n\ndef test_b(ask):\n    ask()\n"
    inner = run_inner(suite, "--lens-save=main", "-x", *distribution)

    assert 4 == inner.ret
    assert "baseline main was not saved: the session did not run to its end" == inner.summary[-1]
    assert not (inner.folder / ".lens").joinpath("main.json").exists()


def test_a_session_without_calls_is_not_saved(run_inner, distribution):
    """There is nothing to compare with later."""
    inner = run_inner("import pytest\npytest.skip('', allow_module_level=True)", "--lens-save=main")

    assert "baseline main was not saved" in inner.text


@pytest.mark.parametrize(("gates", "code"), [((), 0), (("--fail", "p50:25%"), 1)])
def test_the_command_compares_outside_of_pytest(saved, slower, gates, code):
    """A baseline by name and a report by file, with the exit code of the gates."""
    command = "from llm_latency_lens.cli import main; main(prog_name='llm-latency-lens')"
    folder = ("--folder", str(saved.folder / ".lens"))
    report = str(slower.folder / "lens-report.json")
    done = subprocess.run(
        [sys.executable, "-c", command, "compare", "main", report, *folder, *gates],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (code, "") == (done.returncode, done.stderr)
    assert "test_inner.py::test_marked: openai gpt-4o-mini" in done.stdout


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        (("main", "main"), "there is no baseline 'main'"),
        (("no.json", "no.json"), "baseline no.json cannot be read"),
    ],
)
def test_the_command_exits_with_2_without_a_file(tmp_path, sides, message):
    """What is missing is named."""
    command = "from llm_latency_lens.cli import main; main(prog_name='llm-latency-lens')"
    done = subprocess.run(
        [sys.executable, "-c", command, "compare", *sides],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )

    assert 2 == done.returncode
    assert message in done.stderr
