"""``--lens-report-file PATH``: where reports go, told before the first test if they cannot."""

import json

import pytest

pytest.importorskip("openai")

SUITE = """
def test_unmarked(ask):
    ask()
"""
IDLE = """
import pathlib

def test_idle():
    pathlib.Path("ran").touch()
"""


FORMATS = ("ndjson", "md", "html", "test-bench.json", "test-bench-run.json")


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run with a file of each format, and a second one in a folder that is not there yet."""
    return run_inner(
        SUITE,
        "--lens-report-file=one.json",
        "--lens-report-file",
        "new/two.JSON",
        *(f"--lens-report-file=one.{suffix}" for suffix in FORMATS),
    )


def _read(inner, suffix):
    return (inner.folder / f"one.{suffix}").read_text(encoding="utf-8")


def test_every_file_is_written(inner):
    """The option may be repeated; each file holds the same report."""
    assert inner.report("one.json") == inner.report("new/two.JSON")


def test_ndjson_is_the_calls_of_the_report(inner):
    """One call a line, with the fields that it has in the JSON report."""
    lines = _read(inner, "ndjson").splitlines()

    assert inner.report("one.json")["calls"] == [json.loads(line) for line in lines]


def test_markdown_names_the_model_and_its_calls(inner):
    """A table that a job summary shows."""
    assert "| openai gpt-4o-mini | 1 | 0 | " in _read(inner, "md")


def test_html_is_a_page_of_its_own(inner):
    """Complete, with a policy that lets it fetch nothing."""
    page = _read(inner, "html")

    assert page.startswith("<!DOCTYPE html>\n<html")
    assert page.endswith("</html>\n")
    assert "default-src 'none'" in page


@pytest.mark.parametrize("suffix", ["test-bench.json", "test-bench-run.json"])
def test_llm_test_bench_gets_the_call(inner, suffix):
    """One result, under the name of its test, as no dataset is named."""
    (result,) = json.loads(_read(inner, suffix))["results"]

    assert "test_inner.py::test_unmarked" == result["test_id"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_file_is_named_in_the_summary(inner, suffix):
    """So that a reader of a log finds it."""
    assert f"report: one.{suffix}" in inner.summary


def test_the_option_observes_every_test(inner):
    """It implies --lens-report."""
    assert 1 == inner.report("one.json")["total"]["calls"]


def test_no_other_file_is_written(inner):
    """lens-report.json is for --lens-report without a file."""
    assert not (inner.folder / "lens-report.json").exists()


def test_an_existing_report_is_replaced(run_inner):
    """A report of an earlier run is overwritten, and nothing is left beside it."""
    inner = run_inner({"test_inner": IDLE, "old.json": "{}"}, "--lens-report-file=old.json")

    assert "1.0" == inner.report("old.json")["schema_version"]
    assert ["old.json", "witness.json"] == sorted(
        path.name for path in inner.folder.iterdir() if "json" in path.name
    )


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("ran.txt/report.json", "cannot be written"),
        ("report.doc", "the suffix names the format; known are .json"),
        ("folder.json", "is a folder, give the name of a file in it"),
    ],
    ids=["unwritable", "suffix", "folder"],
)
def test_a_path_that_cannot_be_used_ends_the_session_at_once(run_inner, path, message, arguments):
    """Exit code 4 and one line that names the file, before any test has run."""
    if arguments:
        pytest.importorskip("xdist")
    files = {"test_inner": IDLE, "ran.txt": "no folder"}
    if path == "folder.json":
        files["conftest"] = "import os\nos.makedirs('folder.json', exist_ok=True)"
    inner = run_inner(files, f"--lens-report-file={path}", *arguments)
    (line,) = (line for line in inner.result.errlines if line)

    assert 4 == inner.ret
    assert line.startswith("ERROR: report ")
    assert path in line
    assert message in line
    assert not (inner.folder / "ran").exists()


def test_a_report_that_fails_at_the_end_is_told(run_inner):
    """A folder that goes away while tests run costs the report and the exit code, no traceback."""
    suite = """
    import shutil

    def test_idle():
        shutil.rmtree("gone")
        open("gone", "w").close()
    """
    inner = run_inner(suite, "--lens-report-file=gone/report.json")

    assert 4 == inner.ret
    assert any("gone/report.json was not written" in line for line in inner.summary)
    assert "Traceback" not in inner.text


def test_every_format_shows_what_a_session_can_have(run_inner):
    """Budgets that are open, of the session and against a baseline, and a gate that fails."""
    suite = """
        import pytest

        @pytest.mark.latency(p95="20s", confidence=0.95, iterations=3)
        def test_open(ask):
            ask()
    """
    inner = run_inner(
        {"test_inner.py": suite},
        "--lens-budget=p95 < 20s",
        "--lens-save=now",
        *(f"--lens-report-file=one.{suffix}" for suffix in ("json", *FORMATS)),
        warnings="default",
    )
    document = inner.report("one.json")

    assert "was not written" not in inner.text
    assert ["kept"] == [one["ruling"] for one in document["session_verdicts"]]
    for suffix in ("md", "html"):
        assert "not settled" in _read(inner, suffix)
        assert "whole session" in _read(inner, suffix)
