"""``BenchmarkResults``: its keys and rules, our numbers beside them, no answer."""

import math

import pytest
from bench_contracts import OUR_NUMBERS, BenchmarkResults, TestResult

from llm_latency_lens.integrations.llm_test_bench import write_benchmark_results
from llm_latency_lens.samples import Outcome, Phase, Status, Usage


@pytest.fixture
def results(document, written):
    """Return the file of some calls."""
    return lambda *calls, **told: written(write_benchmark_results, document(*calls, **told))


def test_odd_session_fulfils_the_contract(results, fields):
    """One odd call beside a good one."""
    BenchmarkResults.model_validate(results({}, fields))


def test_session_of_one_odd_call_fulfils_the_contract(results, fields):
    """No number of another call fills the gaps."""
    BenchmarkResults.model_validate(results(fields))


def test_session_without_a_call_fulfils_the_contract(results):
    """It has no result, and zeros where there is nothing to count."""
    file = results()

    BenchmarkResults.model_validate(file)
    assert (0, [], 0, "none") == (
        file["total_tests"],
        file["results"],
        file["summary"]["success_rate"],
        file["provider_name"],
    )


def test_a_call_is_a_result(results):
    """The keys of a result, with what they say of a call that went well."""
    (result,) = results({"latency": 1234})["results"]

    assert {
        "test_id": "t.py::test_answer[refund]",
        "category": None,
        "status": "success",
        "response": None,
        "error": None,
        "duration_ms": 1234,
        "timestamp": "2026-09-21T14:13:21.234Z",
    } == {name: result[name] for name in TestResult.model_fields}


def test_our_numbers_stand_beside_their_keys(results):
    """By the names that their ``analyze`` looks for, at the top of each result, as numbers."""
    (result,) = results({})["results"]
    extra = {name: result[name] for name in result if name not in TestResult.model_fields}

    assert {"provider": "openai", "model": "gpt-4o-mini"} == {
        name: value for name, value in extra.items() if isinstance(value, str)
    }
    assert {
        "iteration": 0,
        "latency_ms": 1000,
        "ttft_ms": 200,
        "ttfo_ms": 200,
        "wire_ttft_ms": 199,
        "tpot_ms": 80,
        "headers_ms": 2,
        "retry_ms": 0,
        "tokens_per_second": 12.5,
        "input_tokens": 10,
        "output_tokens": 11,
        "tokens_used": 21,
        "estimated_cost": 0.001,
        "attempts": 1,
    } == {name: value for name, value in extra.items() if not isinstance(value, str)}
    assert extra.keys() - {"provider", "model"} <= set(OUR_NUMBERS)


def test_what_is_unknown_is_left_out(results):
    """A number is there or not: null is no number for ``analyze``, and zero would be a lie."""
    (result,) = results({"streamed": False, "usage": Usage(), "usd": None})["results"]

    assert set() == {"ttft_ms", "tokens_used", "estimated_cost", "tokens_per_second"} & set(result)


def test_durations_are_whole_milliseconds_rounded_down(document, written):
    """As the Rust side takes them."""
    session = document({})
    session["calls"][0]["latency_ms"] = 12.999
    (result,) = written(write_benchmark_results, session)["results"]

    assert (12, 12.999) == (result["duration_ms"], result["latency_ms"])


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"outcome": Outcome(Status.ERROR, "a", "b", 529)}, "failure", "error HTTP 529 a b"),
        ({"outcome": Outcome(Status.TIMEOUT, "ReadTimeout")}, "timeout", "timeout ReadTimeout"),
        ({"outcome": Outcome(Status.CUT, http_status=200)}, "failure", "cut HTTP 200"),
        ({"outcome": Outcome(Status.ERROR, "error")}, "failure", "error"),
    ],
)
def test_failed_call_says_type_and_code(results, fields, status, error):
    """In the vocabulary of the format; it has a duration, and no latency."""
    (result,) = results(fields)["results"]

    assert (status, error, 1000, False) == (
        result["status"],
        result["error"],
        result["duration_ms"],
        "latency_ms" in result,
    )


@pytest.mark.parametrize(
    "fields",
    [{"phase": Phase.WARMUP}, {"phase": Phase.SETUP}, {"status": Status.CANCELLED}],
    ids=["warmup", "fixture", "cancelled"],
)
def test_other_calls_are_no_results(results, fields):
    """Every duration of the file would be read as one of a call that was waited for."""
    assert 1 == len(results({}, fields)["results"])


def test_summary_counts_and_adds_up(results):
    """Failures and timeouts are in the durations with the time until they failed."""
    failed = {"outcome": Outcome(Status.ERROR), "latency": 40, "usd": None, "usage": Usage()}
    timed_out = {"outcome": Outcome(Status.TIMEOUT), "latency": 900, "usd": None, "usage": Usage()}
    summary = results({"latency": 100}, {"latency": 300}, failed, timed_out)["summary"]

    assert {
        "total": 4,
        "succeeded": 2,
        "failed": 1,
        "timeout": 1,
        "skipped": 0,
        "success_rate": 0.5,
        "avg_duration_ms": 335.0,
        "p50_duration_ms": 300.0,
        "p95_duration_ms": 900.0,
        "p99_duration_ms": 900.0,
        "min_duration_ms": 40,
        "max_duration_ms": 900,
        "total_tokens": 42,
        "avg_tokens_per_request": 21.0,
        "total_cost": 0.002,
    } == summary


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 101])
def test_percentile_is_the_formats_own(results, count):
    """The value at index ceil(p (n - 1)), which is not the nearest rank of our report."""
    summary = results(*({"latency": 10 * (at + 1)} for at in range(count)))["summary"]

    for percent in (50, 95, 99):
        at = math.ceil(percent * (count - 1) / 100)
        assert 10.0 * (at + 1) == summary[f"p{percent}_duration_ms"]


def test_session_lasts_until_its_last_call_has_ended(results, moment):
    """From the start of the session; calls are a second apart."""
    file = results({}, {"latency": 2500})

    assert 3500 == file["total_duration_ms"]
    assert 3.5 == (moment(file["completed_at"]) - moment(file["started_at"])).total_seconds()


def test_several_providers_are_all_named(results):
    """In one text, since the format has room for one."""
    assert "anthropic, openai" == results({}, {"provider": "anthropic"})["provider_name"]


def test_iterations_are_counted_for_each_test_and_model(results):
    """From zero, in the order of their starts."""
    file = results({}, {"requested_model": "gpt-4.1"}, {}, {"node_id": "t.py::other"})

    assert [0, 0, 1, 0] == [one["iteration"] for one in file["results"]]


def test_document_without_empty_fields_says_the_same(document, written):
    """A report may leave out what is null."""
    full = document({"streamed": False, "usd": None, "usage": Usage()}, {})
    compact = full | {
        "calls": [
            {name: value for name, value in call.items() if value not in (None, "", [])}
            for call in full["calls"]
        ]
    }

    assert written(write_benchmark_results, full) == written(write_benchmark_results, compact)
