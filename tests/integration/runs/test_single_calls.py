"""Single calls: made one at a time, in the way of a run."""

import pytest
import trio
from fake_vendor import Fault, NoPrices, TrioClock

from llm_latency_lens.capture import Observer, Scope, open_scope
from llm_latency_lens.profiler import Configuration, Job, Request, Target, open_calls
from llm_latency_lens.providers import Directory
from llm_latency_lens.samples import Phase


@pytest.fixture
def calls(vendor):
    """Open calls to the fake vendor."""

    def opened(**words):
        return open_calls(
            Job(Target("fake", "m"), Request("hi")),
            Configuration().with_words(words),
            observer=Observer(Directory()),
            price=NoPrices.price,
            clock=TrioClock(),
        )

    return opened


def test_a_call_belongs_to_the_scope_where_it_is_made(in_trio, calls):
    """With its run, its phase, its vendor and its cost."""
    scopes = [Scope(phase=Phase.WARMUP), Scope()]
    scopes[1].run = 7

    async def call():
        async with calls() as send:
            for scope in scopes:
                with open_scope(scope, in_task=True):
                    await send()

    in_trio(call)
    (first,), (second,) = (scope.samples for scope in scopes)

    assert (Phase.WARMUP, 0) == (first.phase, first.run)
    assert (Phase.CALL, 7, "fake", 0.01) == (
        second.phase,
        second.run,
        second.provider,
        float(second.cost.total_usd),
    )


def test_a_call_outside_of_all_scopes_is_made_all_the_same(in_trio, calls, vendor):
    """Nobody learns of it."""

    async def call():
        async with calls() as send:
            await send()

    in_trio(call)

    assert (1, "closed") == (len(vendor.asked), vendor.opened[-1])


def test_a_failure_is_retried_and_is_a_sample(in_trio, calls, vendor):
    """A provider's error is no exception here."""

    async def fail(number, attempt, on_token):
        await trio.sleep(0.01)
        raise Fault(503)

    async def call():
        async with calls(retry=2) as send:
            with open_scope(Scope(), in_task=True) as scope:
                await send()
                return scope.samples

    vendor.play = fail
    (sample,) = in_trio(call)

    assert (True, 2) == (sample.outcome.failed, len(vendor.asked))
