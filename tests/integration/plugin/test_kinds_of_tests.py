"""Tests of every kind that pytest runs: each is observed, repeated and judged."""

import pytest

pytest.importorskip("openai")

SUITE = """
import asyncio
import concurrent.futures
import threading
import unittest

import anyio
import openai
import pytest

HELLO = [{"role": "user", "content": "hi"}]
times = pytest.mark.latency(p95="20s", calls=1, iterations=3)
broken = pytest.mark.latency(p95="1us", iterations=3)

async def aask(base_url):
    async with openai.AsyncOpenAI(base_url=base_url, api_key="k") as client:
        await client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)

@times
def test_plain(ask):
    ask()

@times
@pytest.mark.parametrize("model", ["gpt-4o"])
def test_parametrised(ask, model):
    ask(model)

@pytest.fixture(scope="module")
def module_client(simulator):
    with openai.OpenAI(base_url=simulator.base_url, api_key="k") as client:
        yield client

@times
def test_module_client(module_client):
    module_client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)

@pytest.fixture(scope="class")
def class_client(simulator):
    with openai.OpenAI(base_url=simulator.base_url, api_key="k") as client:
        yield client

@times
class TestClass:
    def test_class_client(self, class_client):
        class_client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)

class TestUnit(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _own(self, ask):
        self.ask = ask

    @times
    def test_unittest(self):
        self.ask()

    @broken
    def test_unittest_broken(self):
        self.ask()

class TestIsolated(unittest.IsolatedAsyncioTestCase):
    @pytest.fixture(autouse=True)
    def _own(self, simulator):
        self.base_url = simulator.base_url

    @times
    async def test_isolated(self):
        await aask(self.base_url)

    @broken
    async def test_isolated_broken(self):
        await aask(self.base_url)

    @times
    async def test_isolated_fails(self):
        await aask(self.base_url)
        self.fail("on purpose")

@times
@pytest.mark.asyncio
async def test_asyncio_function(simulator):
    await aask(simulator.base_url)

@times
@pytest.mark.asyncio(loop_scope="module")
async def test_asyncio_module(simulator):
    await aask(simulator.base_url)

@times
@pytest.mark.asyncio(loop_scope="session")
async def test_asyncio_session(simulator):
    await aask(simulator.base_url)

@broken
@pytest.mark.asyncio
async def test_asyncio_broken(simulator):
    await aask(simulator.base_url)

@times
@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_anyio(simulator, anyio_backend):
    await aask(simulator.base_url)

@times
def test_subtests(ask, subtests):
    ask()
    for number in range(2):
        with subtests.test(number=number):
            assert number < 2

@broken
def test_subtests_broken(ask, subtests):
    with subtests.test("inside"):
        ask()

@pytest.mark.latency(p95="20s", iterations=3)
def test_subtests_fail(ask, subtests):
    ask()
    with subtests.test("inside"):
        assert False, "of a subtest"

@times
def test_thread(ask):
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

@times
def test_executor(ask):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        pool.submit(ask).result()

@times
def test_own_loop(simulator):
    asyncio.run(aask(simulator.base_url))

@times
def test_to_thread(ask):
    asyncio.run(asyncio.to_thread(ask))

@times
def test_anyio_thread(ask):
    async def main():
        await anyio.to_thread.run_sync(ask)
    anyio.run(main, backend="trio")
"""
AUTO = """
import openai
import pytest

@pytest.mark.latency(p95="20s", iterations=3)
async def test_auto(simulator):
    async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="k") as client:
        await client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}]
        )
"""
KEPT = (
    *("test_plain", "test_parametrised[gpt-4o]", "test_module_client", "test_class_client"),
    *("test_unittest", "test_isolated", "test_asyncio_function", "test_asyncio_module"),
    *("test_asyncio_session", "test_anyio[asyncio]", "test_anyio[trio]", "test_thread"),
    *("test_executor", "test_own_loop", "test_to_thread", "test_anyio_thread"),
)
BROKEN = ("test_unittest_broken", "test_isolated_broken", "test_asyncio_broken")


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite."""
    if not hasattr(pytest, "Subtests"):
        pytest.skip("needs the subtests of pytest 9")
    return run_inner(
        {"test_inner": SUITE}, "--lens-report", "-pno:randomly", plugins=("anyio", "asyncio")
    )


def _facts(inner, name):
    (test,) = (one for one in inner.report()["tests"] if one["node_id"].endswith(f"::{name}"))
    calls = [one for one in inner.report()["calls"] if one["node_id"] == test["node_id"]]
    return test["runs"], [one["run"] for one in calls], [one["phase"] for one in calls]


@pytest.mark.parametrize("name", [*KEPT, "test_subtests"])
def test_a_kept_budget_passes(inner, name):
    """Three runs with one call each, in the body, and the test passes."""
    assert ("passed", "") == (inner.outcome(name), inner.failure(name))
    assert (3, [0, 1, 2], ["call"] * 3) == _facts(inner, name)


@pytest.mark.parametrize("name", [*BROKEN, "test_subtests_broken"])
def test_a_broken_budget_fails(inner, name):
    """After three runs, by its own message."""
    assert "failed" == inner.outcome(name)
    assert "3 of 3 calls over" in inner.sentences(name)
    assert (3, [0, 1, 2], ["call"] * 3) == _facts(inner, name)


def test_a_failed_async_case_is_not_repeated(inner):
    """An IsolatedAsyncioTestCase that fails ends at once, with its own failure."""
    assert "failed" == inner.outcome("test_isolated_fails")
    assert "on purpose" in inner.sentences("test_isolated_fails")
    assert [0] == _facts(inner, "test_isolated_fails")[1]


def test_a_failed_subtest_fails_its_test(inner):
    """As without the lens; the body of the test itself goes on and is repeated."""
    assert "of a subtest" in inner.sentences("test_subtests_fail")
    assert "failed" == inner.outcome("test_subtests_fail")


def test_asyncio_auto_mode(run_inner):
    """pytest-asyncio's auto mode needs no mark of its own."""
    pytest.importorskip("pytest_asyncio")
    inner = run_inner(AUTO, "--lens-report", "--asyncio-mode=auto", plugins=("asyncio",))

    assert "passed" == inner.outcome("test_auto")
    assert (3, [0, 1, 2], ["call"] * 3) == _facts(inner, "test_auto")
