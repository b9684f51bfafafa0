"""The report document and its schema: every session fulfils it, nothing private is in it."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import llm_latency_lens.reports
from llm_latency_lens.budgets import Evidence, Ruling, Verdict, judge_all, read_plan
from llm_latency_lens.budgets.words import WORDS
from llm_latency_lens.reports import make_document, read_schema
from llm_latency_lens.results import RunResult, Saving, TestResult
from llm_latency_lens.samples import Attempt, Outcome, Phase, Sample, Status, Taint, Usage

MS = 1_000_000
_LIMITS = {"ms": "2s", "usd": "$1", "share": "1%", "calls": 3, "tokens/s": 30}
_ERROR = Outcome(Status.ERROR, "overloaded_error", "overloaded", 529)
_VARIED = {
    "nothing told": {"usage": Usage(), "usd": None},
    "failed": {"outcome": _ERROR, "usd": None, "ttft": None, "attempts": (Attempt(0, 1, _ERROR),)},
    "timed out": {"status": Status.TIMEOUT, "http_status": None, "usd": None},
    "cut": {"status": Status.CUT},
    "cancelled": {"status": Status.CANCELLED, "taints": (Taint.CUT_SHORT,)},
    "whole": {"streamed": False},
    "unpriced": {"usd": None},
    "every taint": {"taints": tuple(Taint)},
    "not told apart": {"run": -1},
    "gaps": {"gaps_ns": (MS, 2 * MS)},
    "at once": {"latency": 200, "ttft": 200},
    **{f"phase {phase}": {"phase": phase} for phase in Phase},
}
_SCHEMA = read_schema()
_VALIDATOR = jsonschema.Draft202012Validator(
    _SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def _judged(samples):
    marks = [{name: _LIMITS[word.unit.value]} for name, word in WORDS.items()]
    budgets = [budget for mark in marks for budget in read_plan(mark).budgets]
    runs = (MS,) * len({one.run for one in samples})
    return TestResult("t.py::test", "failed", 1, judge_all(budgets, Evidence(samples, runs)))


def _document(*samples):
    return make_document(RunResult(samples, (_judged(samples),), {"python": "3.11"}))


@pytest.mark.parametrize("fields", _VARIED.values(), ids=_VARIED)
def test_session_fulfils_the_schema(make_sample, fields):
    """One odd call beside a good one, with a verdict on every word."""
    document = _document(make_sample(), make_sample(**fields))

    assert [] == [one.message for one in _VALIDATOR.iter_errors(document)]


@pytest.mark.parametrize("fields", _VARIED.values(), ids=_VARIED)
def test_session_of_one_odd_call_fulfils_the_schema(make_sample, fields):
    """No number of another call fills the gaps."""
    document = _document(make_sample(**fields))

    assert [] == [one.message for one in _VALIDATOR.iter_errors(document)]


@pytest.mark.parametrize("fields", _VARIED.values(), ids=_VARIED)
def test_session_is_strict_json(make_sample, fields):
    """No NaN and no Infinity, whatever happened."""
    document = _document(make_sample(**fields))

    assert document == json.loads(json.dumps(document, allow_nan=False))


def test_very_many_gaps_fulfil_the_schema(make_sample):
    """Beyond what is kept one by one, only the estimate that needs each value is missing."""
    document = _document(make_sample(gaps_ns=tuple(range(MS, MS + 12_000))))
    times = document["total"]["itl_ms"]

    assert [] == [one.message for one in _VALIDATOR.iter_errors(document)]
    assert (12_000, None) == (times["n"], times["harrell_davis"])
    assert pytest.approx(1.0114, rel=0.004) == times["p95"]


def test_empty_session_fulfils_the_schema():
    """A session without a call has a report as well."""
    assert _VALIDATOR.is_valid(make_document(RunResult()))


@pytest.mark.parametrize("ruling", Ruling)
def test_every_ruling_fulfils_the_schema(ruling):
    """Each way to be ruled is in the schema's list."""
    verdict = Verdict("p95", ruling, "1s", "ms", 1000, observed=math.inf, reason="because")
    document = make_document(RunResult(tests=(TestResult("t", "skipped", 0, (verdict,)),)))

    assert _VALIDATOR.is_valid(document)


def test_schema_is_one():
    """The schema itself is draft 2020-12."""
    assert "https://json-schema.org/draft/2020-12/schema" == _SCHEMA["$schema"]
    jsonschema.Draft202012Validator.check_schema(_SCHEMA)


