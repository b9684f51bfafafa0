"""``lens.profile`` and ``lens.aprofile``: callables and prompts, sampled on request."""

import pytest

pytest.importorskip("openai")

SUITE = """
import threading
import openai
import pytest
from llm_latency_lens import BudgetBroken, BudgetError, LensError

HELLO = [{"role": "user", "content": "hi"}]

@pytest.fixture
def aask(simulator):
    async def aask(model="gpt-4o-mini"):
        async with openai.AsyncOpenAI(
            base_url=simulator.base_url, api_key="k", max_retries=0
        ) as client:
            return await client.chat.completions.create(model=model, messages=HELLO)
    return aask

def test_sync(lens, ask):
    result = lens.profile(ask, iterations=4, warmup=1)
    assert (4, 4) == (result.calls, len(result.run_ns))

def test_two_calls_a_run(lens, ask):
    result = lens.profile(lambda: (ask(), ask()), iterations=3)
    assert (6, 3) == (result.calls, len(result.run_ns))
    assert [0, 0, 1, 1, 2, 2] == [one.run for one in result.samples]

def test_threads(lens, ask):
    names = set()
    together = threading.Barrier(3, timeout=20)
    def body():
        together.wait()
        names.add(threading.current_thread().name)
        return ask()
    result = lens.profile(body, iterations=6, concurrency=3)
    assert (6, 3) == (result.calls, len(names))
    assert [0, 1, 2, 3, 4, 5] == sorted(one.run for one in result.samples)

def test_async_callable(lens, aask):
    result = lens.profile(aask, iterations=3)
    assert (3, 3) == (result.calls, len(result.run_ns))

def test_async_concurrency(lens, simulator):
    simulator.script("meets", ttft=150, itl=1, output_tokens=1)
    async def body():
        async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="k") as client:
            await client.chat.completions.create(model="meets", messages=HELLO)
    lens.profile(body, iterations=3, concurrency=3)
    spans = [(one.received_ns, one.ended_ns) for one in simulator.records("meets")]
    assert max(start for start, _ in spans) < min(end for _, end in spans)

@pytest.mark.asyncio
async def test_aprofile(lens, aask):
    result = await lens.aprofile(aask, iterations=3, concurrency=2, p95="20s")
    assert 3 == result.calls

@pytest.mark.anyio
async def test_aprofile_trio(lens, aask, anyio_backend):
    result = await lens.aprofile(aask, iterations=3, concurrency=3)
    assert 3 == result.calls

@pytest.fixture
def anyio_backend():
    return "trio"

def test_openai(lens, simulator):
    result = lens.profile(
        provider="openai", model="gpt-4o-mini", prompt="Hello", iterations=3, concurrency=2,
        api_key="k", base_url=simulator.base_url,
    )
    assert (3, 3) == (result.calls, result.ttft.n)
    assert 1 == result.reliability.success_rate
    assert result.cost.total > 0

def test_anthropic(lens, simulator):
    pytest.importorskip("anthropic")
    result = lens.profile(
        provider="anthropic", model="claude-opus-4-7", prompt="Hello", iterations=2,
        api_key="k", base_url=simulator.anthropic_base_url,
    )
    assert ({"anthropic"}, 2) == ({one.provider for one in result.samples}, result.ttft.n)

def test_openai_in_one_piece(lens, simulator):
    result = lens.profile(
        provider="openai", model="gpt-4o-mini", prompt="Hello", iterations=1, stream=False,
        max_tokens=2, api_key="k", base_url=simulator.base_url,
    )
    assert (0, 2) == (result.ttft.n, result.samples[0].usage.output_tokens)

def test_retries_of_a_provider(lens, simulator):
    simulator.script("shaky", status=[503, 200], latency=1)
    result = lens.profile(
        provider="openai", model="shaky", prompt="Hello", iterations=3, api_key="k",
        base_url=simulator.base_url, retry={"attempts": 3, "first_wait": "1ms"},
    )
    assert (3, 3, 1) == (
        result.calls, result.reliability.retries, result.reliability.success_rate
    )
    assert {2} == {len(one.attempts) for one in result.samples}

def test_provider_at_a_rate(lens, simulator):
    result = lens.profile(
        provider="openai", model="gpt-4o-mini", prompt="Hello", iterations=5, rate=100,
        api_key="k", base_url=simulator.base_url,
    )
    assert ("open loop, 100/s", 5) == (result.metadata.loop, result.send_delay.n)

def test_settled_calls_of_a_provider(lens, simulator):
    result = lens.profile(
        provider="openai", model="gpt-4o-mini", prompt="Hello", iterations=100, concurrency=3,
        stream=False, api_key="k", base_url=simulator.base_url, confidence=0.95, p95="20s",
    )
    assert ("kept", 71) == (result.verdicts[0].ruling, result.verdicts[0].n)
    # A slow call holds up the count while others go on.
    assert 71 <= result.calls < 100
    assert ("enough", 100 - result.calls) == (result.metadata.ending, result.saved.runs)

def test_slow_calls_of_a_provider(lens, simulator):
    # The first four are over their limit long before they end; no more begin.
    simulator.script("slow", latency=400)
    with pytest.raises(BudgetBroken, match="4 of 4 calls over 50 ms"):
        lens.profile(
            provider="openai", model="slow", prompt="Hello", iterations=100, concurrency=10,
            stream=False, api_key="k", base_url=simulator.base_url, confidence=0.95, p95="50ms",
        )
    assert len(simulator.records("slow")) < 20

def test_words_of_calls_with_a_callable(lens, ask):
    with pytest.raises(LensError, match="rate= says how the lens makes calls"):
        lens.profile(ask, rate=5)

@pytest.mark.asyncio
async def test_aprofile_of_a_provider(lens, simulator):
    result = await lens.aprofile(
        provider="openai", model="gpt-4o-mini", prompt="Hello", iterations=2,
        api_key="k", base_url=simulator.base_url,
    )
    assert 2 == result.calls

def test_provider_errors_are_samples(lens, simulator, ask):
    simulator.script("flaky", status=[503, 200], latency=1)
    result = lens.profile(lambda: ask("flaky"), iterations=4)
    assert (4, 0.5) == (result.calls, result.reliability.error_rate)
    assert float("inf") == result.latency.p95

@pytest.mark.asyncio
async def test_provider_errors_are_samples_of_aprofile(lens, simulator, aask):
    simulator.script("aflaky", status=[503, 200], latency=1)
    result = await lens.aprofile(_Bound(aask, "aflaky"), iterations=4, concurrency=2)
    assert (4, 0.5) == (result.calls, result.reliability.error_rate)

class _Bound:
    def __init__(self, call, model):
        self.call, self.model = call, model
    async def __call__(self):
        return await self.call(self.model)

def test_an_sdk_that_sends_nothing_is_no_sample(lens, client):
    with pytest.raises(TypeError):
        lens.profile(lambda: client.chat.completions.create(), iterations=2)

def test_other_exceptions(lens, ask):
    def body():
        ask()
        raise LookupError("mine")
    with pytest.raises(LookupError, match="mine"):
        lens.profile(body, iterations=5)

def test_other_exceptions_in_threads(lens, ask):
    def body():
        raise LookupError("mine")
    with pytest.raises(LookupError, match="mine"):
        lens.profile(body, iterations=5, concurrency=2)

@pytest.mark.asyncio
async def test_other_exceptions_in_tasks(lens):
    async def body():
        raise LookupError("mine")
    with pytest.raises(LookupError, match="mine"):
        await lens.aprofile(body, iterations=5, concurrency=2)

@pytest.mark.asyncio
async def test_running_loop(lens, ask):
    with pytest.raises(LensError, match="use 'await lens.aprofile"):
        lens.profile(ask)

@pytest.mark.asyncio
async def test_sync_callable_in_aprofile(lens, ask):
    result = await lens.aprofile(ask, iterations=3, concurrency=3, calls=3)
    assert result.calls == 3

def test_lambda_around_a_coroutine(lens):
    async def body():
        raise AssertionError("never awaited")
    with pytest.raises(LensError, match="pass the 'async def' function itself"):
        lens.profile(lambda: body())

def test_broken(lens, ask):
    with pytest.raises(BudgetBroken, match="^p95 latency") as raised:
        lens.profile(ask, iterations=2, p95="1ms", error_rate="0%")
    assert isinstance(raised.value, AssertionError)

def test_broken_by_warmup_alone(lens, ask):
    lens.profile(ask, iterations=1, warmup=1, calls=1)

def test_bad_budget(lens, ask):
    with pytest.raises(BudgetError, match="unknown budget word 'p59'"):
        lens.profile(ask, p59="2s")

@pytest.mark.parametrize(("words", "message"), [
    ({}, "nothing to profile"),
    ({"provider": "openai"}, "needs model=, prompt= as well"),
    ({"provider": "nobody", "model": "m", "prompt": "p"}, "'nobody' is unknown; known are openai"),
    ({"target": print, "model": "m"}, "not both"),
    ({"target": print, "iterations": 0}, "iterations=0: a whole number"),
    ({"target": "print"}, "takes a callable, not str"),
], ids=["nothing", "half", "unknown", "both", "zero", "text"])
def test_bad_call(lens, words, message):
    with pytest.raises(LensError, match=message):
        lens.profile(**words)

def test_coroutine(lens):
    async def once(): ...
    with pytest.raises(LensError, match="not a coroutine, which can run only once"):
        lens.profile(once())

def test_runs_without_calls(lens):
    result = lens.profile(lambda: None, iterations=3, run_p95="20s")
    assert (0, 3) == (result.calls, result.run.n)

@pytest.mark.latency(calls=3)
def test_counts_for_the_mark(lens, ask):
    lens.profile(ask, iterations=4)

def test_no_key(lens, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(LensError, match="openai: "):
        lens.profile(provider="openai", model="m", prompt="p")
"""
CLAIMS = {
    "test_sync": "A plain callable is run iterations times; warm-up is left out of the result.",
    "test_two_calls_a_run": "A callable that calls twice has two calls a run.",
    "test_threads": "With a concurrency, plain callables run in that many threads.",
    "test_async_callable": "A coroutine function given to profile gets a loop of its own.",
    "test_async_concurrency": "Coroutines run at once, as many as the concurrency says.",
    "test_aprofile": "aprofile runs a coroutine function in the running asyncio loop.",
    "test_aprofile_trio": "aprofile runs under trio too.",
    "test_openai": "provider='openai' makes streamed, priced calls through the SDK.",
    "test_anthropic": "provider='anthropic' makes its calls through that SDK.",
    "test_openai_in_one_piece": "stream=False and max_tokens reach the provider.",
    "test_aprofile_of_a_provider": "aprofile takes a provider as well.",
    "test_retries_of_a_provider": "A retry makes the call good, and each attempt is kept.",
    "test_provider_at_a_rate": "The words of LatencyProfiler go with provider=.",
    "test_settled_calls_of_a_provider": "No more are made than the answer takes.",
    "test_slow_calls_of_a_provider": "Calls in flight are counted by their age.",
    "test_words_of_calls_with_a_callable": "They say nothing about a callable, and are refused.",
    "test_provider_errors_are_samples": "An error of the provider is a failed sample.",
    "test_provider_errors_are_samples_of_aprofile": "So it is in tasks that run at once.",
    "test_an_sdk_that_sends_nothing_is_no_sample": "A wrong use of the SDK is raised.",
    "test_other_exceptions": "Any other exception comes out as it is.",
    "test_other_exceptions_in_threads": "So it does out of threads.",
    "test_other_exceptions_in_tasks": "So it does out of tasks, in no group.",
    "test_running_loop": "profile in a running loop names aprofile.",
    "test_sync_callable_in_aprofile": "A plain function runs in threads beside the loop.",
    "test_lambda_around_a_coroutine": "A coroutine that nobody would await is an error.",
    "test_broken": "A broken budget raises BudgetBroken, an AssertionError.",
    "test_broken_by_warmup_alone": "Warm-up breaks no budget on calls.",
    "test_bad_budget": "An unknown word is a BudgetError.",
    "test_coroutine": "A coroutine in place of its function is refused, and closed.",
    "test_runs_without_calls": "A callable without provider calls has runs only.",
    "test_no_key": "Without a key the SDK's own complaint is told.",
    **{
        f"test_bad_call[{name}]": "Arguments that do not go together are told."
        for name in ("nothing", "half", "unknown", "both", "zero", "text")
    },
}


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite."""
    return run_inner(SUITE, plugins=("anyio", "asyncio"))


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_of_the_suite(inner, name):
    """Each test of the inner suite passes; CLAIMS says what it shows."""
    assert ("passed", "") == (inner.outcome(name), inner.failure(name))


def test_profiled_calls_count_for_the_mark(inner):
    """What profile measures counts for the budgets of the test as well."""
    assert "calls 4 > 3" in inner.sentences("test_counts_for_the_mark")


def test_the_whole_suite_was_looked_at(inner):
    """No test of the inner suite is left without a claim."""
    assert inner.tests.keys() == {*CLAIMS, "test_counts_for_the_mark"}
