"""Budgets that hold: every way to ask for one, on code that behaves."""

from functools import partial

import pytest
from support_desk import answer, answer_in_short, summarise, summarise_async

# For every test of this file; a mark on a test adds to it, and wins where both name a word.
pytestmark = pytest.mark.latency(error_rate="0%")

QUESTION = "How do I reset my password?"


@pytest.mark.latency(
    p95="2s", ttft="800ms", cost_per_call="$0.002", cost="$0.01", iterations=20, warmup=1
)
def test_answer(openai_client):
    """The body runs once to warm up, then 20 times; its calls are judged together."""
    assert answer(openai_client, QUESTION)


@pytest.mark.latency(min_tokens_per_second=50, itl_p95="100ms", tpot_mean="50ms", iterations=5)
def test_summary_flows(anthropic_client):
    """How fast tokens follow one another, once the first is there."""
    assert summarise(anthropic_client, QUESTION)


@pytest.mark.latency(calls=2, run_p95="2s", iterations=5)
@pytest.mark.latency(model="gpt-4o-mini", ttft="600ms")
@pytest.mark.latency(provider="anthropic", ttft="900ms", cost_per_call="$0.001")
def test_two_steps(openai_client, anthropic_client):
    """A run of the body is two calls; each model has budgets of its own."""
    assert answer_in_short(openai_client, anthropic_client, QUESTION)


@pytest.fixture
def thinks_first(lens_simulator):
    lens_simulator.script(
        "claude-haiku-4-5", ttft="20ms", itl="5ms", reasoning_tokens=20, output_tokens=10
    )


@pytest.mark.usefixtures("thinks_first")
@pytest.mark.latency(ttft="800ms", ttfo_p95="2s", iterations=5)
def test_reasoning_counts_as_a_first_token(anthropic_client):
    """`ttft` is the first token of any kind, `ttfo` the first that the user gets to read."""
    assert summarise(anthropic_client, QUESTION)


@pytest.fixture
def overloaded_once(lens_simulator):
    lens_simulator.script("claude-haiku-4-5", status=[529, 200], retry_after="50ms")


@pytest.mark.usefixtures("overloaded_once")
@pytest.mark.latency(calls=1, max="5s")
def test_a_retry_is_the_same_call(anthropic_client):
    """The SDK tries again by itself: one call, its latency with the pause in it."""
    assert summarise(anthropic_client, QUESTION)


def test_profile_a_callable(lens, openai_client):
    """Numbers instead of a verdict: times are milliseconds, money is US dollars."""
    result = lens.profile(lambda: answer(openai_client, QUESTION), iterations=12, concurrency=4)

    assert result.calls == 12
    assert result.latency.p95 < 2000
    assert result.ttft.median < 800
    assert result.throughput.tokens_per_second > 50
    assert result.cost.per_call < 0.002
    assert result.reliability.success_rate == 1


def test_profile_a_callable_with_budgets(lens, openai_client):
    """The words of the marker work here too; a broken one raises an AssertionError."""
    lens.profile(
        lambda: answer(openai_client, QUESTION), iterations=5, warmup=1, p95="2s", run_p95="3s"
    )


def test_profile_a_prompt(lens, lens_simulator):
    """Without code of your own the lens makes the calls, through the vendor's SDK."""
    result = lens.profile(
        provider="openai",
        model="gpt-4o-mini",
        prompt="Hello",
        base_url=lens_simulator.base_url,
        api_key="no-key-needed",
        iterations=20,
        concurrency=5,
    )

    assert result.latency.p95 < 2000
    assert result.ttft.p95 < 800
    assert result.cost.total < 0.01


@pytest.mark.anyio
async def test_profile_async_code(lens, async_anthropic_client):
    """`aprofile` runs coroutine functions in the event loop of the test."""
    ask = partial(summarise_async, async_anthropic_client, QUESTION)

    result = await lens.aprofile(ask, iterations=10, concurrency=5)

    assert result.calls == 10
    assert result.ttft.p95 < 800


@pytest.mark.anyio
@pytest.mark.latency(p95="2s", ttft="800ms")
async def test_async_code(async_anthropic_client):
    """The mark works on async tests as it does on others."""
    assert await summarise_async(async_anthropic_client, QUESTION)


def test_observe_each_step(lens, openai_client, anthropic_client):
    """`observe` collects the calls of a block under a name."""
    with lens.observe("answer") as first:
        text = answer(openai_client, QUESTION)
    with lens.observe("summary") as second:
        summarise(anthropic_client, text)

    assert (first.calls, second.calls) == (1, 1)
    assert first.latency.max + second.latency.max < 4000
