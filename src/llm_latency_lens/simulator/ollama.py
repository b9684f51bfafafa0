"""
Writes Ollama's own API: lines of JSON, the last with counts and times.

https://github.com/ollama/ollama/blob/main/docs/api.md
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from llm_latency_lens.simulator.answer import Answer, Usage
from llm_latency_lens.simulator.dialect import Asked, Headers, Ticket, read_asked, to_json
from llm_latency_lens.simulator.pacing import Event

__all__ = ["OllamaChat", "OllamaGenerate"]

_FINISH = {"stop": "stop", "length": "length", "tool": "stop"}
_ERRORS = {400: "invalid request", 404: "model not found", 503: "server busy"}
# Told with every answer: nothing here loads or evaluates a model.
_LOAD_NS, _PROMPT_NS, _TOKEN_NS = 1_000_000, 2_000_000, 3_000_000


class _Lines:
    """What both paths write alike; they differ in where the text stands."""

    __slots__ = ()

    name = "ollama"
    stream_type = "application/x-ndjson"
    has_messages = True

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what the request body asks for; ValueError when it is no valid request."""
        options = fields.get("options") or {}
        # Ollama streams unless it is told not to; below 1 its limit means none.
        limit = options.get("num_predict")
        own = {
            "stream": fields.get("stream") is not False,
            "num_predict": limit if isinstance(limit, int) and limit > 0 else None,
        }
        return read_asked(
            {**fields, **own},
            ("num_predict",),
            wants_usage=True,
            shows_reasoning=fields.get("think") not in (None, False),
            has_messages=self.has_messages,
        )

    def headers(self, ticket: Ticket) -> Headers:  # noqa: ARG002 - as for every API
        """Return the headers of the API: none of its own."""
        return []

    def events(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> Iterator[Event]:
        """Yield a line for each step, and the last."""
        given = ""
        for step in answer.steps:
            if step.kind == "tool":
                given += step.text
                continue
            text, thinking = ("", step.text) if step.kind == "reasoning" else (step.text, "")
            line = self._line(ticket, text=text, thinking=thinking)
            yield Event(step.kind, step.tokens, to_json(line) + b"\n")
        if answer.tool_call:
            # A call comes whole.
            tokens = sum(step.tokens for step in answer.steps if step.kind == "tool")
            line = self._line(ticket, calls=_calls(answer, given))
            yield Event("tool", tokens, to_json(line) + b"\n")
        last = self._line(ticket) | _end(answer, usage)
        yield Event("usage" if usage else "finish", 0, to_json(last) + b"\n")

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:
        """Return the answer in one piece."""
        whole = self._line(
            ticket,
            text=answer.joined("text"),
            thinking=answer.joined("reasoning"),
            calls=_calls(answer, answer.joined("tool")) if answer.tool_call else None,
        )
        return to_json(whole | _end(answer, usage))

    def error(self, ticket: Ticket, status: int, message: str | None = None) -> bytes:  # noqa: ARG002 - there are no ids
        """Return the error body of *status*, with the API's usual words if *message* is None."""
        return to_json({"error": message or _ERRORS.get(status, "internal server error")})

    def failure(self, ticket: Ticket, sent: int) -> bytes:  # noqa: ARG002 - as for every API
        """Return what the API sends of a failure inside a stream."""
        return self.error(ticket, 500, "an error was encountered while running the model") + b"\n"

    def _line(
        self,
        ticket: Ticket,
        *,
        text: str = "",
        thinking: str = "",
        calls: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        created = datetime.fromtimestamp(ticket.created_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line = {"model": ticket.model, "created_at": created, "done": False}
        return line | self._said(text, thinking, calls)

    def _said(self, text: str, thinking: str, calls: list[dict[str, Any]] | None) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if thinking:
            message["thinking"] = thinking
        if calls:
            message["tool_calls"] = calls
        return {"message": message}


class OllamaChat(_Lines):
    """``/api/chat``."""

    __slots__ = ()


class OllamaGenerate(_Lines):
    """``/api/generate``, which knows no tools."""

    __slots__ = ()

    has_messages = False

    def _said(
        self,
        text: str,
        thinking: str,
        calls: list[dict[str, Any]] | None,  # noqa: ARG002 - as above
    ) -> dict[str, Any]:
        return {"response": text} | ({"thinking": thinking} if thinking else {})


def _calls(answer: Answer, given: str) -> list[dict[str, Any]]:
    call = answer.tool_call
    name, arguments = (call.name, call.arguments) if call else ("", "{}")
    # Cut arguments are no object any more.
    parsed = json.loads(given) if given == arguments else {}
    return [{"function": {"index": 0, "name": name, "arguments": parsed}}]


def _end(answer: Answer, usage: Usage | None) -> dict[str, Any]:
    end: dict[str, Any] = {"done": True, "done_reason": _FINISH[answer.finish]}
    if usage is None:
        return end
    making_ns = usage.output_tokens * _TOKEN_NS
    return end | {
        "total_duration": _LOAD_NS + _PROMPT_NS + making_ns,
        "load_duration": _LOAD_NS,
        "prompt_eval_count": usage.input_tokens,
        "prompt_eval_duration": _PROMPT_NS,
        "eval_count": usage.output_tokens,
        "eval_duration": making_ns,
    }
