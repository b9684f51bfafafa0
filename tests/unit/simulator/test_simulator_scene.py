"""Scenes: tickets and entries of one request."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import pytest

from llm_latency_lens.simulator.dialect import Asked, Ticket
from llm_latency_lens.simulator.exchange import Call
from llm_latency_lens.simulator.openai_chat import OpenAIChat
from llm_latency_lens.simulator.records import Journal
from llm_latency_lens.simulator.scene import Scene
from llm_latency_lens.simulator.script import read_script
from llm_latency_lens.simulator.turn import Turn


def scene(**script):
    return Scene(
        dialect=OpenAIChat(),
        call=Call(method="POST", target="/", retry_count=2, received_ns=9),
        asked=Asked("m", is_streamed=True, token_limit=None, wants_usage=True),
        turn=Turn(read_script(script), 0),
        request_id="req_1",
        created_s=3,
        journal=Journal(),
    )


def test_a_ticket_promises_a_wait():
    """The ticket has the id and date of the request."""
    assert Ticket("req_1", "m", 3, 40) == scene().ticket(40)


def test_an_entry_has_the_facts_of_the_request():
    """The journal holds who asked what, and the status that was sent."""
    made = scene()
    record = made.open_entry(status=307).as_json()

    assert ("req_1", "openai_chat", "m", True, 307, 2, 9) == tuple(
        record[word]
        for word in ("id", "api", "model", "is_streamed", "status", "retry_count", "received_ns")
    )
    assert 1 == len(list(made.journal.entries()))


@pytest.mark.parametrize(("status", "fault"), [(200, "cut"), (500, None)])
def test_an_entry_names_the_fault_that_was_played(status, fault):
    """A request that failed by its status had no chance to go wrong otherwise."""
    assert fault == scene(status=status, fault={"cut": 1}).open_entry().as_json()["fault"]
