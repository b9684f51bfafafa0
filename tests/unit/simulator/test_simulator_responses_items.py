"""The output items of Responses."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import json
from itertools import count

import pytest

from llm_latency_lens.simulator.answer import compose
from llm_latency_lens.simulator.responses_items import Item, item_events
from llm_latency_lens.simulator.script import read_script

TOOL = {"name": "look", "arguments": {"city": "Oslo"}}


def item(kind, *, index=0, is_cut=False, **fields):
    made = compose(read_script(fields), None, show_reasoning=True)
    steps = tuple(step for step in made.steps if step.kind == kind)
    return Item(index=index, kind=kind, steps=steps, suffix="1", name="look", is_cut=is_cut)


def data(made):
    return [
        json.loads(event.payload.partition(b"data: ")[2]) for event in item_events(made, count())
    ]


@pytest.mark.parametrize("kind", ["text", "reasoning", "tool"])
def test_the_deltas_add_up_to_the_item(kind):
    """Text, summary and arguments arrive letter for letter."""
    made = item(kind, text='He said "ça va"\n twice', reasoning_tokens=3, tool_call=TOOL)

    assert made.text == "".join(value.get("delta", "") for value in data(made))


def test_the_name_of_a_function_is_its_first_token():
    """The item of a call carries a token and waits its turn."""
    opening, *rest = item_events(item("tool", tool_call=TOOL), count())

    assert ("tool", 1, False) == (opening.kind, opening.tokens, opening.is_prelude)
    assert b'"name":"look"' in opening.payload
    assert all(b"function_call_arguments" in event.payload for event in rest[:-1])


def test_every_event_names_its_item():
    """Deltas and parts have the id and the place of their item."""
    values = data(item("text", index=2, text="a"))

    assert {2} == {value["output_index"] for value in values}
    assert {"msg_1"} == {value["item_id"] for value in values if "item_id" in value}


@pytest.mark.parametrize(("is_cut", "status"), [(True, "incomplete"), (False, "completed")])
@pytest.mark.parametrize("kind", ["text", "tool"])
def test_a_cut_item_is_incomplete(kind, is_cut, status):
    """The limit shows in the item that it cut."""
    made = item(kind, is_cut=is_cut, text="a", tool_call=TOOL)

    assert ("in_progress", status) == (made.begun()["status"], made.whole()["status"])


def test_only_the_first_item_opens_early():
    """A later item waits for the one before."""
    assert [2, 0] == [
        sum(event.is_prelude for event in item_events(item("text", index=index), count()))
        for index in (0, 1)
    ]
