"""The result of a profile as a document, and its schema: every result fulfils it."""

import json
from pathlib import Path

import jsonschema
import pytest

import llm_latency_lens.reports
from llm_latency_lens.budgets import Evidence, judge_all, read_plan
from llm_latency_lens.profiler import Configuration
from llm_latency_lens.reports import (
    PROFILE_SCHEMA_VERSION,
    make_profile_document,
    read_profile_schema,
    read_schema,
)
from llm_latency_lens.results import Ending, Level, ProfileResult, Response, RunMetadata
from llm_latency_lens.samples import Attempt, Outcome, Phase, Status, Usage

_ERROR = Outcome(Status.ERROR, "overloaded_error", "overloaded", 529)
_VARIED = {
    "nothing told": {"usage": Usage(), "usd": None},
    "failed": {"outcome": _ERROR, "usd": None, "ttft": None, "attempts": (Attempt(0, 1, _ERROR),)},
    "retried": {"attempts": (Attempt(0, 1, _ERROR), Attempt(5, 9, Outcome(Status.OK)))},
    "timed out": {"status": Status.TIMEOUT, "http_status": None, "usd": None},
    "cancelled": {"status": Status.CANCELLED},
    "whole": {"streamed": False},
    "warm-up": {"phase": Phase.WARMUP},
}
_SCHEMA = read_profile_schema()
_VALIDATOR = jsonschema.Draft202012Validator(
    _SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def _result(samples, ending=Ending.COMPLETE):
    metadata = RunMetadata("open loop, 5/s", ending, 9, 1_790_000_000_000_000_000, 5_000_000)
    return ProfileResult(
        samples,
        [5_000_000] * len(samples),
        metadata=metadata,
        config=Configuration(monthly_requests=1000).describe(),
        raw=[Response(one.id, "hello", 5, one.model, None) for one in samples],
    )


def _faults(document):
    return [one.message for one in _VALIDATOR.iter_errors(json.loads(json.dumps(document)))]


@pytest.mark.parametrize("keeps_raw", [False, True])
@pytest.mark.parametrize("fields", _VARIED.values(), ids=_VARIED)
def test_a_result_fulfils_the_schema(make_sample, fields, keeps_raw):
    """One odd call beside a good one, judged, in whole and in part, with and without its calls."""
    samples = (make_sample(), make_sample(**fields))
    result = _result(samples)
    plan = read_plan({"p95": "2s", "error_rate": "1%", "cost": "$1"})
    verdicts = judge_all(plan.budgets, Evidence(samples, result.run_ns))
    parts = [({"name": "a"}, "a", _result(samples[:1]))]
    document = make_profile_document(result, samples, verdicts, parts, keeps_raw=keeps_raw)

    assert [] == _faults(document)
    assert keeps_raw == (document["raw"] is not None)


@pytest.mark.parametrize("ending", Ending)
def test_each_ending_fulfils_the_schema(make_sample, ending):
    """However a run ended."""
    assert [] == _faults(make_profile_document(_result([make_sample()], ending), (), ()))


def test_an_empty_result_fulfils_the_schema():
    """As of a run that was interrupted before its first call, and of no run at all."""
    assert [] == _faults(make_profile_document(_result([]), (), (), keeps_raw=True))
    assert [] == _faults(make_profile_document(ProfileResult(), (), ()))


def test_levels_fulfil_the_schema(make_sample):
    """Of an adapted concurrency."""
    result = _result([make_sample()])
    result.metadata = RunMetadata("x", Ending.COMPLETE, 1, 0, 1, (Level(0, 4, 0), Level(9, 5, 4)))
    document = make_profile_document(result, (), ())

    assert [] == _faults(document)
    assert [4, 5] == [one["limit"] for one in document["metadata"]["levels"]]


def test_the_version_stands_in_document_and_schema():
    """And is the same."""
    told = make_profile_document(ProfileResult(), (), ())["schema_version"]

    assert PROFILE_SCHEMA_VERSION == told == _SCHEMA["properties"]["schema_version"]["const"]


def test_the_schema_is_one():
    """Of draft 2020-12, and it stands beside the module that reads it."""
    folder = Path(llm_latency_lens.reports.__file__).parent

    jsonschema.Draft202012Validator.check_schema(_SCHEMA)
    assert _SCHEMA == json.loads((folder / "profile.schema.json").read_text(encoding="utf-8"))


def test_calls_and_verdicts_are_those_of_a_report():
    """Whoever reads one reads the other."""
    report = read_schema()["$defs"]

    assert {name: report[name] for name in ("call", "verdict")} == {
        name: _SCHEMA["$defs"][name] for name in ("call", "verdict")
    }


def test_every_field_is_described_and_no_other_is_allowed():
    """In each object but those of the caller's own words."""
    objects = [one for one in _nodes(_SCHEMA) if "properties" in one]
    bare = [
        name
        for one in objects
        for name, field in one["properties"].items()
        if not field.get("description")
    ]

    assert [] == bare
    assert {False} == {one.get("additionalProperties") for one in objects}


def _nodes(node):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value)


def test_a_field_of_its_own_is_refused():
    """The schema is closed."""
    assert [] != _faults({**make_profile_document(ProfileResult(), (), ()), "commit": "abc"})
