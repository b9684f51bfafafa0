"""A session with something of everything, for the formats that show it."""

from copy import deepcopy

import pytest

from llm_latency_lens.baselines import Baseline, Entry, compare, read_gates
from llm_latency_lens.budgets import Evidence, judge_all, read_plan
from llm_latency_lens.metrics import Distribution
from llm_latency_lens.reports import make_document
from llm_latency_lens.results import RunResult, TestResult
from llm_latency_lens.samples import Outcome, Phase, Status, Usage

MS = 1_000_000
SECOND = 1_000_000_000
FAILED = Outcome(Status.ERROR, "overloaded_error", "overloaded", 529)
PLANS = {
    "t.py::test_kept": {"p95": "2s", "ttft": "800ms"},
    "t.py::test_broken": {"p95": "500ms", "mean": "2s", "error_rate": "0%"},
    "t.py::test_unpriced": {"cost_per_call": "$1"},
    "t.py::test_quiet": {},
}


@pytest.fixture(scope="session")
def calls(make_sample):
    """Calls of four tests to two models: fast and slow, failed, unpriced, not streamed."""
    odd = {
        "t.py::test_kept": [{}, {"latency": 700, "ttft": 100}, {"phase": Phase.WARMUP}],
        "t.py::test_broken": [
            {"latency": 1500},
            {"outcome": FAILED, "usd": None, "ttft": None, "usage": Usage()},
            {"status": Status.TIMEOUT, "usd": None, "latency": 3000},
        ],
        "t.py::test_unpriced": [
            {"usd": None, "provider": "localhost:8000", "requested_model": "qwen3-8b"},
        ],
        "t.py::test_quiet": [{"streamed": False}],
    }
    flat = [(node_id, fields) for node_id, each in odd.items() for fields in each]
    return tuple(
        make_sample(
            **{"id": f"s{at}", "node_id": node_id, "run": at, "wall_ns": at * SECOND, **fields}
        )
        for at, (node_id, fields) in enumerate(flat)
    )


@pytest.fixture
def document(report):
    """The report of that session, to be changed at will."""
    return deepcopy(report)


@pytest.fixture(scope="session")
def report(calls):
    """The report of that session, made once."""
    tests = []
    for node_id, mark in PLANS.items():
        own = tuple(one for one in calls if one.node_id == node_id)
        bodies = [one for one in own if one.phase is Phase.CALL]
        budgets = read_plan(mark).budgets if mark else ()
        evidence = Evidence(own, tuple(one.latency_ns for one in bodies))
        verdicts = judge_all(budgets, evidence)
        outcome = "failed" if any(one.failed for one in verdicts) else "passed"
        tests.append(TestResult(node_id, outcome, len(bodies), tuple(verdicts)))
    environment = {"python": "3.12.4", "llm-latency-lens": "0.1.0"}
    return make_document(
        RunResult(calls, tuple(tests), environment, 1_790_000_000 * SECOND, workers=2)
    )


@pytest.fixture
def compared(document):
    """The same report, of a session that was compared with a baseline."""

    def session(latencies_ms, failed=0):
        times = {"latency": Distribution.of([one * MS for one in latencies_ms], failed)}
        entry = Entry("t.py::test_kept", "openai", "gpt-4o-mini", len(latencies_ms), times)
        return Baseline("main", "2026-11-24T10:00:00+00:00", {"python": "3.11"}, (entry,))

    gates, shown = read_gates(["p95:25%"]), read_gates(["p50"])
    comparison = compare(session(range(1, 201)), session([400] * 10), gates, shown)
    compared = make_document(RunResult(comparison=comparison))["comparison"]
    return document | {"comparison": compared}


@pytest.fixture
def compact(document):
    """The same report, with nothing in its calls that is null or empty."""
    calls = [
        {name: value for name, value in call.items() if value not in (None, "", [])}
        for call in document["calls"]
    ]
    return document | {"calls": calls}
