"""
Kills workers of pytest-xdist at random, again and again, and counts what is lost: nothing may be.

Each round is a real session of 4 workers against a simulated provider in a process of its own.
Every test makes calls and notes each one, by the id that the provider gave it, in a file as soon
as it has its answer; meanwhile one worker after another gets SIGKILL at a random moment. A round
holds when

- every call that was noted is in the report once (``lost``, ``twice``),
- every call in the report was made, by the simulator's own record (``invented``),
- the report fulfils its schema and the session ends in time (``hung``),
- no process of the session is left (``orphans``), and no folder of it in the temporary one.

Calls under way when their worker is killed have no answer; they are shown as ``under way``.

    python benchmarks/chaos.py [--seconds 600] [--seed 1]
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # its types are a package of their own

from llm_latency_lens.reports import read_document, read_schema
from llm_latency_lens.simulator import Simulator, start_simulator

WORKERS = 4
MOST_S = 120
SUITE = """
import os
import pathlib

import httpx2
import pytest

BODY = {"model": os.environ["MODEL"], "messages": [{"role": "user", "content": "hi"}]}
NOTED = os.open("noted.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

client = httpx2.Client(timeout=30)

def ask():
    answer = client.post(os.environ["URL"] + "/chat/completions", json=BODY)
    os.write(NOTED, (answer.headers["x-request-id"] + "\\n").encode())

@pytest.fixture
def around():
    ask()
    yield
    ask()

@pytest.mark.latency(p95="20s", iterations=3)
@pytest.mark.parametrize("number", range(60))
def test_it(around, number):
    ask()
    ask()
"""
PRICES = """
[[price]]
model = "*"
input_usd_per_million = 1
output_usd_per_million = 1
"""


def members(group: int) -> list[int]:
    """Return the living processes of a process group."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(words[2]) == group and words[0] != "Z":
                found.append(int(entry.name))
    return found


def session(folder: Path, simulator: Simulator, model: str) -> subprocess.Popen[bytes]:
    """Start a session in a process group of its own."""
    (folder / "test_it.py").write_text(SUITE)
    (folder / "p.toml").write_text(PRICES)
    (folder / "tmp").mkdir()
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "URL": simulator.base_url,
        "MODEL": model,
        "TMPDIR": str(folder / "tmp"),
    }
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=."),
        *("-p", "xdist", "-p", "llm_latency_lens", "-n", str(WORKERS), "-p", "no:cacheprovider"),
        *("--max-worker-restart=1000", "--lens-report", "--lens-prices=p.toml", "test_it.py"),
    ]
    with (folder / "out.txt").open("w") as out:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=out, stderr=out, start_new_session=True
        )


def harass(running: subprocess.Popen[bytes], folder: Path, dice: random.Random) -> tuple[int, bool]:
    """Kill workers until the session ends; return how many, and whether it had to be ended."""
    kills, ends_at = 0, time.monotonic() + MOST_S
    while running.poll() is None:
        time.sleep(dice.uniform(0.2, 3.0))
        if time.monotonic() > ends_at:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            return kills, True
        workers = [pid for pid in members(running.pid) if pid != running.pid]
        # A session whose first workers die while they collect is ended by pytest-xdist itself.
        noted = folder / "noted.txt"
        has_begun = noted.exists() and noted.stat().st_size > 0
        if has_begun and workers and dice.random() < 0.7:  # noqa: PLR2004 - now and then nobody
            try:
                os.kill(dice.choice(workers), signal.SIGKILL)
            except ProcessLookupError:
                continue
            kills += 1
    return kills, False


def judge(folder: Path, simulator: Simulator, model: str) -> dict[str, int]:
    """Compare what was noted, made and reported."""
    noted = (folder / "noted.txt").read_text().split("\n")[:-1]
    made = {one.id for one in simulator.records(model)}
    simulator.clear(model)
    jsonschema.validate(json.loads((folder / "lens-report.json").read_text()), read_schema())
    report = read_document(folder / "lens-report.json")
    reported = Counter(one["request_id"] for one in report["calls"])
    return {
        "made": len(made),
        "noted": len(noted),
        "reported": len(reported),
        "under way": len(made - set(noted)),
        "lost": len(set(noted) - set(reported)),
        "twice": sum(count > 1 for count in reported.values()),
        "invented": len(set(reported) - made),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    dice = random.Random(given.seed)
    total: Counter[str] = Counter()
    ends_at = time.monotonic() + given.seconds
    with start_simulator({"*": {"ttft": 10, "itl": 0, "output_tokens": 4}}) as simulator:
        while time.monotonic() < ends_at:
            total["rounds"] += 1
            model = f"chaos-{total['rounds']}"
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                running = session(folder, simulator, model)
                kills, is_hung = harass(running, folder, dice)
                time.sleep(0.2)
                found = {
                    "kills": kills,
                    "hung": int(is_hung),
                    f"status {running.returncode}": 1,
                    "orphans": len(members(running.pid)),
                    "left behind": len(list((folder / "tmp").glob("llm-latency-lens-*"))),
                }
                if not is_hung:
                    found |= judge(folder, simulator, model)
                total.update(found)
                print(f"round {total['rounds']}:", found, flush=True)
                said = (folder / "out.txt").read_text().splitlines()
                for line in [line for line in said if line.startswith("INTERNALERROR")][-4:]:
                    print("   ", line)
    print(dict(total))
    faults = ("lost", "twice", "invented", "hung", "orphans", "left behind")
    print("holds" if not any(total[name] for name in faults) else "DOES NOT HOLD")
    return int(any(total[name] for name in faults))


if __name__ == "__main__":
    sys.exit(main())
