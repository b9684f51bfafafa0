"""A scene: one request on its turn of a script, everything that decides the answer."""

from dataclasses import dataclass

from llm_latency_lens.simulator.answer import Usage
from llm_latency_lens.simulator.dialect import Asked, Dialect, Ticket
from llm_latency_lens.simulator.exchange import Call
from llm_latency_lens.simulator.records import Entry, Journal
from llm_latency_lens.simulator.turn import Turn

__all__ = ["Scene"]

_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One request, what it asks for and of which API, and the turn that it got."""

    dialect: Dialect
    call: Call
    asked: Asked
    turn: Turn
    request_id: str
    created_s: int
    journal: Journal

    def ticket(self, wait_ms: int = 0) -> Ticket:
        """Return the ticket of the response, which promises a wait of *wait_ms*."""
        asked = self.asked
        return Ticket(self.request_id, asked.model, self.created_s, wait_ms, asked.vectors)

    def open_entry(
        self, *, status: int = _OK, usage: Usage | None = None, expected_events: int = 0
    ) -> Entry:
        """Return the entry of the request, new in the journal."""
        fault = self.turn.fault if self.turn.status == _OK else None
        facts = {
            "id": self.request_id,
            "api": self.dialect.name,
            "model": self.asked.model,
            "is_streamed": self.asked.is_streamed,
            "status": status,
            "connection": self.call.connection,
            "retry_count": self.call.retry_count,
            "accepted_ns": self.call.accepted_ns,
            "received_ns": self.call.received_ns,
            "fault": fault.kind if fault else None,
        }
        return self.journal.open(facts, usage, expected_events)
