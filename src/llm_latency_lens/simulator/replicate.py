"""
Writes Replicate's predictions: their states, the stream of their output, errors, headers.

When a prediction is asked for and when it is fetched is the business of ``predictions``.
https://replicate.com/docs/reference/http
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from llm_latency_lens.simulator.answer import Answer, Step, Usage
from llm_latency_lens.simulator.dialect import Asked, Headers, Ticket, read_asked, to_json
from llm_latency_lens.simulator.pacing import Event

__all__ = ["ReplicatePredictions"]

_LIMITS = ("max_tokens", "max_new_tokens")
_ERRORS = {
    401: ("Unauthenticated", "You did not pass a valid authentication token"),
    404: ("Not found", "The requested resource could not be found."),
    422: ("Input validation failed", "The input is invalid."),
    429: ("Too Many Requests", "Request was throttled. Expected available in 1 second."),
}
_OTHER = ("Internal Server Error", "There was an error while processing the request.")
_MS_PER_S = 1_000


@dataclass(frozen=True, slots=True)
class ReplicatePredictions:
    """
    The predictions API, at one address.

    Attributes:
        authority: Host and port that addresses in its answers have.
        is_waited_for: The one request waits for the output; the API then tells it as going on.
    """

    authority: str = ""
    is_waited_for: bool = False

    name = "replicate"
    stream_type = "text/event-stream"

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what path and body ask for; ValueError when it is no valid request."""
        given = fields.get("input")
        if not isinstance(given, Mapping):
            raise ValueError("- input: An input is required.")  # noqa: TRY004 - as all requests refused
        words = {word: given[word] for word in _LIMITS if word in given}
        model = fields.get("model") or fields.get("version")
        return read_asked(
            {**words, "model": model, "stream": fields.get("stream")},
            _LIMITS,
            wants_usage=False,
            has_messages=False,
        )

    def headers(self, ticket: Ticket) -> Headers:  # noqa: ARG002 - there are no ids
        """Return the headers that the API sends with every answer."""
        return [("ratelimit-remaining", "599"), ("ratelimit-reset", "1")]

    def state(self, ticket: Ticket, status: str) -> dict[str, Any]:
        """Return a prediction without output."""
        number, at = _id(ticket), f"http://{self.authority}/v1"
        return {
            "id": number,
            "model": ticket.model,
            "version": "simulated",
            "input": {},
            "logs": "",
            "output": None,
            "error": None,
            "status": status,
            "created_at": _moment(ticket, 0),
            "urls": {
                "cancel": f"{at}/predictions/{number}/cancel",
                "get": f"{at}/predictions/{number}",
                "stream": f"{at}/streams/{number}",
            },
        }

    def events(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> Iterator[Event]:  # noqa: ARG002 - it is told nowhere
        """Yield a comment, the output piece by piece, and the end."""
        yield Event("start", 0, b": hi\n\n", is_prelude=True)
        number = 0
        for number, step in enumerate(answer.steps, 1):
            event = _event(ticket, "output", number, _text(step, answer))
            yield Event(step.kind, step.tokens, event)
        yield Event("done", 0, _event(ticket, "done", number + 1, "{}"))

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:  # noqa: ARG002 - as above
        """Return the prediction with its output."""
        told = self.state(ticket, "processing" if self.is_waited_for else "succeeded")
        told["output"] = [_text(step, answer) for step in answer.steps]
        if not self.is_waited_for:
            told["started_at"] = _moment(ticket, 0)
            told["completed_at"] = _moment(ticket, ticket.wait_ms)
            told["metrics"] = {"predict_time": ticket.wait_ms / _MS_PER_S}
        return to_json(told)

    def error(self, ticket: Ticket, status: int, message: str | None = None) -> bytes:  # noqa: ARG002 - there are no ids
        """Return the error body of *status*, with the API's usual words if *message* is None."""
        title, detail = _ERRORS.get(status, _OTHER)
        return to_json({"title": title, "detail": message or detail, "status": status})

    def failure(self, ticket: Ticket, sent: int) -> bytes:
        """Return what the API sends of a failure inside a stream, after *sent* events."""
        error = _event(ticket, "error", sent, "Prediction failed.")
        return error + _event(ticket, "done", sent + 1, '{"reason": "error"}')


def _text(step: Step, answer: Answer) -> str:
    """Return the text of a step; the first one of a tool has none but its name."""
    return step.text or (answer.tool_call.name if answer.tool_call else "")


def _event(ticket: Ticket, name: str, number: int, text: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in text.split("\n"))
    return f"event: {name}\nid: {ticket.created_s}:{number}\n{lines}\n".encode()


def _id(ticket: Ticket) -> str:
    return ticket.request_id.removeprefix("req_")


def _moment(ticket: Ticket, after_ms: int) -> str:
    moment = datetime.fromtimestamp(ticket.created_s + after_ms / _MS_PER_S, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
