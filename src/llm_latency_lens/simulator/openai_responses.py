"""
Writes OpenAI Responses: bodies, stream events, headers.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from collections.abc import Iterator, Mapping
from itertools import count, groupby
from typing import Any

from llm_latency_lens.simulator.answer import Answer, Usage
from llm_latency_lens.simulator.dialect import Asked, Headers, Ticket, read_asked, to_json
from llm_latency_lens.simulator.openai_http import openai_error, openai_headers
from llm_latency_lens.simulator.pacing import Event
from llm_latency_lens.simulator.responses_items import Item, item_events

__all__ = ["OpenAIResponses", "response_event", "response_object"]

_PROMPTS = ("input", "prompt", "previous_response_id", "conversation")


class OpenAIResponses:
    """The Responses API."""

    __slots__ = ()

    name = "openai_responses"
    stream_type = "text/event-stream; charset=utf-8"

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what the request body asks for; ValueError when it is no valid request."""
        # ValueError is what a bad request is, whatever is bad about it.
        if all(fields.get(word) is None for word in _PROMPTS):
            raise ValueError(f"One of {', '.join(map(repr, _PROMPTS))} must be provided.")
        if not isinstance(fields.get("input", []), str | list):
            raise ValueError("Invalid type for 'input': expected a text or a list.")  # noqa: TRY004 - as above
        return read_asked(fields, ("max_output_tokens",), wants_usage=True, has_messages=False)

    def headers(self, ticket: Ticket) -> Headers:
        """Return the headers that the API sends with every answer."""
        return openai_headers(ticket)

    def events(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> Iterator[Event]:
        """Yield two starts, the events of every item and the end, which has the usage."""
        numbers = count()
        begun = response_object(ticket, "in_progress")
        for name in ("response.created", "response.in_progress"):
            yield response_event("start", name, next(numbers), begun, is_prelude=True)
        items = _items(ticket, answer)
        for item in items:
            yield from item_events(item, numbers)
        status = _status(answer)
        ended = _ended(ticket, items, status, usage)
        yield response_event("done", f"response.{status}", next(numbers), ended)

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:
        """Return the response in one piece."""
        return to_json(_ended(ticket, _items(ticket, answer), _status(answer), usage))

    def error(self, ticket: Ticket, status: int, message: str | None = None) -> bytes:  # noqa: ARG002 - the id is in the headers only
        """Return the error body of *status*, with the API's usual words if *message* is None."""
        return openai_error(status, message)


def response_object(ticket: Ticket, status: str) -> dict[str, Any]:
    """Return a response as it stands before its output: all fields, most of them null."""
    return {
        "id": "resp_" + ticket.request_id.removeprefix("req_"),
        "object": "response",
        "created_at": ticket.created_s,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "model": ticket.model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "user": None,
        "metadata": {},
    }


def response_event(
    kind: str, name: str, number: int, response: Mapping[str, Any], *, is_prelude: bool = False
) -> Event:
    """Return the event *name*, which carries a whole response."""
    data = to_json({"type": name, "response": response, "sequence_number": number})
    return Event(kind, 0, b"event: %b\ndata: %b\n\n" % (name.encode(), data), is_prelude)


def _items(ticket: Ticket, answer: Answer) -> list[Item]:
    blocks = [(kind, tuple(steps)) for kind, steps in groupby(answer.steps, lambda s: s.kind)]
    if not answer.steps and answer.finish != "length":
        blocks = [("text", ())]
    if answer.usage.reasoning_tokens and not answer.joined("reasoning"):
        # Reasoning that is not shown still has its item, without a summary.
        blocks.insert(0, ("reasoning", ()))
    name = answer.tool_call.name if answer.tool_call else ""
    return [
        Item(
            index=index,
            kind=kind,
            steps=steps,
            suffix=ticket.request_id.removeprefix("req_"),
            name=name,
            is_cut=answer.finish == "length" and index == len(blocks) - 1,
        )
        for index, (kind, steps) in enumerate(blocks)
    ]


def _status(answer: Answer) -> str:
    return "incomplete" if answer.finish == "length" else "completed"


def _ended(ticket: Ticket, items: list[Item], status: str, usage: Usage | None) -> dict[str, Any]:
    ended = response_object(ticket, status)
    ended["output"] = [item.whole() for item in items]
    if status == "incomplete":
        ended["incomplete_details"] = {"reason": "max_output_tokens"}
    if usage:
        ended["usage"] = _usage(usage)
    return ended


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_input_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
