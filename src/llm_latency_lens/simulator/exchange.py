"""Values between the server and what it serves: a call read from a socket, a reply to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from llm_latency_lens.simulator.dialect import Headers, to_json
from llm_latency_lens.simulator.pacing import Part
from llm_latency_lens.simulator.records import Entry

__all__ = ["JSON_TYPE", "Call", "Ending", "Reply", "in_one_piece", "json_reply", "refusal"]

Ending = Literal["whole", "cut", "silent"]

JSON_TYPE = ("content-type", "application/json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One HTTP request as the server read it; the body is dropped once it was answered.

    ``authority`` is the host that it was sent to; ``is_waiting`` tells that it prefers to wait.
    """

    method: str
    target: str
    body: bytes = b""
    retry_count: int | None = None
    authority: str = ""
    is_waiting: bool = False
    connection: int = 1
    accepted_ns: int = 0
    received_ns: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """
    What to send: without a length in the headers, the parts form a chunked body.

    A ``cut`` reply is not ended as HTTP wants it: after its parts the connection is closed.
    Nothing of a ``silent`` one is sent, not even the head; its parts are a wait without bytes.
    """

    status: int
    headers: Headers
    parts: Iterator[Part]
    entry: Entry | None = None
    ending: Ending = "whole"

    @property
    def has_length(self) -> bool:
        """Whether the headers announce the length of the body."""
        return any(name == "content-length" for name, _ in self.headers)


def in_one_piece(status: int, headers: Headers, body: Part, entry: Entry | None = None) -> Reply:
    """Return a reply of one part, with its length."""
    length = ("content-length", str(len(body.payload)))
    return Reply(status, [*headers, length], iter([body]), entry)


def json_reply(call: Call, status: int, value: object) -> Reply:
    """Return *value* as JSON, due at once and left out of the records."""
    return in_one_piece(status, [JSON_TYPE], Part(call.received_ns, "", 0, to_json(value)))


def refusal(call: Call, status: int, message: str) -> Reply:
    """Return an error that belongs to no provider's API."""
    error: dict[str, Any] = {
        "message": message,
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
    return json_reply(call, status, {"error": error})
