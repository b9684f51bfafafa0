"""The simulator as a process, asked by the vendors' own SDKs, and its records."""

import asyncio
import json

import pytest

from llm_latency_lens.clock import SystemClock
from llm_latency_lens.simulator import start_simulator

anthropic = pytest.importorskip("anthropic")
openai = pytest.importorskip("openai")

HELLO = [{"role": "user", "content": "hello"}]
TOOL = {"name": "look", "arguments": {"city": "Oslo"}}
NOW_NS = SystemClock.now_ns


@pytest.fixture(scope="module")
def simulator():
    """One simulator for all tests; every test has a model of its own."""
    with start_simulator({"*": {"ttft": 5, "itl": 1, "output_tokens": 6}}) as started:
        yield started


@pytest.fixture
def model(request):
    """A model of its own for every test."""
    return f"tests/{request.node.name}"


@pytest.fixture
def chat(simulator):
    """Chat Completions of the real SDK, pointed at the simulator."""
    with openai.OpenAI(base_url=simulator.base_url, api_key="none", max_retries=0) as client:
        yield client.chat.completions


@pytest.fixture
def messages(simulator):
    """Messages of the real SDK, pointed at the simulator."""
    with anthropic.Anthropic(
        base_url=simulator.anthropic_base_url, api_key="none", max_retries=0
    ) as client:
        yield client.messages


def _only(simulator, model):
    (record,) = simulator.records(model)
    return record


