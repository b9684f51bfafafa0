"""Responses of the simulator, read by the real openai SDK."""

import asyncio
import json

import pytest

from llm_latency_lens.simulator import start_simulator

openai = pytest.importorskip("openai")

TOOL = {"name": "look", "arguments": {"city": "Oslo"}}


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
def responses(simulator):
    """Responses of the real SDK, pointed at the simulator."""
    with openai.OpenAI(base_url=simulator.base_url, api_key="none", max_retries=0) as client:
        yield client.responses


def _only(simulator, model):
    (record,) = simulator.records(model)
    return record


def test_an_answer_in_one_piece_is_read(simulator, model, responses):
    """The SDK's response has text and usage of the script, and the id of the record."""
    simulator.script(model, text="Hello there", input_tokens=9, cached_input_tokens=4, ttft=5)
    answer = responses.create(model=model, input="hello")
    record = _only(simulator, model)

    assert ("Hello there", "completed", record.id, "openai_responses") == (
        answer.output_text,
        answer.status,
        answer._request_id,
        record.api,
    )
    assert (9, 4, 2, 11) == (
        answer.usage.input_tokens,
        answer.usage.input_tokens_details.cached_tokens,
        answer.usage.output_tokens,
        answer.usage.total_tokens,
    )


def test_a_stream_is_read_event_by_event(simulator, model, responses):
    """The SDK sees every event of the record, numbered from 0."""
    simulator.script(model, text="one two three", ttft=5, itl=1)
    with responses.create(model=model, input="hello", stream=True) as stream:
        events = list(stream)
    record = _only(simulator, model)

    assert list(range(len(record.events))) == [event.sequence_number for event in events]
    assert "one two three" == "".join(
        event.delta for event in events if event.type == "response.output_text.delta"
    )
    assert 3 == events[-1].response.usage.output_tokens == record.usage.output_tokens


def test_an_accumulated_stream_is_the_whole_answer(simulator, model, responses):
    """The SDK's own accumulator makes reasoning, text and tool call of the events."""
    simulator.script(
        model, text="one two", reasoning_tokens=2, show_reasoning=True, tool_call=TOOL, ttft=5
    )
    with responses.stream(model=model, input="hello") as stream:
        answer = stream.get_final_response()
    reasoning, message, call = answer.output

    assert ["the clock", "one two", "look", TOOL["arguments"]] == [
        reasoning.summary[0].text,
        message.content[0].text,
        call.name,
        json.loads(call.arguments),
    ]


def test_hidden_reasoning_is_an_empty_item(simulator, model, responses):
    """Reasoning that is not shown is an item without summary, and billed."""
    simulator.script(model, text="one", reasoning_tokens=5, ttft=5)
    with responses.stream(model=model, input="hello") as stream:
        answer = stream.get_final_response()

    assert ("reasoning", [], "one", 5) == (
        answer.output[0].type,
        answer.output[0].summary,
        answer.output_text,
        answer.usage.output_tokens_details.reasoning_tokens,
    )


@pytest.mark.parametrize("is_streamed", [True, False])
def test_a_limit_leaves_an_incomplete_answer(model, responses, is_streamed):
    """max_output_tokens cuts the answer, and the response says why."""
    answer = responses.create(model=model, input="hello", max_output_tokens=2, stream=is_streamed)
    if is_streamed:
        with answer as stream:
            answer = list(stream)[-1].response

    assert ("incomplete", "max_output_tokens", "the clock") == (
        answer.status,
        answer.incomplete_details.reason,
        answer.output_text,
    )


def test_a_status_is_the_error_of_the_sdk(simulator, model, responses):
    """A scripted 429 is the SDK's RateLimitError."""
    simulator.script(model, status=429)
    with pytest.raises(openai.RateLimitError, match="Rate limit reached"):
        responses.create(model=model, input="hello")


def test_a_bad_request_is_refused(model, responses):
    """What the API would refuse is the SDK's BadRequestError."""
    with pytest.raises(openai.BadRequestError, match="max_output_tokens"):
        responses.create(model=model, input="hello", max_output_tokens=0)


def test_the_async_sdk_reads_both_forms(simulator, model):
    """The async SDK reads an answer in one piece and as a stream."""
    simulator.script(model, text="one two", ttft=5)

    async def read():
        async with openai.AsyncOpenAI(
            base_url=simulator.base_url, api_key="none", max_retries=0
        ) as client:
            whole = await client.responses.create(model=model, input="hello")
            async with client.responses.stream(model=model, input="hello") as stream:
                return whole, await stream.get_final_response()

    assert ["one two", "one two"] == [answer.output_text for answer in asyncio.run(read())]
