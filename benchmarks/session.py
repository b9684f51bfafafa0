"""
What the plugin adds to a whole session: wall time, memory of the controller, size of the report.

1000 tests make 10 000 calls on 2 workers of pytest-xdist, against a simulated provider in a
process of its own: once with ``--lens-report`` and a mark on each test, once without the plugin.
Both are run in turns, and the medians are compared. How to read it: ``added wall time`` is what
the session takes longer, as a share; the bound we keep is 3 %. ``controller`` is the peak of the
resident memory of the process that started pytest, with and without; the bound is 50 MB more. The
report must stay below 5 MB.

A call takes 45 ms here, less than any real one, so that the share which is ours is the larger.

On a machine that others use too, wall time says little; ``added CPU`` then says more: what all
processes of the session take more for each call. The share of a call of 45 ms follows from it.

    python benchmarks/session.py [--pairs 1] [--tests 1000] [--calls 10] [--ttft-ms 40]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from llm_latency_lens.reports import read_document
from llm_latency_lens.simulator import Simulator, start_simulator

MODEL = "gpt-4o-mini"
WALL_BOUND = 0.03
MEMORY_BOUND_MB = 50
REPORT_BOUND_MB = 5
SUITE = """
import os

import httpx2
import pytest

client = httpx2.Client(timeout=30)
BODY = {
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "hi"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}
CALLS = int(os.environ["CALLS"])
mark = pytest.mark.latency(p95="20s") if os.environ["LENS"] else pytest.mark.filterwarnings("error")

@mark
@pytest.mark.parametrize("number", range(int(os.environ["TESTS"])))
def test_it(number):
    for _ in range(CALLS):
        url = os.environ["URL"] + "/chat/completions"
        with client.stream("POST", url, json=BODY) as answer:
            for _ in answer.iter_bytes():
                pass
"""

CONFTEST = """
import pathlib
import resource

def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        pathlib.Path("peak.txt").write_text(str(peak))
"""


def session(
    folder: Path, simulator: Simulator, tests: int, calls: int, *, is_on: bool
) -> tuple[float, float, float]:
    """Run one session; return its wall seconds, CPU seconds, and the controller's peak in MB."""
    (folder / "test_it.py").write_text(SUITE)
    (folder / "conftest.py").write_text(CONFTEST)
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "URL": simulator.base_url,
        "TESTS": str(tests),
        "CALLS": str(calls),
        "LENS": "1" if is_on else "",
    }
    lens = ["-p", "llm_latency_lens", "--lens-report"] if is_on else []
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=."),
        *("-p", "xdist", "-n", "2", "-p", "no:cacheprovider", *lens, "test_it.py"),
    ]
    started = time.perf_counter()
    with (folder / "out.txt").open("w") as out:
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)
        _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, (folder / "out.txt").read_text()[-2000:]
    return seconds, usage.ru_utime + usage.ru_stime, _peak_mb(folder)


def _peak_mb(folder: Path) -> float:
    # That of the process alone: what the system counts for a child includes its largest child.
    return float((folder / "peak.txt").read_text())


def verdict(*, is_kept: bool) -> str:
    return "within" if is_kept else "ABOVE"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=1)
    options.add_argument("--tests", type=int, default=1000)
    options.add_argument("--calls", type=int, default=10)
    options.add_argument("--ttft-ms", type=float, default=40)
    given = options.parse_args()
    on, off = [], []
    script = {"ttft": given.ttft_ms, "itl": 0.2, "output_tokens": 24}
    with start_simulator({MODEL: script}) as simulator, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(given.pairs):
            off.append(session(folder, simulator, given.tests, given.calls, is_on=False))
            simulator.clear()
            on.append(session(folder, simulator, given.tests, given.calls, is_on=True))
            simulator.clear()
            print(f"with {on[-1]}, without {off[-1]} (wall s, CPU s, MB)", flush=True)
        size_mb = (folder / "lens-report.json").stat().st_size / 1e6
        calls = read_document(folder / "lens-report.json")["total"]["calls"]
    assert calls == given.tests * given.calls, f"{calls} calls in the report"
    (wall_on, cpu_on, memory_on), (wall_off, cpu_off, memory_off) = (
        [statistics.median(column) for column in zip(*side, strict=True)] for side in (on, off)
    )
    added, more_mb = wall_on / wall_off - 1, memory_on - memory_off
    print(
        f"added wall time: {added:+.1%} ({wall_on:.1f} s against {wall_off:.1f} s), "
        f"{verdict(is_kept=added <= WALL_BOUND)} the bound of {WALL_BOUND:.0%}"
    )
    print(f"added CPU: {(cpu_on - cpu_off) / calls * 1000:.2f} ms a call, start and end included")
    print(
        f"controller: {more_mb:+.1f} MB ({memory_on:.0f} against {memory_off:.0f}), "
        f"{verdict(is_kept=more_mb <= MEMORY_BOUND_MB)} the bound of {MEMORY_BOUND_MB} MB"
    )
    print(
        f"report: {size_mb:.2f} MB for {calls} calls, "
        f"{verdict(is_kept=size_mb < REPORT_BOUND_MB)} the bound of {REPORT_BOUND_MB} MB"
    )


if __name__ == "__main__":
    main()
