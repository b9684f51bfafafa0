"""Calls that go wrong: what the user gets is untouched, and the sample says what happened."""

import asyncio
import gc
import socket

import pytest

from llm_latency_lens.capture import Observer
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.samples import Status, Taint

openai = pytest.importorskip("openai")

HELLO = [{"role": "user", "content": "hello"}]
MS = 1_000_000


@pytest.fixture
def chat(simulator):
    """Chat Completions of the real SDK, which does not retry."""
    with openai.OpenAI(base_url=simulator.base_url, api_key="k", max_retries=0) as client:
        yield client.chat.completions
    # A stream that was left early is a cycle that holds its generator, which must not be closed
    # in the middle of some later import.
    gc.collect()


@pytest.fixture
def retrying(simulator):
    """Chat Completions of the real SDK, which retries twice."""
    with openai.OpenAI(base_url=simulator.base_url, api_key="k", max_retries=2) as client:
        yield client.chat.completions


def _closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_retried_call_is_one_sample(simulator, watching, model, retrying):
    """Two refusals and an answer are one call of three attempts, which ended well."""
    simulator.script(model, status=[503, 429, 200], retry_after="10ms", ttft=5, itl=1)
    with watching() as seen:
        retrying.create(model=model, messages=HELLO)
    sample = seen.sample

    assert ([503, 429, 200], "ok") == (
        [one.outcome.http_status for one in sample.attempts],
        sample.outcome.status,
    )
    assert Taint.RETRIED in sample.taints


def test_the_latency_of_a_retried_call_is_what_its_caller_waited(
    simulator, watching, model, retrying
):
    """The clock runs from the first attempt to the end of the last, waits and all."""
    simulator.script(model, status=[503, 200], retry_after="60ms", latency="20ms")
    with watching() as seen:
        retrying.create(model=model, messages=HELLO)
    first, last = seen.sample.attempts

    assert seen.sample.latency_ns == last.ended_ns - first.started_ns
    assert (20 + 60 + 20) * MS <= seen.sample.latency_ns


def test_a_call_that_never_works_is_one_failed_sample(simulator, watching, model, retrying):
    """Its last attempt says how it ended; the SDK raises its own exception."""
    simulator.script(model, status=503, retry_after="10ms")
    with watching() as seen, pytest.raises(openai.InternalServerError):
        retrying.create(model=model, messages=HELLO)

    assert (Status.ERROR, 503, 3) == (
        seen.sample.outcome.status,
        seen.sample.outcome.http_status,
        len(seen.sample.attempts),
    )


def test_two_failed_calls_are_two_samples(simulator, watching, model, chat):
    """A second call of the same client and body is no retry of the first."""
    simulator.script(model, status=503)
    with watching() as seen:
        for _ in range(2):
            with pytest.raises(openai.InternalServerError):
                chat.create(model=model, messages=HELLO)

    assert [1, 1] == [len(one.attempts) for one in seen.samples]


def test_retries_of_tasks_at_once_are_kept_apart(simulator, watching, model):
    """Four calls of one client, each refused once, are four samples of two attempts."""
    simulator.script(model, status=[503] * 4 + [200] * 4, retry_after="50ms", latency="20ms")

    async def calls():
        async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="k") as client:
            await asyncio.gather(
                *(client.chat.completions.create(model=model, messages=HELLO) for _ in range(4))
            )

    with watching() as seen:
        asyncio.run(calls())

    assert 8 == sum(len(one.attempts) for one in seen.samples)
    assert [("ok", 2)] * 4 == [(one.outcome.status, len(one.attempts)) for one in seen.samples]


def test_a_stream_left_early_is_cancelled(simulator, watching, model, chat):
    """A break after the first token: the time to it is real, the call is cancelled."""
    simulator.script(model, ttft=30, itl=40, output_tokens=20)
    with watching() as seen:
        with chat.create(model=model, messages=HELLO, stream=True) as events:
            for event in events:
                if event.choices and event.choices[0].delta.content:
                    break
        sample = seen.sample

    assert (Status.CANCELLED, False) == (sample.outcome.status, sample.outcome.failed)
    assert 30 * MS <= sample.ttft_ns < (30 + 250) * MS
    assert Taint.CUT_SHORT in sample.taints


def test_an_async_stream_left_early_is_cancelled(simulator, watching, model):
    """So it is in an event loop."""
    simulator.script(model, ttft=30, itl=40, output_tokens=20)

    async def call():
        async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="k") as client:
            events = await client.chat.completions.create(model=model, messages=HELLO, stream=True)
            async with events:
                async for event in events:
                    if event.choices and event.choices[0].delta.content:
                        break

    with watching() as seen:
        asyncio.run(call())
    gc.collect()

    assert Status.CANCELLED == seen.sample.outcome.status
    assert 30 * MS <= seen.sample.ttft_ns < (30 + 250) * MS


