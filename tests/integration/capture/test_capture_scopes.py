"""To whom a call belongs: threads, executors, loops, and calls that outlive their scope."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from llm_latency_lens.capture import Scope, open_scope
from llm_latency_lens.samples import Status, Taint

httpx2 = pytest.importorskip("httpx2")


@pytest.fixture
def post(simulator, model):
    """Ask once, with a client of its own."""

    def post():
        body = {"model": model, "messages": [{"role": "user", "content": "hello"}]}
        return httpx2.post(f"{simulator.base_url}/chat/completions", json=body)

    return post


@pytest.fixture
def apost(simulator, model):
    """Ask once, in a loop."""

    async def apost():
        body = {"model": model, "messages": [{"role": "user", "content": "hello"}]}
        async with httpx2.AsyncClient() as client:
            return await client.post(f"{simulator.base_url}/chat/completions", json=body)

    return apost


def test_threads_are_seen(watching, post):
    """A thread that the code under test starts itself is within the scope."""
    with watching() as seen:
        threads = [threading.Thread(target=post) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert 3 == len(seen.samples)


def test_executors_are_seen(watching, post):
    """So are the threads of an executor, even of one that was there before."""
    with ThreadPoolExecutor(2) as executor:
        executor.submit(int).result()
        with watching() as seen:
            for future in [executor.submit(post) for _ in range(4)]:
                future.result()

    assert 4 == len(seen.samples)


def test_threads_of_a_loop_are_seen(watching, post):
    """asyncio.to_thread and run_in_executor are within the scope."""

    async def both():
        await asyncio.to_thread(post)
        await asyncio.get_running_loop().run_in_executor(None, post)

    with watching() as seen:
        asyncio.run(both())

    assert 2 == len(seen.samples)


def test_a_loop_in_another_thread_is_seen(watching, apost):
    """A loop that runs beside the test, as in a client with a sync face."""
    with watching() as seen:
        thread = threading.Thread(target=lambda: asyncio.run(apost()))
        thread.start()
        thread.join()

    assert 1 == len(seen.samples)


def test_trio_is_seen(watching, apost):
    """Trio's loop needs no help."""
    trio = pytest.importorskip("trio")

    with watching() as seen:
        trio.run(apost)

    assert 1 == len(seen.samples)


def test_without_a_scope_nothing_is_watched(watching, post):
    """After the scope closed, calls are nobody's."""
    with watching() as seen:
        pass
    post()

    assert () == seen.samples


def test_a_call_that_outlives_its_scope_is_late(simulator, watching, model, post):
    """It is told as late by the scope that it began in."""
    simulator.script(model, latency="300ms")
    with watching() as outer:
        first = Scope("first")
        with open_scope(first):
            thread = threading.Thread(target=post)
            thread.start()
            _wait_for(lambda: simulator.records(model))
        thread.join()
    (late,) = first.late

    assert ((), ()) == (tuple(first.samples), outer.samples)
    assert ("first", True) == (late.node_id, Taint.LATE in late.taints)


def test_a_late_call_is_not_charged_to_the_next_scope(simulator, watching, model, post):
    """The scope that is open when it ends knows nothing of it."""
    simulator.script(model, latency="300ms")
    with watching():
        first, second = Scope("first"), Scope("second")
        with open_scope(first):
            thread = threading.Thread(target=post)
            thread.start()
            _wait_for(lambda: simulator.records(model))
        with open_scope(second):
            thread.join()

    assert ([], [], 1) == (second.samples, second.late, len(first.late))


def test_a_call_belongs_to_the_scope_that_it_began_in(watching, post):
    """A scope within another one hands its calls on."""
    with watching() as outer:
        post()
        inner = Scope("inner", label="block", parent=outer.scope)
        with open_scope(inner):
            post()

    assert (1, 2) == (len(inner.samples), len(outer.samples))


def test_an_unread_answer_has_no_sample_until_it_is_closed(simulator, watching, model):
    """A response that is dropped without a read is cancelled, as its consumer closed it."""
    body = {
        "model": model,
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
    }
    simulator.script(model, ttft=100, itl=5, output_tokens=20)
    with watching() as seen, httpx2.Client() as client:
        url = f"{simulator.base_url}/chat/completions"
        with client.stream("POST", url, json=body):
            assert () == seen.samples

    assert Status.CANCELLED == seen.sample.outcome.status


def _wait_for(condition):
    until = threading.Event()
    for _ in range(1000):
        if condition():
            return
        until.wait(0.005)
    raise AssertionError("nothing happened in 5 s")
