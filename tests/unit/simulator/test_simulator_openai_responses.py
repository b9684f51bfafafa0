"""Responses as the simulator writes them."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import json

import pytest

from llm_latency_lens.simulator.answer import compose
from llm_latency_lens.simulator.dialect import Ticket
from llm_latency_lens.simulator.openai_responses import OpenAIResponses
from llm_latency_lens.simulator.script import read_script

TICKET = Ticket("req_1", "gpt", 1_700_000_000, 40)
TOOL = {"name": "look", "arguments": {"city": "Oslo"}}
RESPONSES = OpenAIResponses()


def answer(limit=None, *, show_reasoning=False, **fields):
    return compose(read_script(fields), limit, show_reasoning=show_reasoning)


def stream(made):
    return list(RESPONSES.events(TICKET, made, made.usage))


def data(made):
    read = []
    for event in stream(made):
        name, payload, *rest = event.payload.decode().split("\n")
        value = json.loads(payload.removeprefix("data: "))
        assert (name, rest) == (f"event: {value['type']}", ["", ""])
        read.append(value)
    return read


def types(made):
    return [value["type"].removeprefix("response.") for value in data(made)]


def test_a_stream_has_the_order_of_the_real_one():
    """Two starts, item, part, deltas, the ends of both, and the end of all."""
    assert [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ] == types(answer(text="a b"))


def test_events_are_numbered():
    """The sequence counts from 0 over all items."""
    values = data(answer(text="a b", reasoning_tokens=3, tool_call=TOOL))

    assert list(range(len(values))) == [value["sequence_number"] for value in values]


def test_what_comes_before_the_first_token_is_no_token():
    """Starts, item and part go out with the headers."""
    assert [("start", 0), ("start", 0), ("block", 0), ("block", 0)] == [
        (event.kind, event.tokens) for event in stream(answer(text="a")) if event.is_prelude
    ]


def test_hidden_reasoning_is_an_item_that_opens_early():
    """The reasoning item is begun in the prelude and ends where the message begins."""
    made = answer(text="a", reasoning_tokens=3)

    assert ["created", "in_progress", "output_item.added"] == types(made)[
        : sum(event.is_prelude for event in stream(made))
    ]
    assert ["output_item.done", "output_item.added", "content_part.added"] == types(made)[3:6]


def test_reasoning_that_hits_the_limit_is_all_there_is():
    """A limit used up by reasoning leaves no message."""
    made = answer(2, text="a", reasoning_tokens=3)

    assert ["output_item.added", "output_item.done", "incomplete"] == types(made)[2:]


def test_shown_reasoning_is_a_summary():
    """Reasoning that is shown comes in summary deltas before the message."""
    made = answer(text="a", reasoning_tokens=2, show_reasoning=True)

    assert [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ] == types(made)[2:9]


def test_an_empty_answer_has_an_empty_message():
    """An answer without tokens still has its message."""
    assert [""] == [
        value["text"]
        for value in data(answer(text=""))
        if value["type"] == "response.output_text.done"
    ]


@pytest.mark.parametrize(
    ("limit", "status", "details"),
    [(None, "completed", None), (1, "incomplete", {"reason": "max_output_tokens"})],
)
def test_the_end_says_how_it_came(limit, status, details):
    """Stream and body end alike: completed, or incomplete by the limit."""
    made = answer(limit, text="a b")
    last = data(made)[-1]

    assert last["response"] == json.loads(RESPONSES.body(TICKET, made, made.usage))
    assert (f"response.{status}", status, details, status) == (
        last["type"],
        last["response"]["status"],
        last["response"]["incomplete_details"],
        last["response"]["output"][-1]["status"],
    )


def test_usage_is_in_the_end_alone():
    """All counters are in the last event, cached and reasoning as parts of the sums."""
    made = answer(text="a b", reasoning_tokens=3, input_tokens=10, cached_input_tokens=4)
    first, *_, last = data(made)

    assert None is first["response"]["usage"]
    assert {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 15,
    } == last["response"]["usage"]


def test_usage_can_be_left_out():
    """Without usage the field is null."""
    assert None is json.loads(RESPONSES.body(TICKET, answer(text="a"), None))["usage"]


def test_a_request_is_read():
    """Stream and limit are read; usage needs no wish."""
    asked = RESPONSES.asked({"model": "m", "input": "hi", "stream": True, "max_output_tokens": 9})

    assert (True, 9, True, False) == (
        asked.is_streamed,
        asked.token_limit,
        asked.wants_usage,
        asked.shows_reasoning,
    )


@pytest.mark.parametrize(
    ("fields", "words"), [({}, "'input', 'prompt'"), ({"input": 3}, "a text or a list")]
)
def test_a_request_without_a_prompt_is_refused(fields, words):
    """Something must be asked, in a form that the API knows."""
    with pytest.raises(ValueError, match=words):
        RESPONSES.asked({"model": "m", **fields})


def test_errors_and_headers_are_those_of_openai():
    """Around its answers the API is like Chat Completions."""
    error = json.loads(RESPONSES.error(TICKET, 429))["error"]

    assert ("rate_limit_exceeded", "req_1") == (
        error["code"],
        dict(RESPONSES.headers(TICKET))["x-request-id"],
    )
