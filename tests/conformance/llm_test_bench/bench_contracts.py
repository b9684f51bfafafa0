"""
What LLM-Test-Bench reads, as strict models written by hand from what is known of its formats.

They stand in for its own types: ``BenchmarkResults`` is Rust there, and ``BenchmarkRunnerOutput``
a zod schema that no package on npm ships. Stricter than the originals in one point: a key that
they would drop in silence is an error here, unless we add it on purpose.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

__all__ = ["OUR_NUMBERS", "BenchmarkResults", "BenchmarkRunnerOutput", "TestResult"]

OUR_NUMBERS = (
    *("latency_ms", "ttft_ms", "ttfo_ms", "wire_ttft_ms", "tpot_ms", "connect_ms", "headers_ms"),
    *("retry_ms", "input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens"),
    *("attempts", "iteration", "tokens_used", "estimated_cost", "tokens_per_second"),
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _matches(pattern):
    def check(text):
        assert pattern.fullmatch(text), f"{text!r} is not {pattern.pattern}"
        return text

    return AfterValidator(check)


Moment = Annotated[str, _matches(_MOMENT)]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Summary(_Strict):
    total: Count
    succeeded: Count
    failed: Count
    timeout: Count
    skipped: Count
    success_rate: Share
    avg_duration_ms: Amount
    p50_duration_ms: Amount
    p95_duration_ms: Amount
    p99_duration_ms: Amount
    min_duration_ms: Count
    max_duration_ms: Count
    total_tokens: Count
    avg_tokens_per_request: Amount
    total_cost: Amount


class TestResult(BaseModel):
    """One result; what is beside its keys is ours, and each of ours is a number or a name."""

    __test__ = False
    model_config = ConfigDict(strict=True, extra="allow")

    test_id: str
    category: str | None
    status: Literal["success", "failure", "timeout", "skipped"]
    response: None  # an object or null there; with us always null
    error: str | None
    duration_ms: Count
    timestamp: Moment


class BenchmarkResults(_Strict):
    """The result file of the command ``bench``."""

    dataset_name: str
    provider_name: str
    total_tests: Count
    results: list[TestResult]
    started_at: Moment
    completed_at: Moment
    total_duration_ms: Count
    summary: Summary


class _OmitsNull(_Strict):
    """An optional field is left out there, never null: None is a default, and no value."""


class Latency(_OmitsNull):
    total_ms: Amount
    time_to_first_token_ms: Amount = None
    tokens_per_second: Amount = None


class TokenUsage(_Strict):
    prompt_tokens: Amount
    completion_tokens: Amount
    total_tokens: Amount


class Cost(_Strict):
    input_cost_usd: Amount
    output_cost_usd: Amount
    total_cost_usd: Amount


class ExecutionResult(_OmitsNull):
    test_id: str
    iteration: Amount
    provider_name: str
    model_id: str
    success: bool
    error_message: str = None
    finish_reason: str = None  # response_content, too, is optional there; we never write it
    latency: Latency
    token_usage: TokenUsage = None
    cost: Cost = None
    started_at: Moment
    completed_at: Moment


class AggregatedStats(_OmitsNull):
    provider_name: str
    model_id: str
    total_executions: Amount
    successful_executions: Amount
    failed_executions: Amount
    success_rate: Share
    latency_p50_ms: Amount
    latency_p95_ms: Amount
    latency_p99_ms: Amount
    latency_mean_ms: Amount
    latency_min_ms: Amount
    latency_max_ms: Amount
    latency_stddev_ms: Amount
    total_tokens: Amount
    avg_tokens_per_request: Amount
    total_cost_usd: Amount
    avg_cost_per_request_usd: Amount
    avg_tokens_per_second: Amount = None


class ExecutionConfig(_Strict):
    concurrency: Annotated[float, Field(gt=0, le=100)]
    warm_up_runs: Amount
    iterations_per_test: Annotated[float, Field(gt=0)]
    save_responses: bool
    fail_fast: bool


class Tested(_Strict):
    provider_name: str
    model_id: str


class BenchmarkRunnerOutput(_Strict):
    """The output of the agent that runs benchmarks."""

    execution_id: Annotated[str, _matches(_UUID)]
    suite_id: str
    suite_name: str
    started_at: Moment
    completed_at: Moment
    total_duration_ms: Amount
    total_tests: Amount
    total_executions: Amount
    successful_executions: Amount
    failed_executions: Amount
    results: list[ExecutionResult]
    aggregated_stats: list[AggregatedStats]
    execution_config: ExecutionConfig
    providers_tested: list[Tested]
