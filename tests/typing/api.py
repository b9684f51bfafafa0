"""The public API as a type checker sees it: checked, never run."""

from typing import assert_type

import pytest

from llm_latency_lens import Lens, ProfileResult, Sample, Simulator, Verdict
from llm_latency_lens.results import Reading


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
