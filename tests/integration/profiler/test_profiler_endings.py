"""Every way in which a call or a run can end, through the real SDKs, on asyncio and trio."""

import pytest

from llm_latency_lens.results import Ending
from llm_latency_lens.samples import Status

QUICK = {"attempts": 3, "first_wait": "5ms"}


def _types(result):
    return result.reliability.errors_by_type


def test_answers_are_measured_as_they_were_sent(run, profiler, simulator, model):
    """Each call of the result is one that the simulator answered, tokens and all."""
    made = profiler({"ttft": 30, "itl": 1, "output_tokens": 8}, iterations=6, concurrency=3)
    result = run(lambda: made.profile("hello"))
    sent = {one.id: one for one in simulator.records(model)}

    assert {one.request_id for one in result.samples} == set(sent)
    assert {8} == {one.usage.output_tokens for one in result.samples}
    assert {made.targets[0].provider} == {one.provider for one in result.samples}
    for one in result.samples:
        record = sent[one.request_id]
        assert one.ttft_ns >= record.first_token_ns - record.received_ns
    assert 1 == result.reliability.success_rate


def test_answers_in_one_piece_are_measured(run, profiler):
    """Without a stream."""
    made = profiler({"latency": 10}, iterations=2, stream=False, raw=True)
    result = run(lambda: made.profile("hello"))

    assert (2, 0) == (result.latency.n, result.ttft.n)
    assert all(one.content for one in result.raw)


def test_a_refusal_is_retried_within_its_call(run, profiler, simulator, model):
    """Both attempts are kept, the wait of the server's is in the call's time."""
    made = profiler({"status": [429, 200], "retry_after": "80ms"}, iterations=2, retry=QUICK)
    result = run(lambda: made.profile("hello"))

    assert [2, 2] == [len(one.attempts) for one in result.samples]
    assert [0, 1, 0, 1] == [one.retry_count for one in simulator.records(model)]
    assert (1, 0.5) == (result.reliability.success_rate, result.reliability.attempt_error_rate)
    assert all(one.latency_ns > one.retry_ns >= 80_000_000 for one in result.samples)


def test_attempts_end(run, profiler, simulator, model):
    """After the last one the call has failed, with the provider's word for it."""
    made = profiler({"status": 503}, iterations=1, retry=QUICK)
    result = run(lambda: made.profile("hello"))

    assert 3 == len(simulator.records(model)) == len(result.samples[0].attempts)
    assert (1, 2) == (result.latency.failed, result.reliability.retries)


def test_a_first_token_that_does_not_come(run, profiler, simulator, model):
    """Its own type; it is retried, for nothing was seen."""
    timeout = {"first_token": "120ms"}
    made = profiler({"ttft": "20s"}, iterations=1, timeout=timeout, retry=2)
    result = run(lambda: made.profile("hello"))

    assert {"FirstTokenTimeout": 1} == _types(result)
    assert 1 == result.reliability.timeout_rate
    assert [Status.TIMEOUT] * 2 == [one.outcome.status for one in result.samples[0].attempts]
    assert 2 == len(simulator.records(model))


def test_a_stream_that_stalls(run, profiler, simulator, model):
    """Its own type; it is not retried, for its beginning was seen."""
    timeout = {"between_tokens": "120ms"}
    made = profiler(
        {"output_tokens": 9, "fault": {"stall": 3, "lasts": "20s"}}, iterations=1, timeout=timeout
    )
    result = run(lambda: made.profile("hello"))

    assert ({"BetweenTokensTimeout": 1}, 1) == (_types(result), len(simulator.records(model)))
    assert result.samples[0].ttft_ns is not None


def test_a_call_that_takes_too_long(run, profiler):
    """The total is for all of it."""
    made = profiler({"ttft": 5, "itl": 50, "output_tokens": 500}, iterations=1, timeout="250ms")
    result = run(lambda: made.profile("hello"))

    assert {"TotalTimeout": 1} == _types(result)


def test_a_server_that_cannot_be_connected(run, vendor):
    """A port that nobody listens on refuses; the error is the connection's."""
    from llm_latency_lens.profiler import LatencyProfiler  # noqa: PLC0415 - beside its use

    made = LatencyProfiler(
        vendor, "m", api_key="k", base_url="http://127.0.0.1:9/v1", iterations=1, retry=QUICK
    )
    result = run(lambda: made.profile("hello"))

    assert ({"ConnectError": 1}, 3) == (_types(result), len(result.samples[0].attempts))


