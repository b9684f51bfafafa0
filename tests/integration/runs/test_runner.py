"""The runner: which calls are made when, and what becomes of them."""

from contextlib import asynccontextmanager, suppress

import pytest
import trio
from fake_vendor import Fault

from llm_latency_lens.capture import Scope, open_scope
from llm_latency_lens.errors import CaptureError, CostCapReached, UsageError
from llm_latency_lens.profiler import FailureKind, PoissonArrivals, Ramp, RetryPolicy
from llm_latency_lens.results import Ending
from llm_latency_lens.samples import Phase, Status

S = 1_000_000_000
MS = 1_000_000


def _starts(vendor):
    first = vendor.asked[0][1]
    return [at - first for _, at in vendor.asked]


def test_a_closed_loop_keeps_its_number_of_calls(in_trio, profiler, vendor):
    """Never more; and its result names it."""
    result = in_trio(lambda: profiler(iterations=20, concurrency=4).profile("hi"))

    assert (20, 4, "closed loop, concurrency 4") == (
        result.calls,
        vendor.most,
        result.metadata.loop,
    )
    assert pytest.approx(0.4) == result.metadata.duration_ns / S


@pytest.mark.parametrize("schedule", [PoissonArrivals(20, 3), Ramp(5, 40, 4)])
def test_an_open_loop_keeps_its_schedule(in_trio, profiler, vendor, schedule):
    """However long calls take; each latency counts from the start that was fixed."""
    result = in_trio(lambda: profiler(iterations=100, schedule=schedule).profile("hi"))
    intended = [start / S for start, _ in zip(schedule(), range(100), strict=False)]

    assert intended == pytest.approx(_starts(vendor))
    assert pytest.approx(80) == result.latency.max
    assert 0 == result.send_delay.max


def test_a_stall_shows_in_the_percentiles_of_an_open_loop(in_trio, profiler, vendor):
    """Of 100 s at 2/s the provider stalls for 20: the calls that came meanwhile waited too."""

    async def stall(number, attempt, on_token):
        now = trio.current_time() - begun[0]
        await trio.sleep(60 - now + 0.4 if 40 <= now < 60 else 0.4)

    async def profile(**words):
        begun[:] = [trio.current_time()]
        return await profiler(iterations=200, **words).profile("hi")

    begun = []
    vendor.play = stall
    opened = in_trio(lambda: profile(rate=2))
    closed = in_trio(lambda: profile(concurrency=1))

    assert 15_000 < opened.latency.p95 < 15_500
    assert closed.latency.p95 < 500
    assert 19_000 < closed.latency.max
    assert opened.metadata.loop.startswith("open loop")
    assert closed.metadata.loop.startswith("closed loop")


def test_late_calls_are_not_left_out(in_trio, profiler, vendor):
    """A loop that was held up sends what is due at once, and reports how late that was."""

    class Held:
        """A clock that jumps five seconds ahead once the third call was asked for."""

        def now_ns(self):
            late = 5 * S if len(vendor.asked) > 2 else 0
            return round(trio.current_time() * S) + late

        def wall_ns(self):
            return self.now_ns()

    made = profiler(iterations=10, rate=1)
    made._clock = Held()
    result = in_trio(lambda: made.profile("hi"))

    assert 10 == result.calls
    assert [0, 1, 2, 3, 3, 3, 3, 3, 3, 4] == pytest.approx(_starts(vendor))


def test_models_take_turns(in_trio, profiler, vendor):
    """Each gets its iterations, one after the other."""
    result = in_trio(lambda: profiler(models=("a", "b"), iterations=3).profile("hi"))

    assert ["a", "b", "a", "b", "a", "b"] == [prompt.model for prompt, _ in vendor.asked]
    assert [3, 3] == [result.by_model["fake", model].calls for model in "ab"]


def test_warmup_is_apart(in_trio, profiler, vendor):
    """One call after the other, for each model; it is in no number of the result."""
    heard = []
    made = profiler(models=("a", "b"), iterations=2, warmup=2, concurrency=4)
    made.on("result", lambda event: heard.append(event.result.phase))
    result = in_trio(lambda: made.profile("hi"))

    assert [Phase.WARMUP] * 4 + [Phase.CALL] * 4 == heard
    assert 4 == result.calls
    assert pytest.approx(0.24) == _starts(vendor)[3]


def test_an_own_rate_limits_a_closed_loop(in_trio, profiler, vendor):
    """Starts are spaced, whatever the concurrency."""
    in_trio(lambda: profiler(iterations=5, concurrency=5, max_requests_per_second=2).profile("x"))

    assert [0, 0.5, 1, 1.5, 2] == pytest.approx(_starts(vendor))


