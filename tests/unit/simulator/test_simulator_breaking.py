"""Breaking an answer off."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import pytest

from llm_latency_lens.simulator.breaking import failing, halved, held, until
from llm_latency_lens.simulator.exchange import in_one_piece
from llm_latency_lens.simulator.pacing import Event, Part

EVENTS = (
    Event("role", 0, b"", is_prelude=True),
    Event("a", 1, b""),
    Event("b", 2, b""),
    Event("block", 0, b""),
    Event("c", 1, b""),
    Event("done", 0, b""),
)


def kinds(events):
    return [event.kind for event in events]


@pytest.mark.parametrize(
    ("tokens", "sent"),
    [
        (0, ["role"]),
        (1, ["role", "a"]),
        (2, ["role", "a", "b"]),
        (3, ["role", "a", "b"]),
        (4, ["role", "a", "b", "block", "c"]),
    ],
)
def test_a_stream_stops_at_the_token_asked_for(tokens, sent):
    """Nothing follows the event that brings the token, which is sent whole."""
    assert sent == kinds(until(EVENTS, tokens))


def test_an_error_is_told_how_much_came_before():
    """The error events come last and know the number of the others."""
    assert ["role", "a", "2"] == kinds(failing(EVENTS[:2], lambda sent: [Event(str(sent), 0, b"")]))


@pytest.mark.parametrize(
    ("parts", "end_ns"), [([Part(3, "a", 1, b"x"), Part(9, "b", 1, b"y")], 14), ([], 6)]
)
def test_a_held_answer_ends_with_a_wait(parts, end_ns):
    """The wait counts from the last part, or from the start where there is none."""
    assert [*parts, Part(end_ns, "", 0, b"")] == list(held(parts, 1, 5))


def test_half_an_answer_has_no_tokens():
    """Half of the bytes go out under the whole length, and say nothing."""
    reply = halved(in_one_piece(200, [], Part(7, "body", 4, b"12345")), 1, 2)

    assert ([("content-length", "5")], "cut") == (reply.headers, reply.ending)
    assert [Part(7, "body", 0, b"12"), Part(9, "", 0, b"")] == list(reply.parts)
