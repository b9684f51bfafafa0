"""LatencyProfiler: what is said to it, what it tells, and what it gives back."""

import asyncio
import gc
import threading

import pytest
import trio

from llm_latency_lens.errors import UsageError
from llm_latency_lens.pricing import PriceBook
from llm_latency_lens.profiler import LatencyProfiler, Request, Target
from llm_latency_lens.results import Ending

A = Target("openai", "a")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "needs provider= and model="),
        ({"provider": "openai"}, "needs provider= and model="),
        ({"provider": "openai", "model": "m", "targets": [A]}, "not both"),
        ({"targets": [A, A]}, "names one model twice"),
        ({"targets": [A], "iteration": 3}, "'iteration' is unknown"),
    ],
)
def test_what_cannot_be_profiled_is_told(words, message):
    """Before anything is sent."""
    with pytest.raises(UsageError, match=message):
        LatencyProfiler(**words)


def test_a_profiler_names_its_models():
    """And no key."""
    made = LatencyProfiler("openai", "m", api_key="sk-secret")

    assert "<LatencyProfiler: openai/m>" == repr(made)


def test_prices_are_a_file_or_a_book(tmp_path):
    """A file is read at once, so that its faults are told before a run."""
    book = PriceBook(())

    assert book is LatencyProfiler("openai", "m", prices=book)._prices
    assert LatencyProfiler("openai", "m")._prices is not book


def test_events_come_in_order(in_trio, profiler):
    """Start, then for each call its result and the progress, then the end."""
    heard = []
    made = profiler(iterations=2)
    for name in ("start", "progress", "result", "error", "complete"):
        made.on(name, lambda event, name=name: heard.append((name, event)))
    result = in_trio(lambda: made.profile("hi"))
    started, progress, completed = heard[0][1], heard[4][1], heard[5][1]

    assert ["start", "result", "progress", "result", "progress", "complete"] == [
        name for name, _ in heard
    ]
    assert (2, 0, "closed loop, concurrency 1") == (
        started.total_iterations,
        started.warmup,
        started.loop,
    )
    assert (2, 2, 100.0) == (progress.completed, progress.total, progress.percentage)
    assert (result, pytest.approx(160)) == (completed.result, completed.duration_ms)


def test_an_error_is_told_with_its_exception(in_trio, profiler, vendor):
    """Before the result of its call."""
    from fake_vendor import Fault  # noqa: PLC0415 - beside its use

    async def fail(number, attempt, on_token):
        raise Fault(400)

    vendor.play = fail
    heard = []
    made = profiler(iterations=1)
    made.on("error", heard.append).on("result", heard.append)
    in_trio(lambda: made.profile("hi"))

    assert (400, heard[1].result) == (heard[0].error.status_code, heard[0].result)


def test_an_unknown_event_is_told(profiler):
    """With the known ones."""
    with pytest.raises(UsageError, match="known events are start, progress, result, error"):
        profiler().on("finish", print)


def test_words_of_a_run_hold_for_it_alone(in_trio, profiler):
    """Those of ``configure`` stay."""
    made = profiler().configure(iterations=3)

    assert (5, 3) == (
        in_trio(lambda: made.profile("hi", iterations=5)).calls,
        in_trio(lambda: made.profile("hi")).calls,
    )


def test_a_result_knows_its_request_and_configuration(in_trio, profiler):
    """The request's own words come back."""
    request = Request("hi", metadata={"name": "greeting", "team": "a"})
    result = in_trio(lambda: profiler(iterations=1).profile(request))

    assert ({"name": "greeting", "team": "a"}, 1, {"greeting"}) == (
        result.metadata.words,
        result.config["iterations"],
        {one.label for one in result.samples},
    )


def test_a_batch_tells_its_requests_apart(in_trio, profiler, vendor):
    """They take turns, with every model, and come back in the order given, equal ones too."""
    batch = in_trio(
        lambda: profiler(models=("a", "b"), iterations=2).batch(["x", Request("y"), "x"])
    )

    assert ["x", "x", "y", "y", "x", "x"] == [prompt.text for prompt, _ in vendor.asked][:6]
    assert (12, ["x", "y", "x"], [4, 4, 4]) == (
        batch.total.calls,
        [one.request.prompt for one in batch.results],
        [one.result.calls for one in batch.results],
    )


