"""The public API as a type checker sees it: checked, never run."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import assert_type

import pytest

from llm_latency_lens import LatencyProfiler, Lens, ProfileResult, Sample, Simulator, Verdict
from llm_latency_lens.pricing import CostInfo
from llm_latency_lens.profiler import (
    BatchResult,
    ConstantRate,
    Progress,
    RateLimits,
    Request,
    Target,
)
from llm_latency_lens.providers import Ask, OnToken, Prompt, Vendor
from llm_latency_lens.results import Reading
from llm_latency_lens.testing import check_provider


@pytest.mark.latency(p95="2s", ttft="800ms", cost_per_call="$0.002")
def test_marker() -> None: ...


@pytest.mark.latency(p95="2s", iterations=100, confidence=0.95, on_inconclusive="fail")
def test_marker_with_confidence() -> None: ...


def test_profile(lens: Lens) -> None:
    result = lens.profile(lambda: None, iterations=5, p95="2s")
    assert_type(result, ProfileResult)
    assert_type(result.latency.p95, Reading)
    assert_type(result.samples, tuple[Sample, ...])
    assert_type(result.verdicts, tuple[Verdict, ...])
    assert_type(result.saved.runs, int)
    assert result.latency.p95 < 2000
    lens.profile(provider="openai", model="gpt-4o-mini", prompt="Hello", concurrency=5)
    with lens.observe("retrieval") as seen:
        assert_type(seen, ProfileResult)


async def test_aprofile(lens: Lens) -> None:
    async def answer() -> str:
        return "hi"

    assert_type(await lens.aprofile(answer), ProfileResult)


def test_simulator(lens_simulator: Simulator) -> None:
    lens_simulator.script("gpt-4o-mini", ttft="30ms")
    assert_type(lens_simulator.base_url, str)


class Twice:
    """A stop condition of somebody's own."""

    def warmed_up(self) -> None:
        """Take no notice."""

    def may_begin(self, number: int) -> bool:
        """Want two."""
        return number < 2

    def ended(self, number: int, run_ns: int) -> None:
        """Take no notice."""


async def profile() -> None:
    profiler = LatencyProfiler(targets=[Target("openai", "gpt-4o-mini")], iterations=5)
    profiler.configure(schedule=ConstantRate(5), timeout="30s").on("progress", print)
    assert_type(await profiler.profile("Hello", concurrency=5), ProfileResult)
    assert_type(await profiler.profile("Hello", until=Twice()), ProfileResult)
    assert_type(await profiler.batch(["Hello", Request("Bye")]), BatchResult)
    async for progress in profiler.stream("Hello"):
        assert_type(progress, Progress)
        assert_type(progress.result, ProfileResult | None)
    profiler.stop(now=True)
    assert_type(profiler.get_rate_limits(), tuple[RateLimits, ...])
    assert_type(profiler.get_cost_info(), tuple[CostInfo, ...])


class TheirClient:
    """A client of another package."""

    @asynccontextmanager
    async def open(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connect_s: float | None = None,
    ) -> AsyncGenerator[Ask, None]:
        """Open nothing."""

        async def ask(prompt: Prompt, *, attempt: int = 0, on_token: OnToken = print) -> None:
            on_token(f"{prompt.text} {attempt} {api_key} {base_url} {connect_s}")

        yield ask


def check_theirs() -> None:
    check_provider(Vendor("theirs", ("api.theirs.example",), ("openai_chat",), TheirClient()))


def profile_in_sync() -> None:
    profiler = LatencyProfiler("openai", "gpt-4o-mini")
    assert_type(profiler.sync.profile("Hello"), ProfileResult)
    for progress in profiler.sync.stream("Hello"):
        assert_type(progress, Progress)
