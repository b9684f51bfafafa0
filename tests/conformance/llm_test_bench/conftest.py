"""Sessions for the writers: documents made by the product from samples."""

import json
from datetime import UTC, datetime

import pytest

from llm_latency_lens.reports import make_document
from llm_latency_lens.results import RunResult, TestResult
from llm_latency_lens.samples import Attempt, Outcome, Phase, Status, Taint, Usage

ERROR = Outcome(Status.ERROR, "overloaded_error", "overloaded", 529)
SECOND = 1_000_000_000
VARIED = {
    "plain": {},
    "nothing told": {"usage": Usage(), "usd": None},
    "failed": {"outcome": ERROR, "usd": None, "ttft": None, "attempts": (Attempt(0, 1, ERROR),)},
    "timed out": {"status": Status.TIMEOUT, "http_status": None, "usd": None},
    "cut": {"status": Status.CUT},
    "cancelled": {"status": Status.CANCELLED, "taints": (Taint.CUT_SHORT,)},
    "whole": {"streamed": False},
    "unpriced": {"usd": None},
    "not told apart": {"run": -1},
    "at once": {"latency": 200, "ttft": 200},
    "no time": {"latency": 0, "ttft": 0},
    "no model": {"model": "", "requested_model": ""},
    **{f"phase {phase}": {"phase": phase} for phase in Phase},
}


@pytest.fixture(params=VARIED.values(), ids=VARIED)
def fields(request):
    """What is odd about a call, one after another."""
    return request.param


@pytest.fixture
def document(make_sample):
    """Return a maker of documents: one call a second, each given by what is odd about it."""

    def make(*calls, node_id="t.py::test_answer[refund]", **told):
        start = 1_790_000_000 * SECOND
        samples = tuple(
            make_sample(
                **{"id": f"s{at}", "node_id": node_id, "wall_ns": start + at * SECOND, **call}
            )
            for at, call in enumerate(calls)
        )
        tests = (TestResult(node_id, "passed", len(calls)),)
        return make_document(RunResult(samples, tests, wall_ns=start, **told))

    return make


@pytest.fixture
def written(tmp_path):
    """Return what a writer made of a document."""

    def write(writer, document):
        path = tmp_path / "out.json"
        writer(document, path)
        return json.loads(path.read_text(encoding="utf-8"))

    return write


@pytest.fixture
def moment():
    """Return the moment of a text that ends in Z."""
    return lambda text: datetime.fromisoformat(text).astimezone(UTC)
