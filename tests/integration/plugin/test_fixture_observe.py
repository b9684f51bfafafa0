"""``lens.observe``: the calls that begin in a block, under a name."""

import pytest

pytest.importorskip("openai")

SUITE = """
import asyncio
import threading
import openai
import pytest

HELLO = [{"role": "user", "content": "hi"}]

def test_collects(lens, ask):
    ask()
    with lens.observe("answer") as seen:
        ask()
        ask()
    ask()
    assert (2, {"answer"}) == (seen.calls, {one.label for one in seen.samples})

def test_nested(lens, ask):
    with lens.observe("outer") as outer:
        ask()
        with lens.observe("inner") as inner:
            ask()
    assert (2, 1) == (outer.calls, inner.calls)

def test_in_profile(lens, ask):
    counts = []
    def body():
        with lens.observe("step") as seen:
            ask()
        counts.append(seen.calls)
        return ask()
    with lens.observe("all") as outer:
        result = lens.profile(body, iterations=3, warmup=1)
    assert [1, 1, 1, 1] == counts
    assert (6, 8) == (result.calls, outer.calls)
    assert ["step", ""] * 3 == [one.label for one in result.samples]

def test_in_profile_threads(lens, ask):
    def body():
        with lens.observe("step"):
            ask()
    result = lens.profile(body, iterations=4, concurrency=2)
    assert (4, [0, 1, 2, 3]) == (result.calls, sorted(one.run for one in result.samples))

def test_threads(lens, ask):
    with lens.observe("threads") as seen:
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert 3 == seen.calls

@pytest.mark.asyncio
async def test_tasks(lens, simulator):
    async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="k") as client:
        async def block(name, calls):
            with lens.observe(name) as seen:
                for _ in range(calls):
                    await client.chat.completions.create(model="gpt-4o", messages=HELLO)
            return seen.calls
        counts = await asyncio.gather(block("a", 1), block("b", 2), block("c", 3))
    assert [1, 2, 3] == counts

def test_exception(lens, ask):
    with pytest.raises(LookupError):
        with lens.observe("breaks") as seen:
            ask()
            raise LookupError
    assert 1 == seen.calls

def test_failed_call(lens, simulator, ask):
    simulator.script("down", status=503)
    with lens.observe() as seen:
        with pytest.raises(openai.InternalServerError):
            ask("down")
    assert 1 == seen.reliability.error_rate

def test_nothing(lens):
    with lens.observe() as seen:
        pass
    assert 0 == seen.calls

@pytest.mark.latency(calls=1)
def test_counts_for_the_mark(lens, ask):
    with lens.observe("answer"):
        ask()
        ask()

def test_session_ignores_unwatched(ask):
    ask()
"""
CLAIMS = {
    "test_collects": "Only the calls of the block are in it, with its name on them.",
    "test_nested": "A block inside another hands its calls on.",
    "test_in_profile": "Blocks, profiles and blocks inside each other each see their calls.",
    "test_in_profile_threads": "So they do in threads, each call with its run.",
    "test_threads": "Calls of threads that begin in the block are in it.",
    "test_tasks": "Blocks in tasks that run at once keep their calls apart.",
    "test_exception": "A block that ends in an exception has its calls all the same.",
    "test_failed_call": "A failed call is in it, without waiting for a retry.",
    "test_nothing": "A block without a call has none.",
}


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite."""
    return run_inner(SUITE, plugins=("asyncio",))


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_about_observe(inner, name):
    """Each test of the inner suite passes; CLAIMS says what it shows."""
    assert ("passed", "") == (inner.outcome(name), inner.failure(name))


def test_observed_calls_count_for_the_mark(inner):
    """What a block observes counts for the budgets of the test as well."""
    assert "calls 2 > 1" in inner.sentences("test_counts_for_the_mark")


def test_a_test_that_asks_for_no_lens_is_not_observed(inner):
    """Without a mark, the fixture or an option, a test's calls are in no summary."""
    (line,) = (line for line in inner.summary if " | tokens " in line)

    assert line.startswith("31 calls")
