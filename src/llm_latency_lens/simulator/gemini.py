"""
Writes Gemini's generateContent: bodies, streams in events and in one array, errors, headers.

https://ai.google.dev/api/generate-content
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from llm_latency_lens.simulator.answer import Answer, Usage
from llm_latency_lens.simulator.dialect import Asked, Headers, Ticket, read_asked, to_json
from llm_latency_lens.simulator.pacing import Event

__all__ = ["Form", "GeminiContent"]

Form = Literal["sse", "array"]

_FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "tool": "STOP"}
_ERRORS = {
    400: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    401: ("UNAUTHENTICATED", "API keys are not supported by this API."),
    403: ("PERMISSION_DENIED", "The caller does not have permission."),
    404: ("NOT_FOUND", "The model is not found."),
    429: ("RESOURCE_EXHAUSTED", "You exceeded your current quota."),
    503: ("UNAVAILABLE", "The model is overloaded. Please try again later."),
    504: ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
}
_OTHER = ("INTERNAL", "An internal error has occurred.")


class GeminiContent:
    """The API, with its streams as events or as an array."""

    __slots__ = ("_form",)

    name = "gemini"

    def __init__(self, form: Form) -> None:
        self._form = form

    @property
    def stream_type(self) -> str:
        """The content type of a stream."""
        return "text/event-stream" if self._form == "sse" else "application/json; charset=UTF-8"

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what path and body ask for; ValueError when it is no valid request."""
        if not isinstance(fields.get("contents"), list):
            raise ValueError("contents is not specified")  # noqa: TRY004 - as all requests refused
        config = fields.get("generationConfig") or {}
        thinking = config.get("thinkingConfig") or {}
        limit = {"maxOutputTokens": config.get("maxOutputTokens")}
        return read_asked(
            {**fields, **limit},
            ("maxOutputTokens",),
            wants_usage=True,
            shows_reasoning=thinking.get("includeThoughts") is True,
            has_messages=False,
        )

    def headers(self, ticket: Ticket) -> Headers:
        """Return the headers that the API sends with every answer: no id, no limits."""
        return [("server-timing", f"gfet4t7; dur={ticket.wait_ms}")]

    def events(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> Iterator[Event]:
        """Yield an object for each step and one with the reason at the end."""
        prefix = b"["
        given = ""
        for step in answer.steps:
            if step.kind == "tool":
                given += step.text
                continue
            part: dict[str, Any] = {"text": step.text}
            if step.kind == "reasoning":
                part["thought"] = True
            payload = self._framed(prefix, _object(ticket, [part]))
            yield Event(step.kind, step.tokens, payload)
            prefix = b"\n,\n"
        if answer.tool_call:
            # A call comes whole.
            tokens = sum(step.tokens for step in answer.steps if step.kind == "tool")
            parts = [_call(answer, given)]
            yield Event("tool", tokens, self._framed(prefix, _object(ticket, parts)))
            prefix = b"\n,\n"
        last = _object(ticket, [{"text": ""}], _FINISH[answer.finish])
        if usage:
            last["usageMetadata"] = _usage(usage)
        payload = self._framed(prefix, last)
        yield Event("usage" if usage else "finish", 0, payload)
        if self._form == "array":
            yield Event("done", 0, b"\n]")

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:
        """Return the answer in one piece."""
        parts: list[dict[str, Any]] = []
        if thinking := answer.joined("reasoning"):
            parts.append({"text": thinking, "thought": True})
        if text := answer.joined("text"):
            parts.append({"text": text})
        if answer.tool_call:
            parts.append(_call(answer, answer.joined("tool")))
        whole = _object(ticket, parts, _FINISH[answer.finish])
        if usage:
            whole["usageMetadata"] = _usage(usage)
        return json.dumps(whole, indent=2).encode()

    def error(self, ticket: Ticket, status: int, message: str | None = None) -> bytes:  # noqa: ARG002 - there are no ids
        """Return the error body of *status*, with the API's usual words if *message* is None."""
        word, words = _ERRORS.get(status, _OTHER)
        return to_json({"error": {"code": status, "message": message or words, "status": word}})

    def failure(self, ticket: Ticket, sent: int) -> bytes:
        """Return what the API sends of a failure inside a stream, after *sent* objects."""
        body = self.error(ticket, 503)
        if self._form == "array":
            return (b"\n,\n" if sent else b"[") + body + b"\n]"
        return b"data: %b\r\n\r\n" % body

    def _framed(self, prefix: bytes, value: Mapping[str, Any]) -> bytes:
        if self._form == "array":
            return prefix + json.dumps(value, indent=2).encode()
        return b"data: %b\r\n\r\n" % json.dumps(value).encode()


def _object(
    ticket: Ticket, parts: list[dict[str, Any]], finish: str | None = None
) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {
        "candidates": [candidate],
        "modelVersion": ticket.model,
        "responseId": ticket.request_id.removeprefix("req_"),
    }


def _call(answer: Answer, given: str) -> dict[str, Any]:
    call = answer.tool_call
    name, arguments = (call.name, call.arguments) if call else ("", "{}")
    # Cut arguments are no object any more; the API then sends an empty one.
    return {"functionCall": {"name": name, "args": json.loads(given) if given == arguments else {}}}


def _usage(usage: Usage) -> dict[str, Any]:
    # Thoughts are no part of the candidates here; cached tokens are part of the prompt.
    told = {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": usage.output_tokens - usage.reasoning_tokens,
        "totalTokenCount": usage.input_tokens + usage.output_tokens,
    }
    if usage.reasoning_tokens:
        told["thoughtsTokenCount"] = usage.reasoning_tokens
    if usage.cached_input_tokens:
        told["cachedContentTokenCount"] = usage.cached_input_tokens
    return told