def _fail(times, *faults):
    async def play(number, attempt, on_token):
        await trio.sleep(0.01)
        if attempt < times:
            raise faults[attempt % len(faults)]

    return play


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [
        (Fault(429), 3),
        (Fault(503), 3),
        (Fault(500), 3),
        (Fault(409), 3),
        (Fault(408), 3),
        (Fault(), 3),
        (Fault(None, body={"type": "error", "error": {"type": "overloaded_error"}}), 3),
        (Fault(400), 1),
        (Fault(401), 1),
        (Fault(429, body={"code": "insufficient_quota"}), 1),
    ],
)
def test_failures_are_retried_by_kind(in_trio, profiler, vendor, fault, attempts):
    """As often as the policy says, or not at all."""
    vendor.play = _fail(9, fault)
    result = in_trio(lambda: profiler(iterations=1).profile("hi"))

    assert (attempts, 1) == (len(vendor.asked), result.latency.failed)


def test_a_server_is_given_the_time_it_asks_for(in_trio, profiler, vendor):
    """The retry comes after it."""
    vendor.play = _fail(1, Fault(429, {"retry-after": "7"}))
    retry = RetryPolicy(first_wait_ns=0)
    in_trio(lambda: profiler(iterations=1, retry=retry).profile("hi"))

    assert [0, 7.01] == pytest.approx(_starts(vendor))


def test_an_answer_that_began_is_not_asked_for_again(in_trio, profiler, vendor):
    """Its reader has seen the beginning."""

    async def cut(number, attempt, on_token):
        on_token("a")
        raise Fault

    vendor.play = cut
    in_trio(lambda: profiler(iterations=1).profile("hi"))

    assert 1 == len(vendor.asked)


def test_the_total_time_covers_the_pauses(in_trio, profiler, vendor):
    """A call that waits for its retry has not ended; it ends when its time does."""
    vendor.play = _fail(9, Fault(429, {"retry-after": "30"}))
    result = in_trio(lambda: profiler(iterations=1, timeout="5s").profile("hi"))
    sample = result.samples[0]

    assert {"TotalTimeout": 1} == result.reliability.errors_by_type
    assert (Status.TIMEOUT, 5.0) == (sample.outcome.status, pytest.approx(sample.latency_ns / S))


@pytest.mark.parametrize("now", [False, True])
def test_a_stopped_run_says_so(in_trio, profiler, vendor, now):
    """Calls in progress are finished, or broken off and then cancelled ones."""
    made = profiler(iterations=50, concurrency=5)
    made.on("progress", lambda event: event.completed == 10 and made.stop(now=now))
    result = in_trio(lambda: made.profile("hi"))
    cancelled = sum(one.outcome.status is Status.CANCELLED for one in result.samples)

    assert (Ending.STOPPED, True, 50) == (
        result.metadata.ending,
        result.is_partial,
        result.metadata.planned,
    )
    assert 10 <= result.calls <= 15
    assert now == bool(cancelled)
    assert 1 == result.reliability.success_rate


def test_a_run_can_be_stopped_in_its_warmup(in_trio, profiler, vendor):
    """Nothing further starts."""
    made = profiler(iterations=5, warmup=5)
    made.on("result", lambda event: made.stop())
    result = in_trio(lambda: made.profile("hi"))

    assert (1, 0, True) == (len(vendor.asked), result.calls, result.is_partial)


def test_an_interrupted_run_leaves_its_result(in_trio, profiler):
    """The cancellation goes on; what was measured is kept."""
    made = profiler(iterations=50)

    async def profile():
        with trio.move_on_after(1) as scope:
            await made.profile("hi")
        return scope.cancelled_caught

    assert in_trio(profile)
    assert Ending.INTERRUPTED is made.result.metadata.ending
    assert (12, 13) == (made.result.latency.n, made.result.calls)


def test_a_fault_of_the_callers_own_ends_the_run(in_trio, profiler, vendor):
    """It comes out as it is, and other calls are broken off."""
    made = profiler(iterations=50, concurrency=5)

    def fail(event):
        raise LookupError

    made.on("progress", fail)
    with pytest.raises(LookupError):
        in_trio(lambda: made.profile("hi"))

    assert 0 == vendor.in_progress
    assert len(vendor.asked) <= 6


def test_a_call_that_nobody_saw_is_told(in_trio, profiler, vendor):
    """A result without it would be no measurement."""

    async def ask(prompt, **_):
        pass

    vendor.ask = ask
    with pytest.raises(CaptureError, match="the call was made, but not seen"):
        in_trio(lambda: profiler().profile("hi"))


def test_a_refusal_that_sent_nothing_comes_out(in_trio, profiler, vendor):
    """An SDK that refuses its arguments has asked nobody."""
    fault = Fault()

    async def ask(prompt, **_):
        raise fault

    vendor.ask = ask
    with pytest.raises(Fault):
        in_trio(lambda: profiler().profile("hi"))


