"""Calls of the vendors' own SDKs, compared with what the simulator says that it sent."""

import asyncio

import pytest

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")

HELLO = [{"role": "user", "content": "hello"}]
TTFT_MS = 40
SLACK_MS = 1000
MS = 1_000_000


def _openai(simulator, model, *, stream):
    more = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    with openai.OpenAI(base_url=simulator.base_url, api_key="k") as client:
        answer = client.chat.completions.create(model=model, messages=HELLO, **more)
        if stream:
            list(answer)


def _openai_async(simulator, model, *, stream):
    async def call():
        more = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
        async with openai.AsyncOpenAI(base_url=simulator.base_url, api_key="k") as client:
            answer = await client.chat.completions.create(model=model, messages=HELLO, **more)
            if stream:
                [one async for one in answer]

    asyncio.run(call())


def _openai_responses(simulator, model, *, stream):
    with openai.OpenAI(base_url=simulator.base_url, api_key="k") as client:
        answer = client.responses.create(model=model, input="hello", stream=stream)
        if stream:
            list(answer)


def _anthropic(simulator, model, *, stream):
    with anthropic.Anthropic(base_url=simulator.anthropic_base_url, api_key="k") as client:
        answer = client.messages.create(model=model, messages=HELLO, max_tokens=64, stream=stream)
        if stream:
            list(answer)


def _anthropic_async(simulator, model, *, stream):
    async def call():
        async with anthropic.AsyncAnthropic(
            base_url=simulator.anthropic_base_url, api_key="k"
        ) as client:
            answer = await client.messages.create(
                model=model, messages=HELLO, max_tokens=64, stream=stream
            )
            if stream:
                [one async for one in answer]

    asyncio.run(call())


CALLERS = {
    "openai": _openai,
    "openai-async": _openai_async,
    "openai-responses": _openai_responses,
    "anthropic": _anthropic,
    "anthropic-async": _anthropic_async,
}


@pytest.fixture(scope="module", params=CALLERS)
def streamed(request, simulator, watching):
    """A streamed call: its sample, and the simulator's record of it."""
    return _made(request.param, simulator, watching, stream=True)


@pytest.fixture(scope="module", params=CALLERS)
def whole(request, simulator, watching):
    """A call whose answer came in one piece: its sample and its record."""
    return _made(request.param, simulator, watching, stream=False)


def _made(caller, simulator, watching, *, stream):
    model = f"sdks/{caller}-{stream}"
    simulator.script(model, ttft=TTFT_MS, itl=3, output_tokens=7, input_tokens=19)
    with watching() as seen:
        CALLERS[caller](simulator, model, stream=stream)
    (record,) = simulator.records(model)
    return seen.sample, record


def test_a_stream_has_the_usage_that_was_sent(streamed):
    """Tokens are those of the provider's usage."""
    sample, record = streamed

    assert (record.usage.input_tokens, record.usage.output_tokens) == (19, 7)
    assert (19, 7) == (sample.usage.input_tokens, sample.usage.output_tokens)


def test_a_stream_names_its_model_and_request(streamed):
    """Model and request id are those of the record."""
    sample, record = streamed

    assert (record.model, record.model) == (sample.requested_model, sample.model)
    assert record.id == sample.request_id


def test_a_stream_belongs_to_the_vendor_of_its_path(streamed):
    """One address speaks two vendors' protocols; the path tells them apart."""
    sample, record = streamed

    assert sample.provider in {"openai", "anthropic"}
    assert record.api.startswith(sample.provider)


def test_a_stream_has_the_limits_that_its_headers_told(streamed):
    """Rate limits are typed: what of, how much, how much is left, and when it is whole again."""
    sample, record = streamed
    of = {one.resource for one in sample.rate_limits}

    assert {"requests", "tokens"} <= of
    assert all(0 <= one.remaining <= one.limit for one in sample.rate_limits)
    assert all(one.reset_ns is not None for one in sample.rate_limits)
    assert record.api.startswith(sample.provider)


def test_a_stream_has_the_time_that_its_server_told(streamed):
    """With what it covers: of a stream, the time until the headers."""
    (told,) = streamed[0].server_times

    assert "until headers" == told.covers


def test_a_stream_counts_the_events_that_carry_tokens(streamed):
    """Role-only and bookkeeping events are no token events."""
    sample, record = streamed

    assert sum(1 for event in record.events if event.tokens) == sample.token_events


