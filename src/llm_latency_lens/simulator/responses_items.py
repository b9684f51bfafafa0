"""
The output items of OpenAI Responses: a reasoning, a message, a call of a function.

An item is written twice: as the events of its growth and, whole, inside the response.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.simulator.answer import Step, StepKind
from llm_latency_lens.simulator.dialect import to_json
from llm_latency_lens.simulator.pacing import Event

__all__ = ["Item", "item_events"]

_ID_PREFIXES = {"reasoning": "rs_", "text": "msg_", "tool": "fc_"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One output item; *suffix* makes its ids, *name* is that of the function called."""

    index: int
    kind: StepKind
    steps: tuple[Step, ...]
    suffix: str
    name: str
    is_cut: bool

    @property
    def text(self) -> str:
        """All that the item says: text, summary or arguments."""
        return "".join(step.text for step in self.steps)

    @property
    def item_id(self) -> str:
        """The id of the item, by which events name it."""
        return f"{_ID_PREFIXES[self.kind]}{self.suffix}"

    def begun(self) -> dict[str, Any]:
        """Return the item as it is added: without its content."""
        if self.kind == "reasoning":
            return {"id": self.item_id, "type": "reasoning", "summary": []}
        if self.kind == "text":
            return self._message("in_progress", [])
        return self._function_call("in_progress", "")

    def whole(self) -> dict[str, Any]:
        """Return the item as it is at its end."""
        if self.kind == "reasoning":
            return {**self.begun(), "summary": [self.part(self.text)] if self.steps else []}
        status = "incomplete" if self.is_cut else "completed"
        if self.kind == "text":
            return self._message(status, [self.part(self.text)])
        return self._function_call(status, self.text)

    def part(self, text: str) -> dict[str, Any]:
        """Return the part of the item that holds its text."""
        if self.kind == "reasoning":
            return {"type": "summary_text", "text": text}
        return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}

    def _message(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self.item_id,
            "type": "message",
            "status": status,
            "content": content,
            "role": "assistant",
        }

    def _function_call(self, status: str, arguments: str) -> dict[str, Any]:
        return {
            "id": self.item_id,
            "type": "function_call",
            "status": status,
            "arguments": arguments,
            "call_id": f"call_{self.suffix}",
            "name": self.name,
        }


def item_events(item: Item, numbers: Iterator[int]) -> Iterator[Event]:
    """Yield the events of *item*, counted by *numbers*; those of the first item come early."""
    place = {"output_index": item.index}
    is_early = item.index == 0
    added = {**place, "item": item.begun()}
    if item.kind == "tool":
        # The item names the function, so it is the first token of the call and no prelude.
        first, *rest = item.steps
        yield _event("tool", "output_item.added", numbers, added, first.tokens)
        yield from _deltas(item, b"function_call_arguments", tuple(rest), b"", numbers)
        done = {"item_id": item.item_id, **place, "arguments": item.text}
        yield _event("block", "function_call_arguments.done", numbers, done)
    else:
        yield _event("block", "output_item.added", numbers, added, is_prelude=is_early)
        if item.kind == "text" or item.steps:
            yield from _text_events(item, numbers, is_early=is_early)
    yield _event("block", "output_item.done", numbers, {**place, "item": item.whole()})


def _text_events(item: Item, numbers: Iterator[int], *, is_early: bool) -> Iterator[Event]:
    if item.kind == "reasoning":
        part_name, text_name, place = "reasoning_summary_part", "reasoning_summary_text", "summary"
        extra: dict[str, Any] = {}
    else:
        part_name, text_name, place = "content_part", "output_text", "content"
        extra = {"logprobs": []}
    at = {"item_id": item.item_id, "output_index": item.index, f"{place}_index": 0}
    added = {**at, "part": item.part("")}
    yield _event("block", f"{part_name}.added", numbers, added, is_prelude=is_early)
    more = b'"%b_index":0,' % place.encode() + (b'"logprobs":[],' if extra else b"")
    yield from _deltas(item, text_name.encode(), item.steps, more, numbers)
    yield _event("block", f"{text_name}.done", numbers, {**at, "text": item.text, **extra})
    yield _event("block", f"{part_name}.done", numbers, {**at, "part": item.part(item.text)})


def _deltas(
    item: Item, name: bytes, steps: tuple[Step, ...], more: bytes, numbers: Iterator[int]
) -> Iterator[Event]:
    # Built by hand: one of these is made for every token that goes out.
    head = b'event: response.%b.delta\ndata: {"type":"response.%b.delta",' % (name, name)
    head += b'"item_id":"%b","output_index":%d,%b' % (item.item_id.encode(), item.index, more)
    for step in steps:
        tail = b'"delta":%b,"sequence_number":%d}\n\n' % (step.quoted, next(numbers))
        yield Event(item.kind, step.tokens, head + tail)


def _event(
    kind: str,
    name: str,
    numbers: Iterator[int],
    fields: dict[str, Any],
    tokens: int = 0,
    *,
    is_prelude: bool = False,
) -> Event:
    full = f"response.{name}"
    data = to_json({"type": full, **fields, "sequence_number": next(numbers)})
    payload = b"event: %b\ndata: %b\n\n" % (full.encode(), data)
    return Event(kind, tokens, payload, is_prelude)
