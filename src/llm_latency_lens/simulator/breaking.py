"""How a fault breaks an answer off: streams by their events, others by their bytes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from llm_latency_lens.simulator.exchange import Reply
from llm_latency_lens.simulator.pacing import Event, Part

__all__ = ["failing", "halved", "held", "until"]


def until(events: Iterable[Event], tokens: int) -> Iterator[Event]:
    """Yield the prelude and the events up to the one that brings the *tokens*-th token."""
    sent = 0
    for event in events:
        if sent >= tokens and not event.is_prelude:
            return
        sent += event.tokens
        yield event


def failing(events: Iterable[Event], error: Callable[[int], Iterable[Event]]) -> Iterator[Event]:
    """Yield *events* and then those of *error*, which is told how many came before."""
    sent = 0
    for event in events:
        sent += 1
        yield event
    yield from error(sent)


def held(parts: Iterable[Part], start_ns: int, lasts_ns: int) -> Iterator[Part]:
    """Yield *parts*, then nothing for *lasts_ns*: a last part without bytes."""
    due_ns = start_ns
    for part in parts:
        due_ns = part.due_ns
        yield part
    yield Part(due_ns + lasts_ns, "", 0, b"")


def halved(reply: Reply, start_ns: int, lasts_ns: int) -> Reply:
    """Return *reply*, an answer in one piece, with the first half of its bytes alone."""
    halves = (
        part._replace(tokens=0, payload=part.payload[: len(part.payload) // 2])
        for part in reply.parts
    )
    return replace(reply, parts=held(halves, start_ns, lasts_ns), ending="cut")
