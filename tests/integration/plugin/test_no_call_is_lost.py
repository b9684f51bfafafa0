"""
Whatever ends a session, each finished call is in the report once, and pytest's status stands.

One row a scenario and number of workers: calls that the simulator counted, calls in the report.
The rows are printed as a table at the end of the test run.

Each row is a session of its own. Without ``LENS_WHOLE_TABLE``, which ``tox -e chaos`` sets, the
scenarios run alone and with two workers, one of them with one and with four, and three ways to
distribute tests, which are one to us, not at all.
"""

import os
from dataclasses import dataclass

import jsonschema
import pytest

from llm_latency_lens.reports import read_schema

pytest.importorskip("httpx2")

SUITE = """
import os
import pathlib
import signal
import time

import pytest

URL, MODEL = os.environ.get("SIM_URL"), os.environ.get("SIM_MODEL")
DEED, PHASE = os.environ["DEED"], os.environ["PHASE"]
WORKERS = int(os.environ["WORKERS"])
if URL:
    import httpx2
    client = httpx2.Client(timeout=30)

def ask():
    if URL:
        body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}]}
        client.post(URL + "/chat/completions", json=body).raise_for_status()

def act(number, phase):
    if phase != PHASE:
        return
    if DEED == "kill" and number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    if DEED == "fail" and number == 2:
        pytest.fail("on purpose")
    if DEED == "flake" and number % 2:
        seen = pathlib.Path(f"seen-{number}")
        if not seen.exists():
            seen.touch()
            pytest.fail("at first")
    if DEED == "interrupt":
        pathlib.Path(f"waits-{os.getpid()}").touch()
        while number == 0 and len(list(pathlib.Path().glob("waits-*"))) < max(WORKERS, 1):
            time.sleep(0.01)
        if number == 0:
            os.killpg(0, signal.SIGINT)
        time.sleep(30)

@pytest.fixture
def number(request):
    ask()
    act(request.param, "setup")
    yield request.param
    ask()
    act(request.param, "teardown")

@pytest.mark.parametrize("number", range(8), indirect=True)
def test_it(number):
    ask()
    ask()
    act(number, "call")
"""

# Prices for every model, so that no price book is loaded.
PRICES = """
[[price]]
model = "*"
input_usd_per_million = 1
output_usd_per_million = 1
"""


@dataclass(frozen=True)
class Scenario:
    """What is done, when, with which options, and pytest's status alone and with workers."""

    deed: str = "none"
    phase: str = "call"
    options: tuple = ()
    alone: int | None = 0
    spread: int = 0
    workers: tuple = (0, 2)


SCENARIOS = {
    "clean": Scenario(),
    # A process that is gone writes no report: the one that is killed must be a worker.
    "killed in setup": Scenario("kill", "setup", alone=None, spread=1),
    "killed in the body": Scenario("kill", alone=None, spread=1, workers=(1, 4)),
    "killed in teardown": Scenario("kill", "teardown", alone=None, spread=1),
    "killed, no restart": Scenario(
        "kill", options=("--max-worker-restart=0",), alone=None, spread=1
    ),
    "-x": Scenario("fail", options=("-x",), alone=1, spread=2),
    "Ctrl-C": Scenario("interrupt", alone=2, spread=2),
    "reruns": Scenario("flake", options=("--reruns=1",)),
    "each": Scenario(options=("--dist=each",), alone=None),
    "loadscope": Scenario(options=("--dist=loadscope",), alone=None),
    "loadfile": Scenario(options=("--dist=loadfile",), alone=None, workers=()),
    "loadgroup": Scenario(options=("--dist=loadgroup",), alone=None),
    "worksteal": Scenario(options=("--dist=worksteal",), alone=None, workers=()),
    "no": Scenario(options=("--dist=no",), alone=None, workers=()),
}
_STOPPED = {name for name, one in SCENARIOS.items() if one.deed in ("kill", "fail", "interrupt")}
_IS_WHOLE = bool(os.environ.get("LENS_WHOLE_TABLE"))
_ROWS = [
    (name, workers)
    for name, scenario in SCENARIOS.items()
    for workers in ((0, 1, 2, 4) if _IS_WHOLE else scenario.workers)
    if workers or scenario.alone is not None
]
# A session that nothing happens to has the status 0, as every other test of the plugin sees.
_ENDS = [
    (name, workers)
    for name, workers in _ROWS
    if _IS_WHOLE or (SCENARIOS[name].deed != "none" and workers != 4)
]


@pytest.fixture
def run(run_inner):
    """Return a runner of one scenario, which loads no plugin but those that it needs."""

    def run(name, workers, *options, **env):
        scenario = SCENARIOS[name]
        options += scenario.options
        if workers:
            pytest.importorskip("xdist")
            options += ("-pxdist", f"-n{workers}")
        if scenario.deed == "flake":
            pytest.importorskip("pytest_rerunfailures")
            options += ("-ppytest_rerunfailures",)
        env |= {"DEED": scenario.deed, "PHASE": scenario.phase, "WORKERS": str(workers)}
        env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        return run_inner({"test_it": SUITE, "p.toml": PRICES}, *options, env=env, bare=True)

    return run


@pytest.mark.parametrize(("name", "workers"), _ROWS)
def test_made_is_reported(run, simulator, name, workers, record_property):
    """Calls made are calls reported, each once, and the exit status is pytest's own."""
    model = f"{name}-{workers}-{os.getpid()}"
    inner = run(
        *(name, workers, "-pllm_latency_lens", "--lens-report", "--lens-prices=p.toml"),
        SIM_URL=simulator.base_url,
        SIM_MODEL=model,
    )
    report = inner.report()
    made = sorted(one.id for one in simulator.records(model))
    reported = sorted(one["request_id"] for one in report["calls"])
    status = SCENARIOS[name].spread if workers else SCENARIOS[name].alone
    record_property("lens table", [name, workers, len(made), len(reported), int(inner.ret)])
    jsonschema.validate(report, read_schema())

    assert made == reported
    assert len(made) >= 4
    assert status == inner.ret
    assert (name in _STOPPED) == (report["partial"] is not None)


@pytest.mark.parametrize(("name", "workers"), _ENDS)
def test_status_is_that_of_pytest(run, name, workers):
    """The same suite, without calls and without the lens, ends with the status of the table."""
    status = SCENARIOS[name].spread if workers else SCENARIOS[name].alone

    assert status == run(name, workers).ret
