"""Stop conditions: a run ends when no further call is wanted."""

import pytest
import trio

from llm_latency_lens.budgets import Sampling, read_plan
from llm_latency_lens.capture import Scope, in_scope
from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler import Stopping
from llm_latency_lens.results import Ending
from llm_latency_lens.samples import Status


class _Until:
    """Wants so many calls, and keeps what it was told."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.told = []

    def warmed_up(self):
        """Keep the moment."""
        self.told.append("warm")

    def may_begin(self, number):
        """Keep the number."""
        self.told.append(number)
        return number < self.wanted

    def ended(self, number, run_ns):
        """Keep the time."""
        self.told.append((number, run_ns))


@pytest.mark.parametrize(
    "words", [{"concurrency": 1}, {"concurrency": "adaptive"}, {"rate": 1}], ids=str
)
def test_a_call_that_is_not_wanted_ends_the_run(in_trio, profiler, vendor, words):
    """It is not made, and nobody is asked again; the result says why it is short."""
    made = profiler(iterations=50, **words)
    result = in_trio(lambda: made.profile("hi", until=_Until(7)))

    assert (7, 7, Ending.ENOUGH, False) == (
        len(vendor.asked),
        result.calls,
        result.metadata.ending,
        result.is_partial,
    )


def test_calls_in_progress_are_finished(in_trio, profiler, vendor):
    """They were begun, so they count."""
    result = in_trio(lambda: profiler(iterations=50, concurrency=4).profile("hi", until=_Until(6)))

    assert [0, 1, 2, 3, 4, 5] == [one.run for one in result.samples]
    assert {Status.OK} == {one.outcome.status for one in result.samples}


def test_a_condition_is_told_of_warmup_and_of_each_call(in_trio, profiler):
    """Warm-up has no number."""
    until = _Until(9)
    in_trio(lambda: profiler(iterations=2, warmup=3).profile("hi", until=until))

    assert ["warm", 0, (0, 80_000_000), 1, (1, 80_000_000)] == until.told


def test_a_run_whose_calls_were_all_wanted_is_complete(in_trio, profiler):
    """As without a condition."""
    result = in_trio(lambda: profiler(iterations=3).profile("hi", until=_Until(9)))

    assert (3, Ending.COMPLETE) == (result.calls, result.metadata.ending)


def test_batches_and_streams_take_conditions(in_trio, profiler):
    """The calls of a batch are numbered over all its requests."""

    async def all_of(stream):
        return [one async for one in stream]

    batch = in_trio(lambda: profiler(iterations=5).batch(["a", "b"], until=_Until(3)))
    seen = in_trio(lambda: all_of(profiler(iterations=5).stream("a", until=_Until(2))))

    assert [2, 1] == [one.result.calls for one in batch.results]
    assert (2, Ending.ENOUGH) == (len(seen), seen[-1].result.metadata.ending)


@pytest.mark.parametrize("method", ["may_begin", "ended", "warmed_up"])
def test_a_fault_of_a_condition_comes_out(in_trio, profiler, vendor, method):
    """As it is; calls in progress are broken off."""

    def fail(*_):
        raise LookupError

    until = _Until(9)
    setattr(until, method, fail)
    with pytest.raises(LookupError):
        in_trio(lambda: profiler(iterations=5, concurrency=2).profile("hi", until=until))

    assert 0 == vendor.in_progress


def test_a_schedule_that_ends_too_early_is_told(in_trio, profiler):
    """With the number of starts that it gave."""

    def schedule():
        yield 0
        yield 1000

    with pytest.raises(UsageError, match="ended after 2 starts, and more are needed"):
        in_trio(lambda: profiler(iterations=5, schedule=schedule).profile("hi"))


def _profiled_until_settled(made, in_trio):
    plan = read_plan({"p95": "2s", "confidence": 0.95})

    async def profile():
        scope = Scope()
        sampling = Sampling(plan.budgets, plan.certainty, 200)
        with in_scope(scope):
            return await made.profile("hi", until=Stopping(sampling, scope))

    return in_trio(profile)


def test_settled_budgets_end_a_run(in_trio, profiler):
    """Before all calls are made."""
    result = _profiled_until_settled(profiler(iterations=200), in_trio)

    assert Ending.ENOUGH is result.metadata.ending
    assert 50 < result.calls < 150


def test_only_the_known_beginning_is_counted(in_trio, profiler, vendor):
    """Fast calls that overtake a slow first one settle nothing before it has ended."""

    async def slow_first(number, attempt, on_token):
        await trio.sleep(10 if number == 0 else 0.08)

    quick = _profiled_until_settled(profiler(iterations=200, concurrency=2), in_trio)
    vendor.play, vendor.asked = slow_first, []
    slow = _profiled_until_settled(profiler(iterations=200, concurrency=2), in_trio)

    assert quick.calls < 100 < slow.calls