def test_a_cancelled_task_is_a_cancelled_call(simulator, watching, model):
    """Asyncio's own cancellation is no error of the provider."""
    simulator.script(model, ttft="5s")

    async def call():
        async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="k") as client:
            async with asyncio.timeout(0.15):
                await client.chat.completions.create(model=model, messages=HELLO)

    with watching() as seen, pytest.raises(TimeoutError):
        asyncio.run(call())

    assert Status.CANCELLED == seen.sample.outcome.status


def test_a_refused_connection_is_an_error(watching, model):
    """Nobody listens: the SDK raises as ever, the sample has an error and no HTTP status."""
    with (
        openai.OpenAI(
            base_url=f"http://127.0.0.1:{_closed_port()}/v1", api_key="k", max_retries=0
        ) as client,
        watching() as seen,
        pytest.raises(openai.APIConnectionError),
    ):
        client.chat.completions.create(model=model, messages=HELLO)
    outcome = seen.sample.outcome

    assert (Status.ERROR, "ConnectError", None) == (
        outcome.status,
        outcome.error_type,
        outcome.http_status,
    )


def test_a_read_timeout_is_a_timeout(simulator, watching, model, chat):
    """The SDK's own exception comes out; the sample is a timeout without a status."""
    simulator.script(model, ttft="5s")
    with watching() as seen, pytest.raises(openai.APITimeoutError):
        chat.create(model=model, messages=HELLO, timeout=0.1)

    assert (Status.TIMEOUT, "ReadTimeout") == (
        seen.sample.outcome.status,
        seen.sample.outcome.error_type,
    )
    assert 100 * MS <= seen.sample.latency_ns


def test_a_timeout_within_a_stream_keeps_its_first_token(simulator, watching, model, chat):
    """Two tokens, then silence: a timeout with a real time to first token."""
    simulator.script(model, ttft=10, itl=1, output_tokens=9, fault={"stall": 2})
    with watching() as seen, pytest.raises(openai.APITimeoutError):
        list(chat.create(model=model, messages=HELLO, stream=True, timeout=0.2))

    assert (Status.TIMEOUT, 2) == (seen.sample.outcome.status, seen.sample.token_events)
    assert seen.sample.ttft_ns < 200 * MS + 250 * MS


def test_a_connection_that_breaks_is_cut(simulator, watching, model, chat):
    """The server hangs up within the answer: cut, with the tokens that came."""
    simulator.script(model, ttft=10, itl=1, output_tokens=9, fault={"cut": 3})
    with watching() as seen, pytest.raises(openai.APIConnectionError):
        list(chat.create(model=model, messages=HELLO, stream=True))

    assert (Status.CUT, 3) == (seen.sample.outcome.status, seen.sample.token_events)


def test_an_error_within_a_stream_is_an_error(simulator, watching, model, chat):
    """HTTP said 200, the stream then told an error."""
    simulator.script(model, ttft=5, itl=1, output_tokens=9, fault={"error_event": 2})
    with watching() as seen, pytest.raises(openai.APIError):
        list(chat.create(model=model, messages=HELLO, stream=True))

    assert (Status.ERROR, 200) == (seen.sample.outcome.status, seen.sample.outcome.http_status)


def test_a_redirect_is_part_of_its_call(simulator, watching, model, chat):
    """A 307 and the answer behind it are one sample of two attempts."""
    simulator.script(model, ttft=5, itl=1, fault=["redirect", None])
    with watching() as seen:
        chat.create(model=model, messages=HELLO)

    assert ([307, 200], "ok") == (
        [one.outcome.http_status for one in seen.sample.attempts],
        seen.sample.outcome.status,
    )


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Observer, "begin"),
        (Observer, "_ended"),
        (Watch, "answered"),
    ],
)
def test_a_fault_of_ours_breaks_no_call(
    simulator, watching, model, chat, monkeypatch, owner, name, stream
):
    """Whatever raises in our own code, the user's call goes on and ends well."""

    def fail(*_, **__):
        raise RuntimeError("ours")

    simulator.script(model, text="one two three", ttft=5, itl=1)
    monkeypatch.setattr(owner, name, fail)
    with watching():
        answer = chat.create(model=model, messages=HELLO, stream=stream)
        text = (
            "".join(one.choices[0].delta.content or "" for one in answer)
            if stream
            else answer.choices[0].message.content
        )

    assert "one two three" == text


@pytest.mark.parametrize("step", ["feed", "finish"])
def test_a_fault_while_decoding_is_noted(simulator, watching, model, chat, monkeypatch, step):
    """The call has its sample, with times and a note that names the fault, not the answer."""

    def fail(*given):
        raise RuntimeError(f"quoting {given}")

    monkeypatch.setattr(f"llm_latency_lens.protocols.decoding.BodyDecoder.{step}", fail)
    simulator.script(model, text="one two three", ttft=5, itl=1)
    with watching() as seen:
        chat.create(model=model, messages=HELLO)

    assert "not decoded: RuntimeError" == seen.sample.note
    assert seen.sample.latency_ns > 0