def test_calls_join_the_scope_around_them(in_trio, profiler):
    """As those of a test that profiles."""
    scope = Scope("test")

    async def profile():
        with open_scope(scope, in_task=True):
            await profiler(iterations=3, warmup=1).profile("hi")

    in_trio(profile)

    assert [Phase.WARMUP, Phase.CALL, Phase.CALL, Phase.CALL] == [
        one.phase for one in scope.samples
    ]
    assert {"test"} == {one.node_id for one in scope.samples}


def test_answers_are_kept_on_request_only(in_trio, profiler, vendor):
    """With the seed's fields."""
    kept = in_trio(lambda: profiler(iterations=1, raw=True).profile("hi"))
    plain = in_trio(lambda: profiler(iterations=1).profile("hi"))

    assert [("a", 5, "m")] == [(one.content, one.tokens, one.model_version) for one in kept.raw]
    assert () == plain.raw


def test_adaptive_concurrency_finds_what_is_accepted(in_trio, profiler, vendor):
    """It backs off from refusals and reports its way."""

    async def busy(number, attempt, on_token):
        if vendor.in_progress > 12:
            raise Fault(429)
        await trio.sleep(0.1)

    vendor.play = busy
    result = in_trio(lambda: profiler(iterations=1500, concurrency="adaptive").profile("hi"))
    settled = [level.limit for level in result.metadata.levels if level.at_ns > 7 * S]

    assert 10 <= min(settled)
    assert max(settled) <= 14
    assert 1 == result.reliability.success_rate


def test_adaptive_concurrency_waits_as_it_is_told(in_trio, profiler, vendor):
    """No call starts before the provider said so."""

    async def closed(number, attempt, on_token):
        if number == 0:
            raise Fault(429, {"retry-after": "20"})
        await trio.sleep(0.1)

    vendor.play = closed
    retry = {"on": [kind.value for kind in FailureKind], "first_wait": "1ms"}
    in_trio(lambda: profiler(iterations=8, concurrency="adaptive", retry=retry).profile("hi"))
    starts = _starts(vendor)

    assert 0 == starts[0]
    assert 20 <= min(starts[2:])


def test_the_sdk_is_told_how_long_to_connect(in_trio, profiler, vendor):
    """And closed at the end."""
    in_trio(lambda: profiler(iterations=1, timeout={"connect": "3s"}).profile("hi"))

    assert (3.0, "closed") == (vendor.opened[0]["connect_s"], vendor.opened[1])


def test_a_refused_call_ends_the_run(in_trio, profiler, vendor):
    """What stands at a limit on the cost comes out as it is, out of a stream as well."""

    async def refuse(number, attempt, on_token):
        if number > 2:
            raise CostCapReached

    async def all_of(stream):
        return [one async for one in stream]

    vendor.play = refuse
    with pytest.raises(CostCapReached):
        in_trio(lambda: profiler(iterations=9, concurrency=2).profile("hi"))
    vendor.asked = []
    with pytest.raises(CostCapReached):
        in_trio(lambda: all_of(profiler(iterations=9).stream("hi")))


@pytest.mark.parametrize("limit", ["total", "first_token"])
def test_a_limit_before_anything_was_sent_is_told(in_trio, profiler, vendor, limit):
    """There is nothing that could have been measured."""

    async def ask(prompt, **_):
        await trio.sleep(1)

    vendor.ask = ask
    with pytest.raises(UsageError, match="timeout= leaves no time"):
        in_trio(lambda: profiler(timeout={limit: "1ms"}, retry=1).profile("hi"))


def test_an_exception_of_an_unknown_package_is_a_failure_if_the_call_failed(
    in_trio, profiler, vendor
):
    """As that of a vendor of another package: what was observed tells."""
    foreign = type("Foreign", (Fault,), {"__module__": "their_sdk"})

    async def fail(number, attempt, on_token):
        raise foreign(503)

    vendor.play = fail
    result = in_trio(lambda: profiler(iterations=2, retry=1).profile("hi"))

    assert (2, 0) == (result.latency.failed, result.reliability.success_rate)


def test_a_failure_that_its_sdk_swallows_is_retried(in_trio, profiler, vendor):
    """What was observed tells of it."""

    async def fail(number, attempt, on_token):
        if not attempt:
            raise Fault(503)

    async def ask(prompt, **words):
        with suppress(Fault):
            await vendor.ask(prompt, **words)

    vendor.play = fail
    vendor.open = asynccontextmanager(lambda **_: _yielding(ask))
    result = in_trio(lambda: profiler(iterations=1, retry=2).profile("hi"))

    assert (2, 1) == (len(vendor.asked), result.reliability.success_rate)


async def _yielding(value):
    yield value
