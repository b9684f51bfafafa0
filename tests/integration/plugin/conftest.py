"""A harness for the plugin's tests: files in, one pytest run in a process of its own, facts out."""

import json
import os
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from llm_latency_lens.reports import read_document

_LEAKS = ("PYTEST_", "LENS_", "OPENAI_", "ANTHROPIC_")
_INI = {True: "[pytest]\nasyncio_default_fixture_loop_scope = function\n", False: "[pytest]\n"}
# Plugins of the outer suite that an inner one does without, for the sake of its start.
_LEFT_OUT = (
    *("anyio", "asyncio", "benchmark", "cacheprovider", "hypothesispytest", "pytest_cov"),
    *("randomly", "rerunfailures", "run-parallel", "timeout"),
)
# What the real SDK asks of the simulated provider, in few and short events.
_CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def simulator(lens_simulator):
    lens_simulator.script("*", ttft=5, itl=1, output_tokens=4)
    return lens_simulator

@pytest.fixture(scope="session")
def client(simulator):
    # Here, so that the process that only starts workers does without.
    import openai

    with openai.OpenAI(base_url=simulator.base_url, api_key="k", max_retries=0) as client:
        yield client

@pytest.fixture
def ask(client):
    def ask(model="gpt-4o-mini", prompt="hi", **options):
        return client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": prompt}], **options
        )
    return ask

@pytest.fixture
def stream(ask):
    def stream(model="gpt-4o-mini"):
        with ask(model, stream=True, stream_options={"include_usage": True}) as events:
            return list(events)
    return stream
"""
# Tells by name what became of each test; reads the same from a process that has workers.
_WITNESS = """
import json
import pathlib

found = {}

def pytest_runtest_logreport(report):
    name = report.nodeid.rpartition("::")[2]
    lines = report.longreprtext.splitlines()
    text = "\\n".join(line for line in lines if not line.startswith("[gw"))
    entry = found.setdefault(name, {"outcome": "", "text": ""})
    if hasattr(report, "wasxfail"):
        entry["outcome"] = "xfailed" if report.skipped else "xpassed"
    elif report.when == "call" or not report.passed:
        entry["outcome"] = "error" if report.failed and report.when != "call" else report.outcome
    entry["text"] += text

def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        pathlib.Path("witness.json").write_text(json.dumps(found))
"""


@dataclass(frozen=True)
class Inner:
    """One inner run: its folder, pytest's own summary of it, and what became of each test."""

    folder: Path
    result: pytest.RunResult
    tests: dict

    @property
    def ret(self):
        """The exit code."""
        return self.result.ret

    @property
    def text(self):
        """Everything that was printed to standard output."""
        return str(self.result.stdout)

    @property
    def summary(self):
        """The lines of the plugin's own section."""
        lines = self.result.outlines
        starts = [at for at, line in enumerate(lines) if line.strip(" =") == "LLM latency lens"]
        if not starts:
            return []
        rest = lines[starts[0] + 1 :]
        ends = (at for at, line in enumerate(rest) if line.startswith("==="))
        return rest[: next(ends, None)]

    def outcome(self, name):
        """Return how a test ended: passed, failed, error, skipped, xfailed."""
        return self.tests[name]["outcome"]

    def failure(self, name):
        """Return what pytest says about a test that did not pass."""
        return self.tests[name]["text"]

    def sentences(self, name):
        """Return the same without margins and the breaks of its lines."""
        return " ".join(re.sub(r"(?m)^E\s+", "", self.failure(name)).split())

    def report(self, name="lens-report.json"):
        """Return a report that the run wrote, its calls complete."""
        return read_document(self.folder / name)


@pytest.fixture(scope="session")
def run_inner(tmp_path_factory):
    """
    Run pytest on an inner suite, in a process and a folder of its own.

    Files are given by name without suffix, or as one text. A ``conftest`` with the fixtures
    ``ask`` and ``stream`` comes with them unless one is given.
    """

    def run(files, *arguments, ini="", env=None, plugins=(), warnings="error", bare=False):
        folder = tmp_path_factory.mktemp("inner")
        files = {"test_inner": files} if isinstance(files, str) else files
        files = files if bare else {"conftest": _CONFTEST, "lens_witness": _WITNESS, **files}
        for name, text in files.items():
            path = folder / (name if "." in name else f"{name}.py")
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        settings = _INI["asyncio" in plugins] + textwrap.dedent(ini)
        (folder / "pytest.ini").write_text(settings, encoding="utf-8")
        without = [f"-pno:{name}" for name in _LEFT_OUT if name not in plugins]
        witness = [] if bare else ["-p", "lens_witness"]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-W", warnings, "--basetemp=.tmp"),
                *(*without, *witness, *arguments),
            ],
            cwd=folder,
            # Of its own, so that a Ctrl-C to the whole group ends no more than this run.
            start_new_session=True,
            env=_environment(env, is_traced="pytest_cov" not in plugins),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        outcome = pytest.RunResult(
            done.returncode, done.stdout.splitlines(), done.stderr.splitlines(), 0
        )
        seen = folder / "witness.json"
        return Inner(folder, outcome, json.loads(seen.read_text()) if seen.exists() else {})

    return run


@pytest.fixture(scope="module", params=["alone", "xdist"])
def distribution(request):
    """Arguments for one process, and for two workers."""
    if request.param == "alone":
        return ("-p", "no:xdist")
    pytest.importorskip("xdist")
    return ("-n", "2")


def _environment(more, *, is_traced):
    # What measures us would measure beside pytest-cov, and only one can.
    leaks = _LEAKS if is_traced else (*_LEAKS, "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(leaks)}
    return {**kept, "PY_COLORS": "0", "COLUMNS": "80", **(more or {})}
