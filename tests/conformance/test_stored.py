"""Reports read back: what is judged again is what was judged."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from llm_latency_lens.budgets import Evidence, judge_all, judge_pooled, read_plan
from llm_latency_lens.budgets.certainty import Certainty
from llm_latency_lens.budgets.words import WORDS
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.reports import make_document, read_report, write_json
from llm_latency_lens.results import RunResult, TestResult
from llm_latency_lens.samples import Phase, Status, Taint, Usage

_LIMITS = {"ms": "900ms", "usd": "$0.0015", "share": "1%", "calls": 1, "tokens/s": 12}
_RUN_NS = (1_234_567_891, 7, 10**10)
# Gaps between tokens are not in a report, so neither is a verdict on them.
_AGAIN = [name for name in WORDS if not name.startswith("itl_")]
_VARIED = {
    "good": {},
    "failed": {"status": Status.ERROR, "ttft": None, "usd": None},
    "timed out": {"status": Status.TIMEOUT},
    "cancelled": {"status": Status.CANCELLED},
    "whole": {"streamed": False},
    "unpriced": {"usd": None},
    "no usage": {"usage": Usage()},
    "hidden reasoning": {"usage": Usage(10, 11, reasoning_tokens=4)},
    "shown reasoning": {"usage": Usage(10, 11, reasoning_tokens=10), "reasoning_events": 3},
    "mocked": {"taints": (Taint.MOCKED, Taint.COLD)},
    "fixture": {"phase": Phase.SETUP},
}


@pytest.fixture
def read_back(tmp_path):
    """Write the report of samples and read it."""

    def read(*samples):
        test = TestResult("t.py::test", "passed", len(_RUN_NS), run_ns=_RUN_NS)
        path = tmp_path / "report.json"
        write_json(make_document(RunResult(samples, (test,), {"python": "3.11"})), path)
        return read_report(path)

    return read


@pytest.mark.parametrize("fields", _VARIED.values(), ids=_VARIED)
def test_each_verdict_is_the_same_again(make_sample, read_back, fields):
    """Every budget that can be judged again finds the same numbers in the report."""
    odd = replace(make_sample(**{"latency": 877, "ttft": 123} | fields), id="odd", run=1)
    samples = (make_sample(), odd)
    budgets = [read_plan({name: _LIMITS[WORDS[name].unit.value]}).budgets[0] for name in _AGAIN]
    stored = read_back(*samples)

    assert judge_all(budgets, Evidence(samples, _RUN_NS[:2])) == judge_all(
        budgets, Evidence(stored.samples, stored.run_ns["t.py::test"][:2])
    )


def test_times_are_exact(make_sample, read_back):
    """A nanosecond survives as the sixth digit after the point of a millisecond."""
    line = replace(make_sample().timeline, first_token_ns=200_000_001, last_token_ns=999_999_999)
    sample = make_sample(timeline=line)
    (found,) = read_back(sample).samples

    assert (sample.ttft_ns, sample.tpot_ns, sample.wire_ttft_ns) == (
        found.ttft_ns,
        found.tpot_ns,
        found.wire_ttft_ns,
    )


def test_session_comes_along(read_back):
    """Where and when the session ran, and how long its runs took, is told."""
    stored = read_back()

    assert ({"python": "3.11"}, "1970-01-01T00:00:00.000+00:00") == (
        stored.environment,
        stored.started,
    )
    assert {"t.py::test": _RUN_NS} == stored.run_ns


def test_shared_values_of_calls_are_read(make_sample, tmp_path):
    """What a report says once of all calls is true of each."""
    document = make_document(RunResult((make_sample(), make_sample(run=1))))
    rows = document["calls"]
    document["call_defaults"] = {name: value for name, value in rows[0].items() if name != "run"}
    document["calls"] = [{"run": one["run"]} for one in rows]
    (tmp_path / "report.json").write_text(json.dumps(document))
    found = read_report(tmp_path / "report.json").samples

    assert [(0, 10**9), (1, 10**9)] == [(one.run, one.latency_ns) for one in found]


def test_pooled_runs_are_counted_as_they_began(make_sample):
    """With a confidence the runs of all tests are one sequence: what came late is not counted."""
    sure = Certainty(Fraction(95, 100), fails_unsettled=True)
    budgets = read_plan({"p50": "2s"}).budgets
    slow = [make_sample(9000, node_id="b", run=at, wall_ns=at) for at in range(20)]
    fast = [make_sample(node_id="a", run=at, wall_ns=100 + at) for at in range(40)]
    fixture = make_sample(9000, phase=Phase.SETUP, wall_ns=0)
    (verdict,) = judge_pooled(budgets, (*fast, fixture, *slow), certainty=sure)

    assert ("broken", verdict.n, 60) == (verdict.ruling.value, verdict.k, verdict.planned)


def test_calls_of_no_known_run_stay_so(make_sample):
    """Calls that nobody could tell apart are no run of their own, and a confidence says so."""
    budgets = read_plan({"p50": "2s"}).budgets
    samples = (make_sample(run=-1), make_sample(run=0))
    (verdict,) = judge_pooled(budgets, samples, certainty=Certainty(Fraction(95, 100)))

    assert "error" == verdict.ruling.value
    assert "kept" == judge_pooled(budgets, samples)[0].ruling.value


def test_pooled_runs_are_those_of_each_test(make_sample):
    """Two tests with one call in their first run have one call a run, not two."""
    samples = (make_sample(node_id="a"), make_sample(node_id="b"))
    (verdict,) = judge_pooled(read_plan({"calls": 1}).budgets, samples)

    assert (1.0, 2) == (verdict.observed, verdict.n)


def test_pooled_runs_without_a_call_are_nothing_odd(make_sample):
    """A test that asks no provider does not break a budget of the session."""
    budgets = read_plan({"p95": "2s", "run_p95": "2s"}).budgets
    verdicts = judge_pooled(budgets, (make_sample(),), {"a": (5, 5), "b": (5,)})

    assert [("kept", 1), ("kept", 3)] == [(one.ruling.value, one.n) for one in verdicts]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory; pytest --lens-report writes one"),
        ("{", "is not JSON"),
        ("[]", "has schema version None, where '1.0' is expected"),
        ('{"schema_version": "0.9"}', "has schema version '0.9', where '1.0' is expected"),
        ('{"schema_version": "1.0"}', "does not follow its schema: KeyError 'calls'"),
        ('{"schema_version": "1.0", "calls": [{}]}', "does not follow its schema: KeyError"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path, text, message):
    """The error names the file and what is wrong with it."""
    path = tmp_path / "report.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(ConfigurationError) as caught:
        read_report(path)

    assert f"report {path} {message}" in str(caught.value)


def test_a_field_of_the_wrong_kind_is_refused(make_sample, tmp_path):
    """A report that was changed by hand is told apart from one that was written."""
    document = make_document(RunResult((make_sample(),)))
    document["calls"][0]["status"] = "fine"
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document))

    with pytest.raises(ConfigurationError, match="ValueError 'fine' is not a valid Status"):
        read_report(path)
