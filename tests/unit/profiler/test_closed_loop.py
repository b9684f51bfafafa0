"""The closed loop: how often, how many at once, and what stops it."""

import asyncio
import threading

import pytest

from llm_latency_lens.capture import Scope
from llm_latency_lens.capture.scope import current_run
from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler import ClosedLoop, is_loop_running
from llm_latency_lens.samples import Phase

ProviderFault = type("ProviderFault", (Exception,), {"__module__": "openai"})


@pytest.fixture
def scope():
    """A scope that no call reaches."""
    return Scope()


@pytest.mark.parametrize(
    "words",
    [{"iterations": 0}, {"warmup": -1}, {"concurrency": 0}, {"iterations": True}, {"warmup": 1.5}],
)
def test_numbers_are_checked(words):
    """A wrong number is told with its name."""
    (name,) = words

    with pytest.raises(UsageError, match=f"^{name}={words[name]!r}: a whole number"):
        ClosedLoop(**words)


def test_runs_are_numbered_and_warmup_is_told_apart(scope):
    """Warm-up first, then the runs that count, each with its number."""
    seen = []
    times = ClosedLoop(3, warmup=2).run(lambda: seen.append((scope.phase, scope.run)), scope)

    assert [(Phase.WARMUP, 0), (Phase.WARMUP, 1)] == seen[:2]
    assert [(Phase.CALL, 0), (Phase.CALL, 1), (Phase.CALL, 2)] == seen[2:]
    assert 3 == len(times)


def test_threads_know_their_run(scope):
    """With a concurrency each thread's run is its own, and the scope's own is none."""
    together = threading.Barrier(3, timeout=20)
    seen = []

    def body():
        together.wait()
        seen.append(current_run(scope))

    times = ClosedLoop(6, concurrency=3).run(body, scope)

    assert ([0, 1, 2, 3, 4, 5], 6, -1) == (sorted(seen), len(times), scope.run)


def test_tasks_know_their_run(scope):
    """So do tasks."""
    seen = []

    async def body():
        await asyncio.sleep(0)
        seen.append(current_run(scope))

    times = asyncio.run(ClosedLoop(5, warmup=1, concurrency=2).arun(body, scope))

    assert ([0, 0, 1, 2, 3, 4], 5) == (sorted(seen), len(times))


def test_no_more_tasks_than_asked_run_at_once(scope):
    """The next run waits for one to end."""
    now, most = set(), []

    async def body():
        now.add(asyncio.current_task())
        most.append(len(now))
        await asyncio.sleep(0)
        now.discard(asyncio.current_task())

    asyncio.run(ClosedLoop(8, concurrency=3).arun(body, scope))

    assert 3 == max(most)


@pytest.mark.parametrize("concurrency", [1, 2])
def test_an_exception_comes_out_of_run(scope, concurrency):
    """It stops the loop and is the caller's own."""
    calls = []

    def body():
        calls.append(1)
        raise LookupError

    with pytest.raises(LookupError):
        ClosedLoop(50, concurrency=concurrency).run(body, scope)

    assert len(calls) < 50


@pytest.mark.parametrize("concurrency", [1, 2])
def test_an_exception_comes_out_of_arun(scope, concurrency):
    """Not in a group, whatever the number of tasks."""
    calls = []

    async def body():
        calls.append(1)
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(ClosedLoop(50, concurrency=concurrency).arun(body, scope))

    assert len(calls) <= concurrency


def test_a_providers_error_of_a_run_that_sent_is_a_sample(scope):
    """The loop goes on: the failed call is in the scope."""

    def body():
        scope.begun.add(current_run(scope))
        raise ProviderFault

    assert 3 == len(ClosedLoop(3).run(body, scope))


def test_a_providers_error_of_a_run_that_sent_nothing_comes_out(scope):
    """An SDK that refuses its own arguments has asked nobody."""

    def body():
        raise ProviderFault

    with pytest.raises(ProviderFault):
        ClosedLoop(3).run(body, scope)


def test_a_run_that_sent_in_warmup_has_not_sent_since(scope):
    """What was sent in warm-up excuses no later run."""
    calls = []

    def body():
        calls.append(scope.phase)
        if scope.phase is Phase.WARMUP:
            scope.begun.add(scope.run)
        raise ProviderFault

    with pytest.raises(ProviderFault):
        ClosedLoop(2, warmup=1).run(body, scope)

    assert [Phase.WARMUP, Phase.CALL] == calls


def test_a_running_loop_is_seen():
    """Asyncio's loop is known where it runs, and only there."""

    async def ask():
        return is_loop_running()

    assert (False, True) == (is_loop_running(), asyncio.run(ask()))


def test_a_running_trio_is_seen():
    """So is trio's."""
    trio = pytest.importorskip("trio")

    async def ask():
        return is_loop_running()

    assert (False, True) == (is_loop_running(), trio.run(ask))


def test_what_ends_a_test_comes_out_of_arun(scope):
    """As pytest.fail and pytest.skip raise it: no Exception, and in no group."""

    class Outcome(BaseException):
        """The end of a test."""

    async def body():
        raise Outcome

    with pytest.raises(Outcome):
        asyncio.run(ClosedLoop(5, concurrency=2).arun(body, scope))