def test_a_connection_that_does_not_come_about(run, vendor, monkeypatch):
    """Its limit is that of the HTTP library, with a type of its own."""
    httpcore = pytest.importorskip("httpcore2")
    from llm_latency_lens.profiler import LatencyProfiler  # noqa: PLC0415 - beside its use

    async def never(*_, **words):
        assert 0.25 == words["timeout"]
        raise httpcore.ConnectTimeout

    for backend in ("AnyIOBackend", "AutoBackend", "TrioBackend"):
        if hasattr(httpcore, backend):
            monkeypatch.setattr(getattr(httpcore, backend), "connect_tcp", never)
    made = LatencyProfiler(
        vendor,
        "m",
        api_key="k",
        base_url="http://127.0.0.1:9/v1",
        iterations=1,
        retry=1,
        timeout={"connect": "250ms"},
    )
    result = run(lambda: made.profile("hello"))

    assert ({"ConnectTimeout": 1}, 1) == (_types(result), result.reliability.timeout_rate)


@pytest.mark.parametrize(
    ("fault", "status", "asked"),
    [
        ({"cut": 2}, Status.CUT, 1),
        ({"cut": None}, Status.ERROR, 2),
        ({"error_event": 0}, Status.ERROR, 2),
    ],
)
def test_a_connection_that_breaks(run, profiler, simulator, model, fault, status, asked):
    """After the first token it is the call's end, before it there is another attempt."""
    retry = {"attempts": 2, "first_wait": "1ms"}
    made = profiler({"fault": fault, "output_tokens": 5}, iterations=1, retry=retry)
    result = run(lambda: made.profile("hello"))

    assert (status, asked) == (result.samples[0].outcome.status, len(simulator.records(model)))


@pytest.mark.parametrize("now", [False, True])
def test_a_run_that_is_stopped(run, profiler, now):
    """Cleanly, and its result says so."""
    made = profiler({"ttft": 15}, iterations=200, concurrency=4)
    made.on("progress", lambda event: event.completed == 6 and made.stop(now=now))
    result = run(lambda: made.profile("hello"))

    assert (Ending.STOPPED, 0) == (result.metadata.ending, result.latency.failed)
    assert 6 <= result.calls <= 10


def test_a_run_that_is_cancelled(run, profiler, simulator, model):
    """What was measured stays; calls in progress are cancelled ones."""
    anyio = pytest.importorskip("anyio")
    made = profiler({"ttft": "20s"}, iterations=5, concurrency=2)

    async def profile():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(made.profile, "hello")
            while len(await anyio.to_thread.run_sync(simulator.records, model)) < 2:
                await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()

    run(profile)

    assert Ending.INTERRUPTED is made.result.metadata.ending
    assert [Status.CANCELLED] * 2 == [one.outcome.status for one in made.result.samples]


def test_a_stream_that_is_left(run, profiler):
    """Its run ends, on either event loop."""
    made = profiler({"ttft": 15}, iterations=200, concurrency=4)

    async def leave():
        stream = made.stream("hello")
        async for progress in stream:
            if progress.completed == 3:
                break
        await stream.aclose()

    run(leave)

    assert Ending.INTERRUPTED is made.result.metadata.ending


def test_an_open_loop_sends_on_time(run, profiler, simulator, model):
    """Though each call takes ten periods; the delay is reported."""
    made = profiler({"ttft": 200, "output_tokens": 2}, iterations=20, rate=50)
    result = run(lambda: made.profile("hello"))
    received = [one.received_ns for one in simulator.records(model)]

    assert 20 == result.calls
    assert 0.3 < (max(received) - min(received)) / 1e9 < 2
    assert all(one.timeline.started_ns <= one.attempts[0].started_ns for one in result.samples)


def test_an_sdk_is_ready_before_the_first_call(run, profiler, simulator, model, monkeypatch):
    """It was asked once for each kind of answer, over no network, and nobody measured that."""
    httpx2 = pytest.importorskip("httpx2")
    primed = []
    handle = httpx2.MockTransport.handle_async_request

    async def handle_and_tell(self, request):
        primed.append(request.url.host)
        return await handle(self, request)

    monkeypatch.setattr(httpx2.MockTransport, "handle_async_request", handle_and_tell)
    result = run(lambda: profiler({"ttft": 5}, iterations=1).profile("hello"))

    assert ["primer.invalid"] * 2 == primed
    assert 1 == result.calls == len(simulator.records(model))


def test_fields_of_the_body_reach_the_provider(run, profiler, simulator, model):
    """Whether the SDK knows them or not; max_tokens has one name for all."""
    from llm_latency_lens.profiler import Request  # noqa: PLC0415 - beside its use

    request = Request("hello", {"temperature": 0, "max_tokens": 3})
    made = profiler({"output_tokens": 9}, iterations=1)
    result = run(lambda: made.profile(request))

    assert 3 == result.samples[0].usage.output_tokens
