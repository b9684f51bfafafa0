"""
The scripted provider without its sockets: one request in, one reply out.

A reply says what to send and when each part is due; sending is the business of ``server``.
"""

import os
from collections.abc import Mapping
from typing import Any

from llm_latency_lens.clock import Clock
from llm_latency_lens.simulator.dialect import Dialect, Ticket, read_fields
from llm_latency_lens.simulator.exchange import (
    JSON_TYPE,
    Call,
    Reply,
    in_one_piece,
    json_reply,
    refusal,
)
from llm_latency_lens.simulator.pacing import Part
from llm_latency_lens.simulator.performance import perform
from llm_latency_lens.simulator.predictions import Predictions
from llm_latency_lens.simulator.records import Entry, Journal
from llm_latency_lens.simulator.replicate import ReplicatePredictions
from llm_latency_lens.simulator.routes import route
from llm_latency_lens.simulator.scene import Scene
from llm_latency_lens.simulator.script import ANY_MODEL, Script
from llm_latency_lens.simulator.turn import Turn

__all__ = ["Provider"]

_OK = 200
_BAD_REQUEST = 400
_NOT_FOUND = 404
_NOT_ALLOWED = 405
_NS_PER_SECOND = 1_000_000_000


class Provider:
    """Answers every request by the script of its model."""

    __slots__ = (
        "_clock",
        "_in_progress",
        "_issued",
        "_issuer",
        "_played",
        "_predictions",
        "_scripts",
        "journal",
    )

    def __init__(self, clock: Clock, scripts: Mapping[str, Script] | None = None) -> None:
        self._clock = clock
        self._scripts = {ANY_MODEL: Script(), **(scripts or {})}
        self._played = dict.fromkeys(self._scripts, 0)
        # Answers by the script that they follow; those that have ended are taken out in passing.
        self._in_progress: dict[str, list[Entry]] = {}
        # Ids of two simulators never meet in one report.
        self._issuer = os.urandom(8).hex()
        self._issued = 0
        self._predictions = Predictions()
        self.journal = Journal()

    def stage(self, model: str, script: Script) -> None:
        """Let *model* follow *script*, from its first turn on."""
        self._scripts[model] = script
        self._played[model] = 0

    def reply(self, call: Call) -> Reply:
        """Return what to send for *call*."""
        path = call.target.partition("?")[0]
        if found := route(call.target):
            if call.method != "POST":
                return refusal(call, _NOT_ALLOWED, f"{path} takes POST, not {call.method}.")
            return self._perform(*found, call)
        if fetched := self._predictions.fetch(call):
            return fetched
        if path in {"/v1/models", "/models"} and call.method == "GET":
            return json_reply(call, _OK, self._models())
        return refusal(call, _NOT_FOUND, f"The simulator knows no {call.method} {path}.")

    def _perform(self, dialect: Dialect, of_path: dict[str, Any], call: Call) -> Reply:
        request_id = self._next_id()
        created_s = self._clock.wall_ns() // _NS_PER_SECOND
        try:
            asked = dialect.asked(read_fields(call.body) | of_path)
        except ValueError as error:
            ticket = Ticket(request_id, "", created_s, 0)
            body = Part(call.received_ns, "", 0, dialect.error(ticket, _BAD_REQUEST, str(error)))
            return in_one_piece(_BAD_REQUEST, [*dialect.headers(ticket), JSON_TYPE], body)
        if isinstance(dialect, ReplicatePredictions):
            is_waited_for = call.is_waiting and not asked.is_streamed
            dialect = ReplicatePredictions(call.authority, is_waited_for)
        followed = asked.model if asked.model in self._scripts else ANY_MODEL
        others = [one for one in self._in_progress.get(followed, ()) if one.ended_ns is None]
        self._in_progress[followed] = others
        scene = Scene(
            dialect=dialect,
            call=call,
            asked=asked,
            turn=self._next_turn(followed, len(others) + 1),
            request_id=request_id,
            created_s=created_s,
            journal=self.journal,
        )
        reply = perform(scene)
        if reply.status == _OK and reply.entry is not None:
            others.append(reply.entry)
        if isinstance(dialect, ReplicatePredictions):
            return self._predictions.begin(scene, reply)
        return reply

    def _next_turn(self, followed: str, in_progress: int) -> Turn:
        number = self._played[followed]
        self._played[followed] = number + 1
        return Turn(self._scripts[followed], number, in_progress)

    def _next_id(self) -> str:
        self._issued += 1
        return f"req_{self._issuer}{self._issued:016x}"

    def _models(self) -> object:
        models = sorted(model for model in self._scripts if model != ANY_MODEL)
        listed = [
            {"id": model, "object": "model", "created": 0, "owned_by": "simulator"}
            for model in models or ["simulated"]
        ]
        return {"object": "list", "data": listed}
