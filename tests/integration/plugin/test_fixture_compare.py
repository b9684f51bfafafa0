"""``lens.compare`` and ``lens.acompare``: two targets, run in turns."""

import pytest

pytest.importorskip("openai")

SUITE = """
import openai
import pytest
from llm_latency_lens import BudgetBroken, BudgetError, LensError

HELLO = [{"role": "user", "content": "hi"}]

@pytest.fixture(autouse=True)
def scripts(simulator):
    simulator.script("slow", ttft=200, itl=1, output_tokens=4)

def asks(simulator, model):
    async def body():
        async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="k") as client:
            await client.chat.completions.create(model=model, messages=HELLO)
    return body

def words(simulator, model):
    return dict(provider="openai", model=model, prompt="hi", base_url=simulator.base_url,
                api_key="k")

def test_sync(lens, ask):
    order = []
    result = lens.compare(
        lambda: (order.append("a"), ask()), lambda: (order.append("b"), ask("slow")),
        iterations=4, warmup=1,
    )
    assert "b a a b b a a b b a".split() == order
    assert (4, 4) == (result.a.calls, result.b.calls)
    assert result.ratio("p50") > 2
    assert result.run_ratio > 2

def test_slower_fails(lens, ask):
    with pytest.raises(BudgetBroken) as caught:
        lens.compare(ask, lambda: ask("slow"), iterations=8, fail="p50:25%",
                     names=("now", "next"))
    assert "next is slower than now: 8 runs of each, in turns" in str(caught.value)
    assert "SLOWER" in str(caught.value)

def test_faster_passes(lens, ask):
    lens.compare(lambda: ask("slow"), ask, iterations=8, fail="p50:25%")

def test_labels(lens, ask):
    result = lens.compare(ask, ask, iterations=1, warmup=0, names=("x", "y"))
    assert ("x", "y") == (result.a.samples[0].label, result.b.samples[0].label)

def test_async_callables(lens, simulator):
    result = lens.compare(asks(simulator, "gpt-4o"), asks(simulator, "slow"), iterations=2)
    assert result.ratio("p50") > 2

def test_prompts(lens, simulator):
    result = lens.compare(words(simulator, "gpt-4o"), words(simulator, "slow"), iterations=2)
    assert result.ratio("ttft_p50") > 2

def test_mixed(lens, simulator, ask):
    result = lens.compare(ask, words(simulator, "slow"), iterations=2)
    assert (2, 2) == (result.a.calls, result.b.calls)

@pytest.mark.asyncio
async def test_acompare(lens, simulator):
    result = await lens.acompare(asks(simulator, "gpt-4o"), asks(simulator, "slow"), iterations=2)
    assert result.ratio("p50") > 2

@pytest.mark.asyncio
async def test_compare_in_a_loop(lens):
    with pytest.raises(LensError, match="lens.acompare"):
        lens.compare(print, print)

def test_own_faults_are_raised(lens):
    with pytest.raises(ZeroDivisionError):
        lens.compare(lambda: 1 / 0, print, iterations=2)

def test_provider_errors_are_samples(lens, simulator, ask):
    simulator.script("broken", status=500)
    result = lens.compare(ask, lambda: ask("broken"), iterations=2, warmup=0)
    assert (0, 2) == (result.a.latency.failed, result.b.latency.failed)

@pytest.mark.parametrize("target, message", [
    (3, "takes two callables, or dict"),
    ({"provider": "openai"}, "needs model, prompt"),
    ({"provider": "openai", "model": "m", "prompt": "p", "tmp": 1}, "has no tmp"),
    ({"provider": "nobody", "model": "m", "prompt": "p"}, "provider='nobody' is unknown"),
])
def test_what_cannot_be_run(lens, target, message):
    with pytest.raises(LensError, match=message):
        lens.compare(print, target)

def test_a_gate_that_cannot_be_read(lens):
    with pytest.raises(BudgetError, match="names no percentile"):
        lens.compare(lambda: 1 / 0, print, fail="p96:1%")

def test_numbers_are_checked(lens):
    with pytest.raises(LensError, match="iterations=0: a whole number"):
        lens.compare(print, print, iterations=0)
"""
DISABLED = """
def test_disabled(lens, ask):
    result = lens.compare(ask, lambda: ask(), iterations=5, fail="p50:0%")
    assert (1, 1) == (result.a.calls, result.b.calls)
"""
_TESTS = [line[4:].partition("(")[0] for line in SUITE.splitlines() if line.startswith("def test_")]
_ASYNC = ["test_acompare", "test_compare_in_a_loop"]


@pytest.fixture(scope="module")
def inner(run_inner):
    """One session with every way to compare."""
    return run_inner(SUITE, plugins=("asyncio",))


@pytest.mark.parametrize("name", [*_TESTS, *_ASYNC])
def test_inner(inner, name):
    """Each claim stands in the inner test of that name."""
    outcomes = {test: one for test, one in inner.tests.items() if test.partition("[")[0] == name}

    assert {"passed": ""} == {one["outcome"]: one["text"] for one in outcomes.values()}


def test_disabled_runs_each_once(run_inner):
    """--lens-disable judges nothing and repeats nothing."""
    assert "passed" == run_inner(DISABLED, "--lens-disable").outcome("test_disabled")
