"""
Writes Anthropic Messages: bodies, stream events, errors, headers.

https://docs.anthropic.com/en/api/messages-streaming
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from llm_latency_lens.simulator.answer import Answer, Step, StepKind, Usage
from llm_latency_lens.simulator.dialect import Asked, Headers, Ticket, read_asked, to_json
from llm_latency_lens.simulator.pacing import Event

__all__ = ["AnthropicMessages"]

_FINISH = {"stop": "end_turn", "length": "max_tokens", "tool": "tool_use"}
_SIGNATURE = "c2ltdWxhdGVk"
_PLACEHOLDER_TOKENS = 1
_LIMITS = {
    "requests": (4000, 3999),
    "tokens": (480_000, 479_000),
    "input-tokens": (400_000, 399_000),
    "output-tokens": (80_000, 80_000),
}
_ERRORS = {
    400: ("invalid_request_error", "Invalid request."),
    401: ("authentication_error", "invalid x-api-key"),
    402: ("billing_error", "Your credit balance is too low."),
    403: ("permission_error", "Your API key has no permission to use this resource."),
    404: ("not_found_error", "The requested resource could not be found."),
    408: ("timeout_error", "The request timed out."),
    409: ("conflict_error", "The resource was updated by another request."),
    413: ("request_too_large", "Request exceeds the maximum size."),
    429: ("rate_limit_error", "This request would exceed your rate limit."),
    504: ("timeout_error", "The request timed out."),
    529: ("overloaded_error", "Overloaded"),
}
_SERVER_ERROR = ("api_error", "Internal server error")
_LOWEST_SERVER_ERROR = 500


class AnthropicMessages:
    """The Messages API."""

    __slots__ = ()

    name = "anthropic_messages"
    stream_type = "text/event-stream; charset=utf-8"

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what the request body asks for; ValueError when it is no valid request."""
        return read_asked(fields, ("max_tokens",), wants_usage=True, shows_reasoning=True)

    def headers(self, ticket: Ticket) -> Headers:
        """Return the headers that the API sends with every answer."""
        reset = datetime.fromtimestamp(ticket.created_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        limits = [
            (f"anthropic-ratelimit-{name}-{word}", value)
            for name, (limit, remaining) in _LIMITS.items()
            for word, value in (
                ("limit", str(limit)),
                ("remaining", str(remaining)),
                ("reset", reset),
            )
        ]
        return [
            ("request-id", ticket.request_id),
            ("anthropic-organization-id", "simulated"),
            ("server-timing", f"proxy;dur={ticket.wait_ms}"),
            *limits,
        ]

    def events(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> Iterator[Event]:
        """Yield message start, one block per kind of content, the final usage and the end."""
        placeholder = _input_usage(usage, _PLACEHOLDER_TOKENS) if usage else None
        start = {"type": "message_start", "message": _message(ticket, [], None, placeholder)}
        yield _event("start", start, is_prelude=True)
        blocks = [(kind, tuple(steps)) for kind, steps in groupby(answer.steps, _kind)]
        if not blocks:
            blocks = [("text", ())]
        for index, (kind, steps) in enumerate(blocks):
            yield from _block(index, kind, steps, answer, ticket)
        finish: dict[str, Any] = {
            "type": "message_delta",
            "delta": {"stop_reason": _FINISH[answer.finish], "stop_sequence": None},
        }
        if usage:
            finish["usage"] = _final_usage(usage)
        yield _event("usage" if usage else "finish", finish)
        yield _event("done", {"type": "message_stop"})

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:
        """Return the message in one piece."""
        content: list[dict[str, Any]] = []
        if thinking := answer.joined("reasoning"):
            content.append({"type": "thinking", "thinking": thinking, "signature": _SIGNATURE})
        if text := answer.joined("text"):
            content.append({"type": "text", "text": text})
        if answer.tool_call:
            # Cut arguments are no object any more; the API then sends an empty one.
            whole = answer.joined("tool") == answer.tool_call.arguments
            given = json.loads(answer.tool_call.arguments) if whole else {}
            content.append({**_tool_block(answer, ticket), "input": given})
        final = _final_usage(usage) if usage else None
        return to_json(_message(ticket, content, _FINISH[answer.finish], final))

    def error(self, ticket: Ticket, status: int, message: str | None = None) -> bytes:
        """Return the error body of *status*, with the API's usual words if *message* is None."""
        fallback = _SERVER_ERROR if status >= _LOWEST_SERVER_ERROR else _ERRORS[400]
        kind, words = _ERRORS.get(status, fallback)
        error = {"type": kind, "message": message or words}
        return to_json({"type": "error", "error": error, "request_id": ticket.request_id})


def _kind(step: Step) -> StepKind:
    return step.kind


def _event(
    kind: str, value: Mapping[str, Any], tokens: int = 0, *, is_prelude: bool = False
) -> Event:
    name = value["type"].encode()
    return Event(kind, tokens, b"event: %b\ndata: %b\n\n" % (name, to_json(value)), is_prelude)


def _block(
    index: int, kind: StepKind, steps: tuple[Step, ...], answer: Answer, ticket: Ticket
) -> Iterator[Event]:
    opening: dict[str, Any] = {"type": "content_block_start", "index": index}
    is_prelude = index == 0
    if kind == "tool":
        opening["content_block"] = _tool_block(answer, ticket)
        # The block names the tool, so it is the first token of the call and no prelude.
        yield _event("tool", opening, steps[0].tokens)
        steps = steps[1:]
    elif kind == "reasoning":
        opening["content_block"] = {"type": "thinking", "thinking": "", "signature": ""}
        yield _event("block", opening, is_prelude=is_prelude)
    else:
        opening["content_block"] = {"type": "text", "text": ""}
        yield _event("block", opening, is_prelude=is_prelude)
    if index == 0:
        yield _event("ping", {"type": "ping"}, is_prelude=is_prelude)
    yield from _deltas(index, kind, steps)
    yield _event("block", {"type": "content_block_stop", "index": index})


def _deltas(index: int, kind: StepKind, steps: tuple[Step, ...]) -> Iterator[Event]:
    delta, word = {
        "text": (b"text_delta", b"text"),
        "reasoning": (b"thinking_delta", b"thinking"),
        "tool": (b"input_json_delta", b"partial_json"),
    }[kind]
    head = (
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,'
        b'"delta":{"type":"%b","%b":' % (index, delta, word)
    )
    if kind == "tool":
        # As recorded: the first fragment of the arguments is empty.
        yield Event("fragment", 0, head + b'""}}\n\n')
    for step in steps:
        yield Event(kind, step.tokens, head + step.quoted + b"}}\n\n")
    if kind == "reasoning":
        signature = {"type": "signature_delta", "signature": _SIGNATURE}
        closing = {"type": "content_block_delta", "index": index, "delta": signature}
        yield _event("signature", closing)


def _tool_block(answer: Answer, ticket: Ticket) -> dict[str, Any]:
    name = answer.tool_call.name if answer.tool_call else ""
    call_id = "toolu_" + ticket.request_id.removeprefix("req_")
    return {"type": "tool_use", "id": call_id, "name": name, "input": {}}


def _message(
    ticket: Ticket,
    content: list[dict[str, Any]],
    stop_reason: str | None,
    usage: Mapping[str, Any] | None,
) -> dict[str, Any]:
    message = {
        "id": "msg_" + ticket.request_id.removeprefix("req_"),
        "type": "message",
        "role": "assistant",
        "model": ticket.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
    }
    return message | ({"usage": usage} if usage else {})


def _input_usage(usage: Usage, output_tokens: int) -> dict[str, Any]:
    # Here the input excludes what was read from or written to the cache; the sum of the
    # three is the input of the script.
    cached, written = usage.cached_input_tokens, usage.cache_write_tokens
    return {
        "input_tokens": usage.input_tokens - cached - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": cached,
        "cache_creation": {
            "ephemeral_5m_input_tokens": written,
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": output_tokens,
        "service_tier": "standard",
    }


def _final_usage(usage: Usage) -> dict[str, Any]:
    details = {"thinking_tokens": usage.reasoning_tokens}
    return {**_input_usage(usage, usage.output_tokens), "output_tokens_details": details}