def _objects(node, place="$"):
    """Yield each schema of an object with its place."""
    if isinstance(node, dict):
        if "properties" in node:
            yield place, node
        for key, value in node.items():
            yield from _objects(value, f"{place}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _objects(value, f"{place}[{index}]")


def test_every_field_is_described():
    """Whoever reads a report finds the meaning of each number."""
    bare = [
        f"{place}.{name}"
        for place, one in _objects(_SCHEMA)
        for name, field in one["properties"].items()
        if not field.get("description")
    ]

    assert [] == bare


def test_no_object_has_other_fields():
    """A field that the schema does not know is an error, except under ``extra``."""
    loose = [
        place for place, one in _objects(_SCHEMA) if one.get("additionalProperties") is not False
    ]

    assert [] == loose


def test_extra_is_free():
    """Whatever the hook adds under ``extra`` is allowed."""
    document = make_document(RunResult()) | {"extra": {"commit": "abc", "nested": [1, {"a": None}]}}

    assert _VALIDATOR.is_valid(document)


def test_field_of_its_own_is_refused():
    """A hook that adds a field elsewhere breaks the schema."""
    assert not _VALIDATOR.is_valid(make_document(RunResult()) | {"commit": "abc"})


def test_schema_is_part_of_the_package():
    """It stands beside the module that reads it, so that a wheel ships it."""
    folder = Path(llm_latency_lens.reports.__file__).parent

    assert _SCHEMA == json.loads((folder / "report.schema.json").read_text(encoding="utf-8"))


def test_infinite_percentile_is_null(make_sample):
    """A percentile that falls on a failed call has no number."""
    document = _document(make_sample(1000), make_sample(status=Status.ERROR))
    latency = document["models"][0]["latency_ms"]

    assert (1000, None, 1) == (latency["p50"], latency["p95"], latency["failed"])


def test_time_that_does_not_exist_is_null(make_sample):
    """Without a stream there is no TTFT."""
    assert _document(make_sample(streamed=False))["models"][0]["ttft_ms"] is None


def test_times_are_milliseconds(make_sample):
    """Of each call: what it waited and when its first token came."""
    (call,) = _document(make_sample(1500, 250))["calls"]

    assert (1500, 250, 249, 1) == (
        call["latency_ms"],
        call["ttft_ms"],
        call["wire_ttft_ms"],
        call["sent_ms"],
    )


def test_reused_connection_has_no_connect_time(make_sample):
    """Only a call that opened its connection has the time that took."""
    cold = make_sample()
    cold = replace(cold, timeline=replace(cold.timeline, connect_started_ns=0, connected_ns=MS))

    document = _document(cold, make_sample())

    assert [1, None] == [call["connect_ms"] for call in document["calls"]]


def test_unknown_cost_is_null(make_sample):
    """An unknown price never reads as zero."""
    document = _document(make_sample(usd=None))

    assert (None, 1) == (
        document["calls"][0]["cost_usd"],
        document["total"]["cost"]["unpriced_calls"],
    )


def test_histogram_counts_every_success(make_sample):
    """Buckets are milliseconds around what was measured."""
    (bucket,) = _document(make_sample(1000))["models"][0]["latency_histogram"]

    assert bucket["from_ms"] <= 1000 < bucket["to_ms"]


def test_budgets_are_counted_by_ruling(make_sample):
    """The sum over the rulings is the number of verdicts."""
    document = _document(make_sample())

    assert len(WORDS) == sum(document["budgets"].values())


def test_moments_are_utc(make_sample):
    """ISO 8601 with its offset."""
    assert "2026-09-21T14:13:20.000+00:00" == _document(make_sample())["calls"][0]["started"]


def test_call_holds_known_fields_only():
    """A sample has no room for a prompt or an answer, so no report has one."""
    private = re.compile(r"prompt|content|answer|messages|header|body|key")

    assert [] == [name for name in Sample.__dataclass_fields__ if private.search(name)]


def test_call_field_is_a_number_or_a_short_word(make_sample):
    """Of all that a call carries only facts about it leave, each by name."""
    (call,) = _document(make_sample())["calls"]

    assert set(_SCHEMA["$defs"]["call"]["properties"]) == set(call)


def test_settled_budgets_fulfil_the_schema(make_sample):
    """With a confidence, on every word."""
    samples = tuple(make_sample(run=run) for run in range(3))
    marks = [{name: _LIMITS[word.unit.value], "confidence": 0.95} for name, word in WORDS.items()]
    plans = [read_plan(mark) for mark in marks]
    evidence = Evidence(samples, (MS,) * 3, 20)
    verdicts = [
        verdict for plan in plans for verdict in judge_all(plan.budgets, evidence, plan.certainty)
    ]
    test = TestResult("t", "passed", 3, tuple(verdicts), Saving.of(evidence))
    document = make_document(RunResult(samples, (test,)))

    assert [] == [one.message for one in _VALIDATOR.iter_errors(document)]
    assert {"runs": 17, "usd": 0.017} == document["saved"]


def test_outliers_are_named_by_their_place(make_sample):
    """Among all calls of the report, whatever phase or model the others are of."""
    others = [make_sample(1000 + n) for n in range(9)]
    samples = (
        make_sample(phase=Phase.WARMUP),
        *others,
        make_sample(99_000),
        make_sample(status=Status.CUT),
    )
    (model,) = make_document(RunResult(samples))["models"]

    assert [10] == model["latency_outliers"]


def test_percentiles_carry_interval_and_estimate(make_sample):
    """An end that no value bounds is null; an estimate over a failed call as well."""
    samples = tuple(make_sample(1000 + n) for n in range(20))
    fine = make_document(RunResult(samples))["total"]["latency_ms"]
    failed = make_document(RunResult((*samples, make_sample(status=Status.CUT))))["total"]

    assert [1016.0, None] == fine["intervals_95"]["p95"]
    assert 1018.5 == pytest.approx(fine["harrell_davis"]["p95"], abs=0.5)
    assert failed["latency_ms"]["harrell_davis"] is None
