"""Stopping: what a loop is told about its budgets."""

import asyncio
import threading
from dataclasses import replace

import pytest

from llm_latency_lens.budgets import Sampling, read_plan
from llm_latency_lens.capture import Scope
from llm_latency_lens.capture.scope import current_run
from llm_latency_lens.profiler import ClosedLoop, Stopping
from llm_latency_lens.samples import Phase

MS = 1_000_000


@pytest.fixture
def scope():
    """A scope that calls are put into by hand."""
    return Scope(phase=Phase.WARMUP)


@pytest.fixture
def stopping(scope):
    """Return a maker: the budgets of a profile and how a failed call is settled."""

    def make(iterations=100, settle=lambda scope, run: None, **words):
        plan = read_plan(words)
        sampling = Sampling(plan.budgets, plan.certainty, iterations)
        return Stopping(sampling, scope, settle, list)

    return make


@pytest.fixture
def call(scope, make_sample):
    """Return what a body does: one call of the run in progress."""

    def call(latency=1000, **fields):
        number = len([one for one in scope.samples if one.phase is scope.phase])
        scope.samples.append(make_sample(latency, run=number, phase=scope.phase, **fields))

    return call


def test_loop_ends_when_its_budget_is_settled(scope, stopping, call):
    """Seventy-one clean runs prove a p95."""
    stop = stopping(p95="2s", confidence=0.95)

    assert 71 == len(ClosedLoop(100).run(call, scope, stop))


def test_warmup_is_no_evidence(scope, stopping, call):
    """Slow calls of the warm-up break nothing."""
    stop = stopping(max="2s", confidence=0.95)

    def body():
        call(9000 if scope.phase is Phase.WARMUP else 1000)

    assert 10 == len(ClosedLoop(10, warmup=3).run(body, scope, stop))


def test_warmup_costs(scope, stopping, call):
    """Its money counts against the cap; a run could cost what the dearest did."""
    stop = stopping(cost="$0.0105")

    assert 7 == len(ClosedLoop(50, warmup=3).run(call, scope, stop))


def test_first_run_is_always_made(scope, stopping, call):
    """Without one there is nothing to judge."""
    stop = stopping(cost="$0.001")

    assert 1 == len(ClosedLoop(50, warmup=3).run(call, scope, stop))


def test_failed_call_is_settled_with_its_run(scope, stopping, make_sample):
    """A call that was held for a retry counts when its run has ended."""
    stop = stopping(
        settle=lambda scope, run: scope.samples.append(make_sample(9000, run=run)),
        p95="2s",
        confidence=0.95,
    )

    assert 4 == len(ClosedLoop(100).run(lambda: None, scope, stop))


def test_calls_in_flight_are_looked_at(scope, stopping):
    """Four runs whose calls began long ago are over, although none has ended."""
    stop = stopping(p95="2s", confidence=0.95)
    scope.underway.update({key: (key, -(10**18)) for key in range(4)})
    begun = [stop.may_begin(number) for number in range(5)]

    assert [True, True, True, True, False] == begun


def test_call_of_no_known_run_is_passed_over(scope, stopping, make_sample):
    """It can be nobody's evidence."""
    stop = stopping(max="2s", confidence=0.95)
    stop.may_begin(0)
    scope.samples.append(replace(make_sample(9000), run=-1))
    scope.underway[1] = (-1, -(10**18))
    stop.ended(0, MS)

    assert stop.may_begin(1)


@pytest.fixture
def call_twice(scope, make_sample):
    """Return what makes two calls in the run of this thread or task."""

    def call_twice():
        for _ in range(2):
            scope.samples.append(make_sample(run=current_run(scope)))

    return call_twice


def test_threads_in_flight_are_waited_for(scope, stopping, call_twice):
    """Five in progress break a budget on calls; each of them is counted, few more begin."""
    together = threading.Barrier(5, timeout=20)

    def body():
        if current_run(scope) < 5:
            together.wait()
        call_twice()

    stop = stopping(9000, calls=1, confidence=0.95)

    assert 5 <= len(ClosedLoop(9000, concurrency=5).run(body, scope, stop)) < 9000


def test_tasks_in_flight_are_waited_for(scope, stopping, call_twice):
    """So it is with tasks."""

    async def profile():
        together = asyncio.Barrier(5)

        async def body():
            if current_run(scope) < 5:
                await together.wait()
            await asyncio.sleep(0)
            call_twice()

        stop = stopping(9000, calls=1, confidence=0.95)
        return await ClosedLoop(9000, concurrency=5).arun(body, scope, stop)

    assert 5 <= len(asyncio.run(profile())) < 9000
