"""``iterations`` and ``warmup``: the body repeated, in every kind of test that pytest runs."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pathlib
import unittest
import openai
import pytest

HELLO = [{"role": "user", "content": "hi"}]
times = pytest.mark.latency(p95="20s", iterations=3, warmup=2)

def log(name):
    with pathlib.Path("log.txt").open("a") as file:
        print(name, file=file)

@pytest.fixture
def counted(request, ask):
    log(f"setup {request.node.name}")
    yield ask
    log(f"teardown {request.node.name}")

@times
def test_plain(counted):
    log("plain")
    counted()

@times
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4o-mini"])
def test_parametrised(counted, model):
    log(f"parametrised {model}")
    counted(model)

class TestCase(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _own(self, ask):
        self.ask = ask

    def setUp(self):
        log("setUp")

    @times
    def test_unittest(self):
        log("unittest")
        self.ask()

    @times
    def test_unittest_fails(self):
        log("unittest_fails")
        self.ask()
        self.assertEqual(1, 2)

    @times
    def test_unittest_skips(self):
        log("unittest_skips")
        self.skipTest("not today")

@times
@pytest.mark.asyncio
async def test_asyncio(simulator):
    log("asyncio")
    async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="k") as client:
        await client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)

@times
@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_anyio(simulator, anyio_backend):
    log("anyio")
    async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="k") as client:
        await client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)

@times
def test_exception(ask):
    log("exception")
    ask()
    raise RuntimeError("on the way")

@pytest.mark.latency(cost="$0.000009", iterations=50)
def test_capped(ask):
    log("capped")
    ask()

@pytest.mark.latency(calls=2, iterations=2)
def test_calls_are_per_run(ask):
    ask()
    ask()

@pytest.mark.latency(p95="20s", iterations=2)
def test_cached(ask, seen=[]):
    if not seen:
        seen.append(ask())

@pytest.mark.latency(cost="$0.00001", p95="20s", warmup=2)
def test_warmup_costs(ask):
    ask()
"""


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite."""
    return run_inner(SUITE, "--lens-report", plugins=("anyio", "asyncio"))


@pytest.fixture(scope="module")
def log(inner):
    """What the bodies and fixtures of the suite wrote."""
    return (inner.folder / "log.txt").read_text().splitlines()


def _test(inner, name):
    (found,) = (one for one in inner.report()["tests"] if one["node_id"].endswith(f"::{name}"))
    return found


def _calls(inner, name):
    return [one for one in inner.report()["calls"] if one["node_id"].endswith(f"::{name}")]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("test_plain", "plain"),
        ("test_parametrised[gpt-4o]", "parametrised gpt-4o"),
        ("test_parametrised[gpt-4o-mini]", "parametrised gpt-4o-mini"),
        ("test_unittest", "unittest"),
        ("test_asyncio", "asyncio"),
        ("test_anyio[asyncio]", "anyio"),
    ],
)
def test_the_body_runs_warmup_and_iterations_times(inner, log, name, word):
    """Two runs of warm-up and three that count, each with its call."""
    assert "passed" == inner.outcome(name)
    assert 5 == log.count(word)
    assert (3, 5) == (_test(inner, name)["runs"], len(_calls(inner, name)))


def test_calls_carry_their_run_and_phase(inner):
    """Warm-up is told apart, and the runs that count are numbered from zero."""
    found = [(one["phase"], one["run"]) for one in _calls(inner, "test_plain")]

    assert [("warmup", 0), ("warmup", 0), ("call", 0), ("call", 1), ("call", 2)] == found


def test_warmup_is_not_judged(inner):
    """A latency budget counts the runs after the warm-up alone."""
    (verdict,) = _test(inner, "test_plain")["verdicts"]

    assert 3 == verdict["n"]


def test_fixtures_are_set_up_once(log):
    """Fixtures surround all runs of a body, once."""
    start, end = log.index("setup test_plain"), log.index("teardown test_plain")

    assert ["plain"] * 5 == log[start + 1 : end]
    assert 1 == log.count("setup test_plain")


def test_an_exception_stops_at_once(inner, log):
    """A body that raises is not run again, and fails with its own exception."""
    assert ("failed", 1) == (inner.outcome("test_exception"), log.count("exception"))
    assert "on the way" in inner.sentences("test_exception")


def test_a_failed_unittest_stops_at_once(inner, log):
    """So it is in a unittest case, which keeps its exception to itself."""
    assert ("failed", 1) == (inner.outcome("test_unittest_fails"), log.count("unittest_fails"))
    assert "1 != 2" in inner.sentences("test_unittest_fails")


def test_a_skipped_unittest_stops_at_once(inner, log):
    """A unittest case that skips itself is skipped, not judged for want of calls."""
    assert ("skipped", 1) == (inner.outcome("test_unittest_skips"), log.count("unittest_skips"))


def test_a_cost_cap_stops_further_runs(inner, log):
    """No run starts that could cross the cap; the budget is broken, as runs are missing."""
    assert "failed" == inner.outcome("test_capped")
    # A call costs $0.0000042, and two of them are below $0.000009.
    assert 2 == log.count("capped")
    assert "2 of 50 runs were made" in inner.sentences("test_capped")


def test_calls_are_counted_per_run(inner):
    """calls= is about the calls of any one run, not of all."""
    assert "passed" == inner.outcome("test_calls_are_per_run")


def test_a_run_without_its_call_breaks(inner):
    """An answer from a cache says nothing about the provider: the budget breaks."""
    assert "1 of 2 runs made no provider call" in inner.sentences("test_cached")


def test_warmup_costs_money(inner):
    """The cost of warm-up counts against a cap."""
    assert "cost $0.0000126" in inner.sentences("test_warmup_costs")
