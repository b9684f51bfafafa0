"""
Writes Cohere's chat, version 2: bodies, stream events, errors, headers.

https://docs.cohere.com/reference/chat-stream
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from llm_latency_lens.simulator.answer import Answer, Step, StepKind, Usage
from llm_latency_lens.simulator.dialect import Asked, Headers, Ticket, read_asked, to_json
from llm_latency_lens.simulator.pacing import Event

__all__ = ["CohereV2"]

_FINISH = {"stop": "COMPLETE", "length": "MAX_TOKENS", "tool": "TOOL_CALL"}
_ERRORS = {
    401: "invalid api token",
    404: "model not found",
    429: "You are past the per minute request limit, please wait and try again later.",
}
# What the vendor puts around a prompt is counted, and not billed.
_UNBILLED_TOKENS = 4


class CohereV2:
    """The chat API."""

    __slots__ = ()

    name = "cohere_v2"
    stream_type = "text/event-stream"

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what the request body asks for; ValueError when it is no valid request."""
        return read_asked(fields, ("max_tokens",), wants_usage=True, shows_reasoning=True)

    def headers(self, ticket: Ticket) -> Headers:
        """Return the headers that the API sends with every answer."""
        return [
            ("x-debug-trace-id", ticket.request_id),
            ("x-envoy-upstream-service-time", str(ticket.wait_ms)),
            ("x-trial-endpoint-call-limit", "40"),
            ("x-trial-endpoint-call-remaining", "39"),
        ]

    def events(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> Iterator[Event]:
        """Yield start, a block for each kind of content, and the end with the usage."""
        empty = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": []}
        start = {"id": _id(ticket), "type": "message-start", "delta": {"message": empty}}
        yield _event("start", start, is_prelude=True)
        for index, (kind, steps) in enumerate(groupby(answer.steps, _kind)):
            yield from _block(index, kind, steps, answer, ticket)
        delta: dict[str, Any] = {"finish_reason": _FINISH[answer.finish]}
        if usage:
            delta["usage"] = _usage(usage)
        yield _event("usage" if usage else "finish", {"type": "message-end", "delta": delta})
        yield Event("done", 0, b"data: [DONE]\n\n")

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:
        """Return the answer in one piece."""
        content: list[dict[str, Any]] = []
        if thinking := answer.joined("reasoning"):
            content.append({"type": "thinking", "thinking": thinking})
        if text := answer.joined("text"):
            content.append({"type": "text", "text": text})
        message: dict[str, Any] = {"role": "assistant", "content": content}
        if answer.tool_call:
            message["tool_calls"] = [_call(answer, ticket, answer.joined("tool"))]
        whole = {
            "id": _id(ticket),
            "message": message,
            "finish_reason": _FINISH[answer.finish],
        }
        return to_json(whole | ({"usage": _usage(usage)} if usage else {}))

    def error(self, ticket: Ticket, status: int, message: str | None = None) -> bytes:
        """Return the error body of *status*, with the API's usual words if *message* is None."""
        words = _ERRORS.get(status, "internal server error")
        return to_json({"id": _id(ticket), "message": message or words})

    def failure(self, ticket: Ticket, sent: int) -> bytes:  # noqa: ARG002 - as for every API
        """Return what the API sends of a failure inside a stream: an end like any other."""
        delta = {
            "finish_reason": "ERROR",
            "usage": {},
            "error": "your request resulted in an invalid tool generation.",
            "error_type": "INVALID_TOOL_GENERATION",
        }
        end = _event("error", {"type": "message-end", "delta": delta})
        return end.payload + b"data: [DONE]\n\n"


def _kind(step: Step) -> StepKind:
    return step.kind


def _id(ticket: Ticket) -> str:
    return ticket.request_id.removeprefix("req_")


def _event(
    kind: str, value: Mapping[str, Any], tokens: int = 0, *, is_prelude: bool = False
) -> Event:
    name = value["type"].encode()
    return Event(kind, tokens, b"event: %b\ndata: %b\n\n" % (name, to_json(value)), is_prelude)


def _block(
    index: int, kind: StepKind, steps: Iterator[Step], answer: Answer, ticket: Ticket
) -> Iterator[Event]:
    def told(event: str, **message: Any) -> dict[str, Any]:
        return {"type": event, "index": index, "delta": {"message": message}}

    if kind == "tool":
        # The start names the tool, so it is the first token of the call.
        first = next(steps)
        start = told("tool-call-start", tool_calls=_call(answer, ticket, ""))
        yield _event(kind, start, first.tokens)
        for step in steps:
            delta = told("tool-call-delta", tool_calls={"function": {"arguments": step.text}})
            yield _event(kind, delta, step.tokens)
        yield _event("block", {"type": "tool-call-end", "index": index})
        return
    word = "thinking" if kind == "reasoning" else "text"
    opening = told("content-start", content={"type": word, word: ""})
    yield _event("block", opening, is_prelude=index == 0)
    for step in steps:
        yield _event(kind, told("content-delta", content={word: step.text}), step.tokens)
    yield _event("block", {"type": "content-end", "index": index})


def _call(answer: Answer, ticket: Ticket, arguments: str) -> dict[str, Any]:
    name = answer.tool_call.name if answer.tool_call else ""
    function = {"name": name, "arguments": arguments}
    return {"id": f"{name}_{_id(ticket)}", "type": "function", "function": function}


def _usage(usage: Usage) -> dict[str, Any]:
    told: dict[str, Any] = {
        "billed_units": {
            "input_tokens": max(usage.input_tokens - _UNBILLED_TOKENS, 0),
            "output_tokens": usage.output_tokens,
        },
        "tokens": {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens},
    }
    if usage.cached_input_tokens:
        told["cached_tokens"] = usage.cached_input_tokens
    return told
