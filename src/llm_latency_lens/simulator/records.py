"""
Records: what was asked and what was sent when, one per request.

The server writes an ``Entry`` while it sends; whoever asks the control API gets frozen
``Record`` values. Stamps are the monotonic nanoseconds of ``clock``, which on one machine all
processes share. No prompt and no header but the retry count is kept.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from llm_latency_lens.simulator.answer import Usage

__all__ = ["Entry", "Journal", "Record", "SentEvent", "read_record"]

_MOST_RECORDS = 100_000
_MOST_EVENTS = 1_000_000


@dataclass(frozen=True, slots=True)
class SentEvent:
    """One event: when the script wanted it out and when it was handed to the socket."""

    kind: str
    tokens: int
    due_ns: int
    sent_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """
    One request and its answer.

    ``id`` is the request id of the response headers. ``ended_ns`` is None while the answer is
    under way; ``is_complete`` is false when the client left before its end or the script broke
    it off. An answer that was not streamed has one event of kind ``body``, an error none, a
    replay one of kind ``piece`` a piece. ``usage`` is what was sent to the client at the end,
    None if none was. ``fault`` is the kind of what went wrong by script, None if nothing did.
    """

    id: str
    api: str
    model: str
    is_streamed: bool
    status: int
    connection: int
    retry_count: int | None
    accepted_ns: int
    received_ns: int
    headers_ns: int | None
    events: tuple[SentEvent, ...]
    ended_ns: int | None
    is_complete: bool
    usage: Usage | None
    fault: str | None = None

    @property
    def first_token_ns(self) -> int | None:
        """When the first event that carries a token was sent; None if none was."""
        return next((event.sent_ns for event in self.events if event.tokens), None)

    @property
    def last_token_ns(self) -> int | None:
        """When the last event that carries a token was sent; None if none was."""
        return next((event.sent_ns for event in reversed(self.events) if event.tokens), None)


class Entry:
    """A record in the making; the witness of one delivery."""

    __slots__ = ("_events", "_facts", "ended_ns", "headers_ns", "is_complete")

    def __init__(self, facts: Mapping[str, Any], usage: Usage | None) -> None:
        self._facts = {**facts, "usage": asdict(usage) if usage else None}
        self._events: list[tuple[str, int, int, int]] = []
        self.headers_ns: int | None = None
        self.ended_ns: int | None = None
        self.is_complete = False

    def saw_headers(self, sent_ns: int) -> None:
        """Keep when the head of the response went out."""
        self.headers_ns = sent_ns

    def saw_event(self, kind: str, tokens: int, due_ns: int, sent_ns: int) -> None:
        """Keep one event."""
        self._events.append((kind, tokens, due_ns, sent_ns))

    def saw_end(self, ended_ns: int, *, is_complete: bool) -> None:
        """Keep when the answer ended and whether all of it went out."""
        self.ended_ns = ended_ns
        self.is_complete = is_complete

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self._facts["model"])

    def as_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        words = ("kind", "tokens", "due_ns", "sent_ns")
        tokens_ns = [sent_ns for _, tokens, _, sent_ns in self._events if tokens]
        return {
            **self._facts,
            "headers_ns": self.headers_ns,
            "events": [dict(zip(words, event, strict=True)) for event in self._events],
            "first_token_ns": tokens_ns[0] if tokens_ns else None,
            "last_token_ns": tokens_ns[-1] if tokens_ns else None,
            "ended_ns": self.ended_ns,
            "is_complete": self.is_complete,
        }


class Journal:
    """
    The records of a server, oldest first.

    At most 100 000 records and about a million events are kept; the oldest go first.
    """

    __slots__ = ("_entries", "_events", "_most_events")

    def __init__(
        self, *, most_records: int = _MOST_RECORDS, most_events: int = _MOST_EVENTS
    ) -> None:
        self._entries: deque[tuple[Entry, int]] = deque(maxlen=most_records)
        self._most_events = most_events
        self._events = 0

    def open(self, facts: Mapping[str, Any], usage: Usage | None, expected_events: int) -> Entry:
        """Return a new entry, which will hold *expected_events* events."""
        entry = Entry(facts, usage)
        if len(self._entries) == self._entries.maxlen:
            self._forget_oldest()
        self._entries.append((entry, expected_events))
        self._events += expected_events
        while self._events > self._most_events and len(self._entries) > 1:
            self._forget_oldest()
        return entry

    def entries(self, model: str | None = None) -> Iterator[Entry]:
        """Yield the entries of *model*, of all models if None, as they stand at the call."""
        kept = [entry for entry, _ in self._entries]
        return (entry for entry in kept if model is None or entry.model == model)

    def clear(self, model: str | None = None) -> None:
        """Forget the records of *model*, of all models if None."""
        kept = [each for each in self._entries if model is not None and each[0].model != model]
        self._entries.clear()
        self._entries.extend(kept)
        self._events = sum(expected for _, expected in kept)

    def _forget_oldest(self) -> None:
        self._events -= self._entries.popleft()[1]


def read_record(fields: Mapping[str, Any]) -> Record:
    """Return the record that ``Entry.as_json`` wrote."""
    plain = {
        word: value
        for word, value in fields.items()
        if word not in {"first_token_ns", "last_token_ns"}
    }
    usage = plain["usage"]
    return Record(
        **plain
        | {
            "events": tuple(SentEvent(**event) for event in plain["events"]),
            "usage": Usage(**usage) if usage else None,
        }
    )
