"""``BenchmarkRunnerOutput``: its contract, its statistics, nothing null and no answer."""

import pytest
from bench_contracts import BenchmarkRunnerOutput

from llm_latency_lens.integrations.llm_test_bench import write_benchmark_run
from llm_latency_lens.samples import Outcome, Phase, Status, Usage


@pytest.fixture
def run(document, written):
    """Return the file of some calls."""
    return lambda *calls, **told: written(write_benchmark_run, document(*calls, **told))


def _nulls(node, place="$"):
    """Yield the place of each null."""
    if node is None:
        yield place
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _nulls(value, f"{place}.{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _nulls(value, f"{place}[{index}]")


def test_odd_session_fulfils_the_contract(run, fields):
    """One odd call beside a good one."""
    BenchmarkRunnerOutput.model_validate(run({}, fields))


def test_session_of_one_odd_call_fulfils_the_contract(run, fields):
    """No number of another call fills the gaps."""
    BenchmarkRunnerOutput.model_validate(run(fields))


def test_nothing_is_null(run, fields):
    """The contract refuses null where a field may be left out."""
    assert [] == list(_nulls(run({}, fields)))


def test_session_without_a_call_fulfils_the_contract(run):
    """It has neither results nor statistics."""
    file = run()

    BenchmarkRunnerOutput.model_validate(file)
    assert ([], [], []) == (file["results"], file["aggregated_stats"], file["providers_tested"])


def test_a_call_is_a_result(run):
    """A streamed call that went well, with its TTFT."""
    (result,) = run({"finish_reason": "stop"})["results"]

    assert {
        "test_id": "t.py::test_answer[refund]",
        "iteration": 0,
        "provider_name": "openai",
        "model_id": "gpt-4o-mini",
        "success": True,
        "latency": {"total_ms": 1000, "time_to_first_token_ms": 200, "tokens_per_second": 12.5},
        "finish_reason": "stop",
        "token_usage": {"prompt_tokens": 10, "completion_tokens": 11, "total_tokens": 21},
        "cost": {"input_cost_usd": 0, "output_cost_usd": 0.001, "total_cost_usd": 0.001},
        "started_at": "2026-09-21T14:13:20.000Z",
        "completed_at": "2026-09-21T14:13:21.000Z",
    } == result


def test_failed_call_says_type_and_code(run):
    """And how long it took to fail."""
    (result,) = run(
        {"outcome": Outcome(Status.ERROR, "overloaded_error", None, 529), "ttft": None}
    )["results"]

    assert (False, "error HTTP 529 overloaded_error", {"total_ms": 1000}) == (
        result["success"],
        result["error_message"],
        result["latency"],
    )


def test_statistics_are_over_the_successful_calls(run):
    """As the runner of the format takes them; the failed call is counted beside them."""
    failed = {"outcome": Outcome(Status.ERROR), "latency": 9000, "usd": None, "usage": Usage()}
    calls = [{"latency": latency, "ttft": 50} for latency in (100, 300, 200)]
    (stats,) = run(*calls, failed)["aggregated_stats"]
    assert pytest.approx(0.003) == stats.pop("total_cost_usd")
    assert pytest.approx(0.00075) == stats.pop("avg_cost_per_request_usd")
    assert pytest.approx(81.6497, abs=1e-4) == stats.pop("latency_stddev_ms")
    assert pytest.approx((200 + 40 + 200 / 3) / 3) == stats.pop("avg_tokens_per_second")

    assert {
        "provider_name": "openai",
        "model_id": "gpt-4o-mini",
        "total_executions": 4,
        "successful_executions": 3,
        "failed_executions": 1,
        "success_rate": 0.75,
        "latency_p50_ms": 200,
        "latency_p95_ms": 300,
        "latency_p99_ms": 300,
        "latency_mean_ms": 200,
        "latency_min_ms": 100,
        "latency_max_ms": 300,
        "total_tokens": 63,
        "avg_tokens_per_request": 15.75,
    } == stats


def test_model_whose_calls_all_failed_has_zeros(run):
    """The contract wants numbers, and its runner writes these."""
    (stats,) = run({"outcome": Outcome(Status.ERROR), "ttft": None})["aggregated_stats"]

    assert {0} == {value for name, value in stats.items() if name.startswith("latency_")}
    assert "avg_tokens_per_second" not in stats


def test_each_model_has_statistics_of_its_own(run):
    """In the order in which they were first called."""
    file = run({}, {"provider": "anthropic", "requested_model": "claude"}, {})
    models = [("openai", "gpt-4o-mini"), ("anthropic", "claude")]

    assert models == [(one["provider_name"], one["model_id"]) for one in file["aggregated_stats"]]
    assert models == [(one["provider_name"], one["model_id"]) for one in file["providers_tested"]]
    assert [2, 1] == [one["total_executions"] for one in file["aggregated_stats"]]


def test_counts_tell_tests_from_executions(run):
    """Two tests, three calls, one of them failed."""
    file = run({}, {"node_id": "t.py::other"}, {"status": Status.ERROR})

    assert (2, 3, 2, 1) == tuple(
        file[name]
        for name in (
            "total_tests",
            "total_executions",
            "successful_executions",
            "failed_executions",
        )
    )


def test_configuration_is_what_was_run(run):
    """Workers, warm-up runs, runs of a test; and that no answer was kept."""
    warmups = [{"phase": Phase.WARMUP, "run": at} for at in (0, 1, 1)]

    assert {
        "concurrency": 3,
        "warm_up_runs": 2,
        "iterations_per_test": 4,
        "save_responses": False,
        "fail_fast": False,
    } == run({}, *warmups, workers=3)["execution_config"]


def test_concurrency_stays_within_the_contract(run):
    """At most 100 may be told."""
    assert 100 == run({}, workers=400)["execution_config"]["concurrency"]


def test_same_session_has_the_same_id(run):
    """Writing a session twice makes no second execution; another session is another one."""
    assert run({})["execution_id"] == run({})["execution_id"]
    assert run({})["execution_id"] != run({"id": "other"})["execution_id"]


def test_report_without_the_split_of_costs_has_no_cost(document, written):
    """Input and output are one or unknown, never guessed."""
    session = document({})
    del session["calls"][0]["input_cost_usd"]
    (result,) = written(write_benchmark_run, session)["results"]

    assert "cost" not in result