def test_a_stream_has_the_first_token_of_the_server(streamed):
    """The first token is seen after it was sent, and not much later."""
    sample, record = streamed
    late_ns = sample.timeline.first_token_ns - record.first_token_ns

    assert 0 <= late_ns < SLACK_MS * MS


def test_the_ttft_of_a_stream_is_what_was_scripted(streamed):
    """Time to first token is at least the script's, within a generous slack."""
    sample, _ = streamed

    assert TTFT_MS * MS <= sample.ttft_ns < (TTFT_MS + SLACK_MS) * MS


def test_the_last_token_of_a_stream_comes_after_the_first(streamed):
    """Tokens are stamped in order, none before the server sent it, none after the end."""
    sample, record = streamed
    line = sample.timeline

    assert line.first_token_ns <= line.last_token_ns <= line.ended_ns
    assert record.last_token_ns <= line.last_token_ns


def test_the_times_of_a_stream_are_in_order(streamed):
    """Start, send, headers, first token, end."""
    line = streamed[0].timeline
    times = [line.started_ns, line.sent_ns, line.headers_ns, line.first_token_ns, line.ended_ns]

    assert sorted(times) == times


def test_a_new_connection_is_told(streamed):
    """The client is fresh, so the call opened a connection, before it sent."""
    line = streamed[0].timeline

    assert line.started_ns <= line.connect_started_ns <= line.connected_ns <= line.sent_ns


def test_gaps_are_told_where_each_event_carries_a_token(streamed):
    """Seven tokens in seven events have six gaps."""
    assert 6 == len(streamed[0].gaps_ns)


def test_a_stream_ends_well(streamed):
    """Status, attempts and streaming are told."""
    sample, _ = streamed

    assert ("ok", 200, True, 1) == (
        sample.outcome.status,
        sample.outcome.http_status,
        sample.streamed,
        len(sample.attempts),
    )


def test_an_answer_in_one_piece_has_the_usage_that_was_sent(whole):
    """Usage, model and request id are those of the record."""
    sample, record = whole

    assert (19, 7) == (sample.usage.input_tokens, sample.usage.output_tokens)
    assert (record.model, record.id) == (sample.model, sample.request_id)


def test_an_answer_in_one_piece_has_no_first_token(whole):
    """It was not streamed: no token has a time."""
    sample, _ = whole

    assert (False, None, ()) == (sample.streamed, sample.ttft_ns, sample.gaps_ns)


def test_an_answer_in_one_piece_takes_as_long_as_the_server(whole):
    """Its latency covers the time from the request's arrival to the last byte."""
    sample, record = whole
    server_ns = record.events[-1].sent_ns - record.received_ns

    assert server_ns <= sample.latency_ns < server_ns + SLACK_MS * MS


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_made_before_the_hooks_is_seen(simulator, watching, model, stream):
    """Hooks are on the class: an earlier client passes through them too."""
    with openai.OpenAI(base_url=simulator.base_url, api_key="k") as client:
        client.chat.completions.create(model=model, messages=HELLO)
        with watching() as seen:
            answer = client.chat.completions.create(model=model, messages=HELLO, stream=stream)
            if stream:
                list(answer)

    assert model == seen.sample.model


def test_a_reused_connection_has_no_connect(simulator, watching, model):
    """The second call of a client connects no more."""
    with (
        watching() as seen,
        openai.OpenAI(base_url=simulator.base_url, api_key="k") as client,
    ):
        client.chat.completions.create(model=model, messages=HELLO)
        client.chat.completions.create(model=model, messages=HELLO)
    first, second = seen.samples

    assert first.timeline.connected_ns is not None
    assert second.timeline.connected_ns is None


def test_the_answer_of_the_user_is_untouched(simulator, watching, model):
    """Watched or not, the SDK returns the same text and usage."""
    simulator.script(model, text="one two three", ttft=5, itl=1)
    with openai.OpenAI(base_url=simulator.base_url, api_key="k") as client:
        bare = client.chat.completions.create(model=model, messages=HELLO)
        with watching():
            watched = client.chat.completions.create(model=model, messages=HELLO)

    assert (bare.choices, bare.usage) == (watched.choices, watched.usage)
