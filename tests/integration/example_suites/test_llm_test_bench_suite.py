"""``example_suites/llm_test_bench``: datasets in, budgets, and files that LLM-Test-Bench reads."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("openai", reason="needs the openai SDK")
pytest.importorskip("yaml", reason="needs PyYAML")

SUITES = Path(__file__).parents[3] / "example_suites"
CASES = {
    "return-a-lamp": "returns",
    "opening-hours": "visits",
    "translate-the-label": "language",
    "polite-refusal": "tone",
    "short-notice": "length",
    "friendly-sign": "tone",
}
WAYS = {
    "alone": ((), {}),
    "four workers": (("-n", "4"), {}),
    "no autoload": ((), {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
}


def _run(folder, *arguments, **more):
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "OPENAI_", "LENS_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:randomly", *arguments],
        cwd=folder,
        env=kept | more,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module", params=WAYS.values(), ids=WAYS)
def session(request, tmp_path_factory):
    """One run of the suite in a copy of its folder: the folder, and what was printed."""
    arguments, environment = request.param
    if "-n" in arguments and find_spec("xdist") is None:
        pytest.skip("needs pytest-xdist")
    folder = tmp_path_factory.mktemp("suite")
    shutil.copytree(SUITES, folder / "suites", ignore=shutil.ignore_patterns("__pycache__"))
    files = (
        "--lens-report-file=lens.json",
        "--lens-report-file=lens.test-bench.json",
        "--lens-report-file=lens.test-bench-run.json",
    )
    done = _run(folder, "suites/llm_test_bench", *arguments, *files, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def _read(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def test_every_budget_is_kept(session):
    """Without a key, against the simulated provider."""
    assert {"kept": 32, "broken": 0, "not_settled": 0, "error": 0, "not_judged": 0} == (
        _read(session, "lens.json")["budgets"]
    )


def test_every_call_is_a_result(session):
    """Six cases three times over, and three calls of one more test."""
    results = _read(session, "lens.test-bench.json")

    assert (21, 21, 21) == (
        _read(session, "lens.json")["total"]["calls"],
        len(results["results"]),
        results["summary"]["succeeded"],
    )


def test_results_carry_the_names_of_the_datasets(session):
    """Cases by id and category; the dataset by name."""
    results = _read(session, "lens.test-bench.json")
    found = {one["test_id"]: one["category"] for one in results["results"]}

    assert "support-questions, rewriting" == results["dataset_name"]
    assert {"test_support_questions.py::test_all_questions_together": None, **CASES} == found


def test_every_result_has_a_ttft(session):
    """In the file of results, where their ``analyze`` finds it, and in that of the run."""
    results = _read(session, "lens.test-bench.json")["results"]
    run = _read(session, "lens.test-bench-run.json")["results"]

    assert all(0 < one["ttft_ms"] <= one["latency_ms"] for one in results)
    assert all(0 < one["latency"]["time_to_first_token_ms"] for one in run)


def test_no_prompt_and_no_answer_is_in_a_file(session):
    """Words of the datasets, and what the simulator answers."""
    text = "".join(
        (session / name).read_text(encoding="utf-8")
        for name in ("lens.json", "lens.test-bench.json", "lens.test-bench-run.json")
    )

    assert [] == [
        word for word in ("Corner Shop", "receipt", "broken.", "sentence") if word in text
    ]


def test_all_suites_together_leave_it_out(tmp_path):
    """Its conftest names a plugin, which pytest refuses below the top; so it runs by its name."""
    shutil.copytree(SUITES, tmp_path / "suites", ignore=shutil.ignore_patterns("__pycache__"))
    done = _run(tmp_path, "suites", "--collect-only", "-q")

    assert 0 == done.returncode
    assert "llm_test_bench" not in done.stdout
    assert "quickstart" in done.stdout
