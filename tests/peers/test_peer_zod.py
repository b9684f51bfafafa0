"""
zod, in the version that LLM-Test-Bench uses, reads the files that we write for its runner.

The schema is ours, written from what is known of the format; the rules of its pieces (which
moments are moments, what null is, what a UUID is) are zod's own, and those are what bites.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("openai", reason="needs the openai SDK")

SCHEMA = Path(__file__).with_name("runner_output.mjs")
SUITE = """
import openai
import pytest

@pytest.fixture(scope="session")
def client(lens_simulator):
    lens_simulator.script("good", ttft=5, itl=1, output_tokens=4)
    lens_simulator.script("down", status=503)
    lens_simulator.script("stuck", ttft=5000)
    with openai.OpenAI(
        base_url=lens_simulator.base_url, api_key="k", max_retries=0, timeout=1
    ) as client:
        yield client

def ask(client, model, **options):
    messages = [{"role": "user", "content": "hi"}]
    return client.chat.completions.create(model=model, messages=messages, **options)

@pytest.mark.latency(p95="10s", iterations=3, warmup=1)
def test_streamed(client):
    list(ask(client, "good", stream=True, stream_options={"include_usage": True}))

def test_whole(client):
    ask(client, "good")

def test_unpriced(client):
    list(ask(client, "good", stream=True))

@pytest.mark.parametrize("model", ["down", "stuck"])
def test_failed(client, model):
    with pytest.raises(openai.APIError):
        ask(client, model)
"""


@pytest.fixture(scope="module")
def run_file(tmp_path_factory):
    """The file of one session: streamed, whole, failed and timed out calls."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "test_inner.py").write_text(SUITE, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly"),
            "--lens-report-file=lens.test-bench-run.json",
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return folder / "lens.test-bench-run.json"


@pytest.fixture
def issues(zod, tmp_path):
    """Return what zod has against a file."""

    def read(path):
        node, folder = zod
        done = subprocess.run(
            [node, SCHEMA, path],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return read


def _changed(path, tmp_path, change):
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(document), encoding="utf-8")
    return changed


def test_zod_has_nothing_against_a_session(issues, run_file):
    """Every kind of call is in it."""
    results = json.loads(run_file.read_text(encoding="utf-8"))["results"]

    assert [True, True, True, True, True, False, False] == [one["success"] for one in results]
    assert [] == issues(run_file)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda run: run.update(started_at="2026-01-01T00:00:00+00:00"), ["started_at"]),
        (lambda run: run["results"][0].update(finish_reason=None), ["results", 0, "finish_reason"]),
        (lambda run: run.update(execution_id="1"), ["execution_id"]),
        (
            lambda run: run["results"][0]["latency"].update(total_ms=-1),
            ["results", 0, "latency", "total_ms"],
        ),
        (lambda run: run.update(more=1), []),
    ],
    ids=["offset", "null", "uuid", "negative", "unknown"],
)
def test_zod_does_look(issues, run_file, tmp_path, change, place):
    """What the format refuses is refused: the test above can fail."""
    (issue,) = issues(_changed(run_file, tmp_path, change))

    assert place == issue["path"]