def test_an_empty_batch_is_told(in_trio, profiler):
    """There is nothing to measure."""
    with pytest.raises(UsageError, match="at least one request"):
        in_trio(lambda: profiler().batch([]))


def test_one_run_at_a_time(in_trio, profiler):
    """Beside it another profiler can run."""
    made = profiler()

    async def run_twice():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(made.profile, "hi")
            await trio.sleep(0.01)
            await made.profile("hi")

    with pytest.RaisesGroup(pytest.RaisesExc(UsageError, match="make another one")):
        in_trio(run_twice)


def test_stopping_without_a_run_does_nothing(profiler):
    """It is over already."""
    made = profiler()
    made.stop()

    assert made.result is None


def test_a_run_can_be_stopped_from_another_thread(in_trio, profiler):
    """As by a signal handler or a window."""
    made = profiler(iterations=500)

    def stop(event):
        if event.completed == 3:
            thread = threading.Thread(target=made.stop)
            thread.start()
            thread.join()

    made.on("progress", stop)
    result = in_trio(lambda: made.profile("hi"))

    assert Ending.STOPPED is result.metadata.ending
    assert 3 <= result.calls <= 5


async def _all(stream):
    return [progress async for progress in stream]


def test_a_stream_tells_each_call(in_trio, profiler):
    """The last one brings the result."""
    made = profiler(iterations=3)
    seen = in_trio(lambda: _all(made.stream("hi")))

    assert [(1, 3), (2, 3), (3, 3)] == [(one.completed, one.total) for one in seen]
    assert [None, None, made.result] == [one.result for one in seen]


def test_a_fault_comes_out_of_a_stream(in_trio, profiler):
    """As it is."""
    with pytest.raises(UsageError, match="iterations=0"):
        in_trio(lambda: _all(profiler().stream("hi", iterations=0)))


def test_leaving_a_stream_ends_its_run(in_trio, profiler, vendor):
    """Calls in progress are broken off, and nothing listens any more."""
    made = profiler(iterations=500, concurrency=3)

    async def leave():
        stream = made.stream("hi")
        async for _ in stream:
            break
        await stream.aclose()
        return vendor.in_progress

    assert 0 == in_trio(leave)
    assert Ending.INTERRUPTED is made.result.metadata.ending
    assert [] == made._listeners["progress"]


def test_a_stream_that_nobody_began_leaves_nothing(in_trio, profiler, vendor):
    """Not even a call."""

    async def make():
        stream = profiler().stream("hi")
        await stream.aclose()

    in_trio(make)
    gc.collect()

    assert [] == vendor.asked


def test_the_sync_face_refuses_a_running_loop(profiler):
    """And names what to use there."""

    async def ask(face):
        made = profiler()
        return face(made)

    for face, hint in (
        (lambda made: made.sync.profile("x"), "await profiler.profile"),
        (lambda made: made.sync.batch(["x"]), "await profiler.batch"),
        (lambda made: next(made.sync.stream("x")), "await profiler.stream"),
    ):
        with pytest.raises(UsageError, match=hint.replace(".", r"\.")):
            asyncio.run(ask(face))


def test_one_request_twice_in_a_batch_has_two_results(in_trio, profiler):
    """Each place of the batch is a request of its own."""
    request = Request("x")
    batch = in_trio(
        lambda: profiler(models=("a", "b"), iterations=2).batch([request, "y", request])
    )

    assert [4, 4, 4] == [one.result.calls for one in batch.results]


def test_stopping_a_run_whose_loop_has_ended_does_nothing(profiler):
    """Another thread may come a moment too late."""

    def post(function):
        raise RuntimeError("Event loop is closed")

    made = profiler()
    made._runner, made._post = object(), post
    made.stop()

    assert made.result is None


def test_a_function_prices_calls(in_trio, vendor):
    """In place of a price book."""
    from fake_vendor import NoPrices, TrioClock  # noqa: PLC0415 - beside its use

    made = LatencyProfiler("fake", "m", prices=NoPrices.price, clock=TrioClock(), iterations=3)

    assert 0.03 == pytest.approx(in_trio(lambda: made.profile("hi")).cost.total)
