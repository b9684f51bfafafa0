"""Scopes: which one is current, what they take, and to whom they hand it on."""

import asyncio
import threading

from llm_latency_lens.capture import Scope, current_scope, open_scope, running
from llm_latency_lens.capture.scope import current_run
from llm_latency_lens.samples import Phase, Taint


def _add(scope, sample, run=0, phase=Phase.CALL):
    scope.add(sample, run=run, phase=phase)


def test_nothing_is_current_outside():
    """Without an open scope there is none."""
    assert current_scope() is None


def test_the_innermost_scope_is_current():
    """Scopes nest, and give way to the one around them when they close."""
    outer, inner = Scope(), Scope()
    with open_scope(outer):
        with open_scope(inner):
            within = current_scope()
        after = current_scope()

    assert (inner, outer, None) == (within, after, current_scope())


def test_a_thread_sees_the_scope_of_the_process():
    """A thread has no context of its own, and yet belongs to the test."""
    seen = []
    with open_scope(Scope()) as scope:
        thread = threading.Thread(target=lambda: seen.append(current_scope()))
        thread.start()
        thread.join()

    assert [scope] == seen


def test_a_scope_of_a_task_wins_there():
    """Two tasks that opened one each see their own."""

    async def own(scope, *, first, second):
        with open_scope(scope, in_task=True):
            first.set()
            await second.wait()
            return current_scope()

    async def both():
        one, two = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(own(a, first=one, second=two), own(b, first=two, second=one))

    a, b = Scope(), Scope()

    assert [a, b] == asyncio.run(both())


def test_a_closed_scope_of_a_task_gives_way():
    """A task that was started in a block which has closed belongs to the test again."""

    async def later():
        with open_scope(Scope(), in_task=True):
            gate = asyncio.Event()

            async def wait():
                await gate.wait()
                return current_scope()

            task = asyncio.ensure_future(wait())
            await asyncio.sleep(0)
        gate.set()
        return await task

    with open_scope(Scope()) as outer:
        found = asyncio.run(later())

    assert outer is found


def test_a_scope_puts_its_name_on_what_it_takes(make_sample):
    """Test, run, phase and label of a sample are those of its place."""
    scope = Scope("test_a", label="step")
    _add(scope, make_sample(), run=3, phase=Phase.WARMUP)
    (sample,) = scope.take()

    assert ("test_a", "step", 3, Phase.WARMUP) == (
        sample.node_id,
        sample.label,
        sample.run,
        sample.phase,
    )


def test_what_was_taken_is_gone(make_sample):
    """Samples leave a scope once."""
    scope = Scope()
    _add(scope, make_sample())

    assert (1, 0) == (len(scope.take()), len(scope.take()))


def test_a_scope_hands_on_to_its_parent(make_sample):
    """The parent has the sample too, with its own phase and run."""
    parent = Scope("test_a", phase=Phase.SETUP)
    parent.run = 7
    child = Scope("test_a", parent=parent)
    with open_scope(parent), open_scope(child):
        _add(child, make_sample(), run=1)
    (sample,) = parent.take()

    assert (7, Phase.SETUP, 1) == (sample.run, sample.phase, len(child.take()))


def test_a_closed_scope_counts_its_calls_as_late(make_sample):
    """They are in nobody's budget, and say so."""
    late = []
    scope = Scope("test_a", late=late)
    with open_scope(scope):
        pass
    _add(scope, make_sample())

    assert () == scope.take()
    assert [("test_a", (Taint.LATE,))] == [(one.node_id, one.taints) for one in late]


def test_a_closed_block_in_an_open_test_is_not_late(make_sample):
    """A call that outlives its block still belongs to the test."""
    parent = Scope()
    child = Scope(parent=parent)
    with open_scope(parent):
        with open_scope(child):
            pass
        _add(child, make_sample())

    assert ([], [], 1) == (child.late, parent.late, len(parent.take()))


def test_runs_are_told_apart_where_several_go_on():
    """A thread or task that names its run is believed, others get the scope's own."""
    scope, other = Scope(), Scope()
    scope.run = -1
    with running(scope, 4):
        within = (current_run(scope), current_run(other))

    assert ((4, 0), -1) == (within, current_run(scope))
