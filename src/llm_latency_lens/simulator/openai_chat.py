"""
Writes OpenAI Chat Completions: bodies, stream chunks, errors, headers.

https://platform.openai.com/docs/api-reference/chat
"""

from collections.abc import Iterator, Mapping
from typing import Any

from llm_latency_lens.simulator.answer import Answer, Step, Usage
from llm_latency_lens.simulator.dialect import Asked, Headers, Ticket, read_asked, to_json
from llm_latency_lens.simulator.openai_http import openai_error, openai_headers
from llm_latency_lens.simulator.pacing import Event

__all__ = ["OpenAIChat"]

_FINISH = {"stop": "stop", "length": "length", "tool": "tool_calls"}
_FINGERPRINT = "fp_simulated"


class OpenAIChat:
    """The Chat Completions API."""

    __slots__ = ()

    name = "openai_chat"
    stream_type = "text/event-stream; charset=utf-8"

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what the request body asks for; ValueError when it is no valid request."""
        options = fields.get("stream_options")
        return read_asked(
            fields,
            ("max_completion_tokens", "max_tokens"),
            wants_usage=not fields.get("stream")
            or (isinstance(options, dict) and options.get("include_usage") is True),
        )

    def headers(self, ticket: Ticket) -> Headers:
        """Return the headers that the API sends with every answer."""
        return openai_headers(ticket)

    def events(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> Iterator[Event]:
        """Yield role, tokens, finish, usage and end; only the tokens have tokens."""
        envelope = _envelope(ticket, "chat.completion.chunk")
        head = b"data: " + to_json(envelope)[:-1] + b',"choices":[{"index":0,"delta":'
        # Every chunk says "usage": null once usage was asked for.
        null_usage = b',"usage":null' if usage else b""
        tail = b',"logprobs":null,"finish_reason":null}]' + null_usage + b"}\n\n"
        role = b'{"role":"assistant","content":%b,"refusal":null}'
        content = b"null" if _is_tool_only(answer) else b'""'
        yield Event("role", 0, head + role % content + tail, is_prelude=True)
        for step in answer.steps:
            yield Event(step.kind, step.tokens, head + _delta(step, answer, ticket) + tail)
        finish = b'{},"logprobs":null,"finish_reason":"%b"}]%b}\n\n'
        reason = _FINISH[answer.finish].encode()
        yield Event("finish", 0, head + finish % (reason, null_usage))
        if usage:
            closing = {**envelope, "choices": [], "usage": _usage(usage)}
            yield Event("usage", 0, b"data: " + to_json(closing) + b"\n\n")
        yield Event("done", 0, b"data: [DONE]\n\n")

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:
        """Return the completion in one piece."""
        message: dict[str, Any] = {
            "role": "assistant",
            "content": None if _is_tool_only(answer) else answer.joined("text"),
            "refusal": None,
            "annotations": [],
        }
        if reasoning := answer.joined("reasoning"):
            message["reasoning_content"] = reasoning
        if answer.tool_call:
            function = {"name": answer.tool_call.name, "arguments": answer.joined("tool")}
            message["tool_calls"] = [
                {"id": _call_id(ticket), "type": "function", "function": function}
            ]
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _FINISH[answer.finish],
        }
        completion = {**_envelope(ticket, "chat.completion"), "choices": [choice]}
        return to_json(completion | ({"usage": _usage(usage)} if usage else {}))

    def error(self, ticket: Ticket, status: int, message: str | None = None) -> bytes:  # noqa: ARG002 - the id is in the headers only
        """Return the error body of *status*, with the API's usual words if *message* is None."""
        return openai_error(status, message)


def _envelope(ticket: Ticket, kind: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-" + ticket.request_id.removeprefix("req_"),
        "object": kind,
        "created": ticket.created_s,
        "model": ticket.model,
        "service_tier": "default",
        "system_fingerprint": _FINGERPRINT,
    }


def _delta(step: Step, answer: Answer, ticket: Ticket) -> bytes:
    if step.kind == "text":
        return b'{"content":%b}' % step.quoted
    if step.kind == "reasoning":
        return b'{"reasoning_content":%b}' % step.quoted
    if step.text or answer.tool_call is None:
        return b'{"tool_calls":[{"index":0,"function":{"arguments":%b}}]}' % step.quoted
    function = {"name": answer.tool_call.name, "arguments": ""}
    first = {"index": 0, "id": _call_id(ticket), "type": "function", "function": function}
    return to_json({"tool_calls": [first]})


def _call_id(ticket: Ticket) -> str:
    return "call_" + ticket.request_id.removeprefix("req_")


def _is_tool_only(answer: Answer) -> bool:
    return answer.tool_call is not None and not any(step.kind == "text" for step in answer.steps)


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_input_tokens,
            "audio_tokens": 0,
            # Servers without priced cache writes leave the field out.
            **(
                {"cache_write_tokens": usage.cache_write_tokens} if usage.cache_write_tokens else {}
            ),
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
