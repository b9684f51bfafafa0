"""
The scripted provider without its sockets: one request in, one reply out.

A reply says what to send and when each part is due; sending is the business of ``server``.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from llm_latency_lens.clock import Clock
from llm_latency_lens.simulator.answer import Answer, Usage, compose
from llm_latency_lens.simulator.anthropic import AnthropicMessages
from llm_latency_lens.simulator.dialect import Asked, Dialect, Ticket, read_fields
from llm_latency_lens.simulator.exchange import (
    JSON_TYPE,
    Call,
    Reply,
    in_one_piece,
    json_reply,
    refusal,
)
from llm_latency_lens.simulator.openai_chat import OpenAIChat
from llm_latency_lens.simulator.pacing import Part, schedule
from llm_latency_lens.simulator.records import Entry, Journal
from llm_latency_lens.simulator.script import ANY_MODEL, Script
from llm_latency_lens.simulator.turn import Turn

__all__ = ["Provider"]

_OPENAI: Dialect = OpenAIChat()
_ANTHROPIC: Dialect = AnthropicMessages()
_DIALECTS = {
    "/v1/chat/completions": _OPENAI,
    "/chat/completions": _OPENAI,
    "/v1/messages": _ANTHROPIC,
}
_OK = 200
_BAD_REQUEST = 400
_NOT_FOUND = 404
_NOT_ALLOWED = 405
_NS_PER_MS = 1_000_000
_NS_PER_SECOND = 1_000_000_000
_BOOKKEEPING_EVENTS = 10


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything that decides one answer."""

    dialect: Dialect
    call: Call
    asked: Asked
    turn: Turn


class Provider:
    """Answers every request by the script of its model."""

    __slots__ = ("_clock", "_issued", "_issuer", "_played", "_scripts", "journal")

    def __init__(self, clock: Clock, scripts: Mapping[str, Script] | None = None) -> None:
        self._clock = clock
        self._scripts = {ANY_MODEL: Script(), **(scripts or {})}
        self._played = dict.fromkeys(self._scripts, 0)
        # Ids of two simulators never meet in one report.
        self._issuer = os.urandom(8).hex()
        self._issued = 0
        self.journal = Journal()

    def stage(self, model: str, script: Script) -> None:
        """Let *model* follow *script*, from its first turn on."""
        self._scripts[model] = script
        self._played[model] = 0

    def reply(self, call: Call) -> Reply:
        """Return what to send for *call*."""
        path = call.target.partition("?")[0]
        if dialect := _DIALECTS.get(path):
            if call.method != "POST":
                return refusal(call, _NOT_ALLOWED, f"{path} takes POST, not {call.method}.")
            return self._perform(dialect, call)
        if path in {"/v1/models", "/models"} and call.method == "GET":
            return json_reply(call, _OK, self._models())
        return refusal(call, _NOT_FOUND, f"The simulator knows no {call.method} {path}.")

    def _perform(self, dialect: Dialect, call: Call) -> Reply:
        try:
            asked = dialect.asked(read_fields(call.body))
        except ValueError as error:
            ticket = self._ticket("", 0)
            body = Part(call.received_ns, "", 0, dialect.error(ticket, _BAD_REQUEST, str(error)))
            return in_one_piece(_BAD_REQUEST, [*dialect.headers(ticket), JSON_TYPE], body)
        scene = _Scene(dialect, call, asked, self._next_turn(asked.model))
        if scene.turn.status != _OK:
            return self._fail(scene)
        script = scene.turn.script
        answer = compose(
            script,
            asked.token_limit,
            show_reasoning=script.show_reasoning or dialect is _ANTHROPIC,
        )
        usage = answer.usage if script.usage and asked.wants_usage else None
        send = self._stream if asked.is_streamed else self._send_whole
        return send(scene, answer, usage)

    def _stream(self, scene: _Scene, answer: Answer, usage: Usage | None) -> Reply:
        dialect, turn = scene.dialect, scene.turn
        ticket = self._ticket(scene.asked.model, 0)
        headers = [
            *dialect.headers(ticket),
            ("content-type", "text/event-stream; charset=utf-8"),
            ("cache-control", "no-cache"),
        ]
        events = dialect.events(ticket, answer, usage)
        parts = schedule(events, scene.call.received_ns, turn.ttft_ns, turn.gaps_ns())
        expected = len(answer.steps) + _BOOKKEEPING_EVENTS
        return Reply(_OK, headers, parts, self._entry(scene, ticket, usage, expected))

    def _send_whole(self, scene: _Scene, answer: Answer, usage: Usage | None) -> Reply:
        latency_ns = scene.turn.whole_ns(len(answer.steps))
        ticket = self._ticket(scene.asked.model, latency_ns // _NS_PER_MS)
        payload = scene.dialect.body(ticket, answer, usage)
        body = Part(scene.call.received_ns + latency_ns, "body", answer.tokens, payload)
        headers = [*scene.dialect.headers(ticket), JSON_TYPE]
        return in_one_piece(_OK, headers, body, self._entry(scene, ticket, usage, 1))

    def _fail(self, scene: _Scene) -> Reply:
        status = scene.turn.status
        latency_ns = scene.turn.latency_ns or 0
        ticket = self._ticket(scene.asked.model, latency_ns // _NS_PER_MS)
        headers = [*scene.dialect.headers(ticket), JSON_TYPE]
        if (wait_ns := scene.turn.script.retry_after_ns) is not None:
            headers.append(("retry-after", str(-(-wait_ns // _NS_PER_SECOND))))
            headers.append(("retry-after-ms", str(wait_ns // _NS_PER_MS)))
        payload = scene.dialect.error(ticket, status)
        body = Part(scene.call.received_ns + latency_ns, "", 0, payload)
        return in_one_piece(status, headers, body, self._entry(scene, ticket, None, 0))

    def _next_turn(self, model: str) -> Turn:
        followed = model if model in self._scripts else ANY_MODEL
        number = self._played[followed]
        self._played[followed] = number + 1
        return Turn(self._scripts[followed], number)

    def _ticket(self, model: str, wait_ms: int) -> Ticket:
        self._issued += 1
        return Ticket(
            request_id=f"req_{self._issuer}{self._issued:016x}",
            model=model,
            created_s=self._clock.wall_ns() // _NS_PER_SECOND,
            wait_ms=wait_ms,
        )

    def _entry(
        self, scene: _Scene, ticket: Ticket, usage: Usage | None, expected_events: int
    ) -> Entry:
        facts = {
            "id": ticket.request_id,
            "api": scene.dialect.name,
            "model": scene.asked.model,
            "is_streamed": scene.asked.is_streamed,
            "status": scene.turn.status,
            "connection": scene.call.connection,
            "retry_count": scene.call.retry_count,
            "accepted_ns": scene.call.accepted_ns,
            "received_ns": scene.call.received_ns,
        }
        return self.journal.open(facts, usage, expected_events)

    def _models(self) -> object:
        models = sorted(model for model in self._scripts if model != ANY_MODEL)
        listed = [
            {"id": model, "object": "model", "created": 0, "owned_by": "simulator"}
            for model in models or ["simulated"]
        ]
        return {"object": "list", "data": listed}