def test_openai_reads_an_answer_in_one_piece(simulator, model, chat):
    """The SDK's answer has the text and usage of the script, and the id of the record."""
    simulator.script(model, text="Hello there", input_tokens=9, ttft=5, itl=1)
    answer = chat.create(model=model, messages=HELLO)
    record = _only(simulator, model)

    assert ("Hello there", "stop", record.id) == (
        answer.choices[0].message.content,
        answer.choices[0].finish_reason,
        answer._request_id,
    )
    assert (9, 2) == (answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert (9, 2) == (record.usage.input_tokens, record.usage.output_tokens)


def test_openai_reads_a_stream(simulator, model, chat):
    """The SDK sees one chunk an event, the text of the script and, asked for, its usage."""
    simulator.script(model, text="one two three", ttft=5, itl=1)
    with chat.create(
        model=model, messages=HELLO, stream=True, stream_options={"include_usage": True}
    ) as stream:
        chunks = list(stream)
    record = _only(simulator, model)

    assert "one two three" == "".join(
        chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices
    )
    assert 3 == chunks[-1].usage.completion_tokens == record.usage.output_tokens
    # All events but the end of the stream, which the SDK keeps to itself.
    assert len(record.events) - 1 == len(chunks)
    assert (True, True) == (record.is_streamed, record.is_complete)


def test_openai_gets_no_usage_unasked(simulator, model, chat):
    """A stream without include_usage has none, on the wire and in the record."""
    with chat.create(model=model, messages=HELLO, stream=True) as stream:
        usages = {chunk.usage for chunk in stream}

    assert ({None}, None) == (usages, _only(simulator, model).usage)


def test_openai_reads_a_tool_call(simulator, model, chat):
    """The SDK's accumulated stream holds the tool call of the script."""
    simulator.script(model, tool_call=TOOL, ttft=5, itl=1)
    with chat.stream(model=model, messages=HELLO) as stream:
        answer = stream.get_final_completion()
    (call,) = answer.choices[0].message.tool_calls

    assert "tool_calls" == answer.choices[0].finish_reason
    assert (TOOL["name"], TOOL["arguments"]) == (
        call.function.name,
        json.loads(call.function.arguments),
    )


def test_openai_reads_shown_reasoning(simulator, model, chat):
    """Reasoning arrives before the text in the field that compatible servers use."""
    simulator.script(model, text="a", reasoning_tokens=2, show_reasoning=True, ttft=5, itl=1)
    with chat.create(model=model, messages=HELLO, stream=True) as stream:
        deltas = [chunk.choices[0].delta for chunk in stream]

    assert ["the", " clock"] == [
        delta.reasoning_content for delta in deltas if hasattr(delta, "reasoning_content")
    ]


def test_openai_limits_the_answer(simulator, model, chat):
    """max_completion_tokens cuts the answer."""
    answer = chat.create(model=model, messages=HELLO, max_completion_tokens=2)

    assert ("length", 2) == (answer.choices[0].finish_reason, answer.usage.completion_tokens)


def test_openai_raises_its_own_rate_limit_error(simulator, model, chat):
    """A scripted 429 is the SDK's RateLimitError, with code and wait."""
    simulator.script(model, status=429, retry_after=2)
    with pytest.raises(openai.RateLimitError) as raised:
        chat.create(model=model, messages=HELLO, stream=True)

    assert ("rate_limit_exceeded", "2") == (
        raised.value.code,
        raised.value.response.headers["retry-after"],
    )
    assert (429, ()) == (_only(simulator, model).status, _only(simulator, model).events)


def test_openai_refuses_a_bad_request(simulator, chat, model):
    """What the API would refuse is the SDK's BadRequestError."""
    with pytest.raises(openai.BadRequestError, match="max_tokens"):
        chat.create(model=model, messages=HELLO, max_tokens=0)


def test_openai_retries_are_counted(simulator, model):
    """After a scripted 500 the SDK's second attempt carries its count."""
    simulator.script(model, status=[500, 200], retry_after="1ms", ttft=0, itl=0)
    with openai.OpenAI(base_url=simulator.base_url, api_key="none", max_retries=1) as client:
        client.chat.completions.create(model=model, messages=HELLO)

    assert [(500, 0), (200, 1)] == [
        (record.status, record.retry_count) for record in simulator.records(model)
    ]


def test_openai_async_streams_side_by_side(simulator, model):
    """Twenty streams at once are twenty records on connections of their own."""

    async def read(client):
        async with await client.chat.completions.create(
            model=model, messages=HELLO, stream=True
        ) as stream:
            return [chunk async for chunk in stream]

    async def read_all():
        async with openai.AsyncOpenAI(
            base_url=simulator.base_url, api_key="none", max_retries=0
        ) as client:
            return await asyncio.gather(*(read(client) for _ in range(20)))

    streams = asyncio.run(read_all())
    records = simulator.records(model)

    assert [8] * 20 == [len(chunks) for chunks in streams]
    assert 20 == len(records) == len({record.id for record in records})


def test_openai_lists_the_models(simulator):
    """The list of models names those that have a script."""
    simulator.script("listed")
    with openai.OpenAI(base_url=simulator.base_url, api_key="none") as client:
        names = {each.id for each in client.models.list()}

    assert "listed" in names


def test_anthropic_reads_an_answer_in_one_piece(simulator, model, messages):
    """The SDK's message has text, usage and the id of the record."""
    simulator.script(
        model, text="Hello there", input_tokens=9, cached_input_tokens=4, ttft=5, itl=1
    )
    answer = messages.create(model=model, messages=HELLO, max_tokens=50)
    record = _only(simulator, model)

    assert ("Hello there", "end_turn", record.id) == (
        answer.content[0].text,
        answer.stop_reason,
        answer._request_id,
    )
    assert (5, 4, 2) == (
        answer.usage.input_tokens,
        answer.usage.cache_read_input_tokens,
        answer.usage.output_tokens,
    )


def test_anthropic_reads_a_stream(simulator, model, messages):
    """The SDK's accumulated stream has thinking, text, tool and final usage."""
    simulator.script(
        model, text="one two", reasoning_tokens=2, tool_call=TOOL, ttft=5, itl=1, input_tokens=9
    )
    with messages.stream(model=model, messages=HELLO, max_tokens=50) as stream:
        answer = stream.get_final_message()
    record = _only(simulator, model)

    assert ["the clock", "one two", TOOL["arguments"]] == [
        answer.content[0].thinking,
        answer.content[1].text,
        answer.content[2].input,
    ]
    assert ("tool_use", record.usage.output_tokens) == (
        answer.stop_reason,
        answer.usage.output_tokens,
    )


def test_anthropic_reads_plain_events(simulator, model, messages):
    """The SDK's events are those of the record; pings it drops."""
    with messages.create(model=model, messages=HELLO, max_tokens=50, stream=True) as stream:
        seen = len(list(stream))
    record = _only(simulator, model)

    assert len([event for event in record.events if event.kind != "ping"]) == seen


def test_anthropic_limits_the_answer(simulator, model, messages):
    """max_tokens cuts the answer."""
    answer = messages.create(model=model, messages=HELLO, max_tokens=2)

    assert ("max_tokens", 2) == (answer.stop_reason, answer.usage.output_tokens)


def test_anthropic_raises_its_own_overloaded_error(simulator, model, messages):
    """A scripted 529 is the SDK's error, with the type of the API."""
    simulator.script(model, status=529)
    with pytest.raises(anthropic.APIStatusError) as raised:
        messages.create(model=model, messages=HELLO, max_tokens=5)

    assert (529, "overloaded_error") == (
        raised.value.status_code,
        raised.value.body["error"]["type"],
    )


def test_anthropic_raises_its_own_rate_limit_error(simulator, model, messages):
    """A scripted 429 is the SDK's RateLimitError, streamed or not."""
    simulator.script(model, status=429)
    with pytest.raises(anthropic.RateLimitError):
        messages.create(model=model, messages=HELLO, max_tokens=5, stream=True)


def test_anthropic_async_reads_a_stream(simulator, model):
    """The async SDK reads the same stream."""

    async def read():
        async with (
            anthropic.AsyncAnthropic(
                base_url=simulator.anthropic_base_url, api_key="none", max_retries=0
            ) as client,
            client.messages.stream(model=model, messages=HELLO, max_tokens=50) as stream,
        ):
            return await stream.get_final_message()

    assert _spoken(asyncio.run(read())) == 6


def _spoken(message):
    return len(message.content[0].text.split())


def test_stamps_lie_between_those_of_the_caller(simulator, model, chat):
    """Server and caller share a clock: what was sent lies between asking and having read."""
    start_ns = NOW_NS()
    with chat.create(model=model, messages=HELLO, stream=True) as stream:
        chunks = list(stream)
    end_ns = NOW_NS()
    record = _only(simulator, model)
    stamps = [
        record.received_ns,
        record.headers_ns,
        *(event.sent_ns for event in record.events),
        record.ended_ns,
    ]

    assert 8 == len(chunks)
    assert sorted(stamps) == stamps
    assert start_ns <= record.received_ns
    assert record.last_token_ns <= end_ns


def test_nothing_is_sent_before_it_is_due(simulator, model, chat):
    """Every event waits for its moment, and the moments are those of the script."""
    simulator.script(model, ttft=10, itl={"list": [3, 1]}, output_tokens=4)
    with chat.create(model=model, messages=HELLO, stream=True) as stream:
        list(stream)
    record = _only(simulator, model)
    tokens = [event for event in record.events if event.tokens]

    assert [10, 13, 14, 17] == [(event.due_ns - record.received_ns) / 1e6 for event in tokens]
    assert all(event.due_ns <= event.sent_ns for event in record.events)


def test_a_client_sees_no_token_before_it_was_sent(simulator, model, chat):
    """The first token reaches the SDK after its stamp."""
    with chat.create(model=model, messages=HELLO, stream=True) as stream:
        seen_ns = next(NOW_NS() for chunk in stream if chunk.choices[0].delta.content)
        list(stream)

    assert _only(simulator, model).first_token_ns <= seen_ns


def test_a_kept_connection_has_one_number(simulator, model, chat):
    """Two calls of one client share a connection and its moment of acceptance."""
    for _ in range(2):
        chat.create(model=model, messages=HELLO)
    first, second = simulator.records(model)

    assert (first.connection, first.accepted_ns) == (second.connection, second.accepted_ns)


def test_a_client_that_breaks_off_leaves_an_incomplete_record(simulator, model, chat):
    """A stream that its reader left is incomplete, and the server goes on."""
    simulator.script(model, ttft=0, itl="10s", output_tokens=3)
    with chat.create(model=model, messages=HELLO, stream=True) as stream:
        next(iter(stream))
    # The server learns of it when the kernel tells, soon but not at once.
    records = (_only(simulator, model) for _ in range(10_000))
    ended = next(record for record in records if record.ended_ns is not None)

    assert not ended.is_complete


def test_records_of_one_model_can_be_forgotten(simulator, model, chat):
    """Clearing a model leaves nothing of it and its script in place."""
    simulator.script(model, text="kept", ttft=0)
    chat.create(model=model, messages=HELLO)
    simulator.clear(model)

    assert () == simulator.records(model)
    assert "kept" == chat.create(model=model, messages=HELLO).choices[0].message.content
