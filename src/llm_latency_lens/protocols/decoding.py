"""
The decoder of a body: framing outside, a protocol's reader inside.

It decides whether a body is a stream or one JSON value, hands every object to the reader, and
sees to it that no fault on the way costs more than the event in which it lies.
"""

from typing import Any, Protocol

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.protocols.answer import Answer, CountedUsage
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.repeats import LARGEST_REPEATS, PlainEvent, Repeat, learn
from llm_latency_lens.samples import Usage
from llm_latency_lens.wire import (
    MAX_FRAME_BYTES,
    MAX_STREAM_LINES,
    JsonBody,
    SseEvent,
    SseFraming,
    begin_body,
    parse_json,
)

__all__ = ["BodyDecoder", "Reader"]

_FIRST_ERROR = 400
_NOT_DECODED = "not decoded: "
# A stream that is still unlike itself then will stay so.
_MOST_LESSONS = 16


class Reader(Protocol):
    """
    What one wire protocol makes of the objects in a body, written to a draft.

    It may raise on shapes that it does not know: the decoder counts the event as lost.
    """

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:
        """Read one event of a stream, called *name*, that arrived at *at_ns*."""
        ...

    def read_whole(self, payload: dict[str, Any]) -> None:
        """Read an answer that was not streamed."""
        ...

    def has_ended(self) -> bool:
        """Whether the stream so far ends as the protocol says it must."""
        ...

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any]]:
        """Return usage comparable between providers, as counted, and as sent."""
        ...


class BodyDecoder:
    """
    A :class:`~llm_latency_lens.protocols.StreamDecoder` for bodies of events or of JSON.

    Args:
        reader: Writes to *draft*.
        draft: Where the answer comes together.
        content_type: Named in the note on a body that is neither.
        http_status: From 400 on the body is an error, whatever its shape.
    """

    __slots__ = (
        "_answer",
        "_content_type",
        "_draft",
        "_head",
        "_http_status",
        "_json",
        "_lessons",
        "_lost",
        "_reader",
        "_repeat",
        "_sse",
        "_why",
    )

    def __init__(
        self, reader: Reader, draft: Draft, *, content_type: str = "", http_status: int = 200
    ) -> None:
        self._reader = reader
        self._draft = draft
        self._content_type = content_type
        self._http_status = http_status
        self._head = b""
        self._sse: SseFraming | None = None
        self._json: JsonBody | None = None
        self._lost = 0
        # Why the first event was lost.
        self._why = ""
        self._repeat: Repeat | None = None
        self._lessons = 0
        self._answer: Answer | None = None

    def feed(self, chunk: bytes, at_ns: int) -> None:
        """Take the next *chunk*, decompressed, which arrived at *at_ns*. Never raises."""
        sse = self._sse
        if sse is None:
            if self._json is None:
                chunk = self._begin(chunk)
                sse = self._sse
            if self._json is not None:
                self._json.feed(chunk)
            if sse is None:
                return
        if len(chunk) <= LARGEST_REPEATS:
            self._read_on(sse, chunk, at_ns)
        else:
            # In parts, since events are larger than the bytes that they stand in.
            for at in range(0, len(chunk), LARGEST_REPEATS):
                self._read_on(sse, chunk[at : at + LARGEST_REPEATS], at_ns)

    def _read_on(self, sse: SseFraming, chunk: bytes, at_ns: int) -> None:
        if self._repeat is not None and sse.is_idle:
            chunk = self._after_repeats(self._repeat, chunk, at_ns)
        if chunk:
            for event in sse.feed(chunk, at_ns):
                self._read(event)

    def _after_repeats(self, repeat: Repeat, chunk: bytes, at_ns: int) -> bytes:
        """Count the repeats that *chunk* begins with; return the rest."""
        texts: list[bytes] | None = [] if self._draft.keep_content else None
        number, end = repeat.read(chunk, texts)
        if not number:
            return chunk
        self._draft.repeat(repeat.plain, number, at_ns)
        for text in texts or ():
            self._draft.keep(repeat.plain, text.decode("utf-8", "replace"))
        return chunk[end:]

    def finish(self) -> Answer:
        """Return what the body said. Never raises; a second call returns the same."""
        if self._answer is None:
            self._answer = self._finish()
        return self._answer

    def _finish(self) -> Answer:
        note = ""
        complete = False
        if self._json is not None:
            note = self._read_whole(self._json)
            complete = not note
            self._json = JsonBody()
        elif self._sse is not None:
            for event in self._sse.flush():
                self._read(event, is_open=True)
            note = self._note()
            complete = self._reader.has_ended()
        else:
            note = "not decoded: empty body"
        usage, counted, raw = self._reader.usage()
        return self._draft.answer(
            streamed=self._sse is not None,
            complete=complete,
            comments=0 if self._sse is None else self._sse.comments,
            note=note,
            usage=usage,
            counted=counted,
            raw=raw,
        )

    def _begin(self, chunk: bytes) -> bytes:
        self._head, is_json = begin_body(self._head + chunk)
        if is_json is None:
            return b""
        if is_json:
            self._json = JsonBody()
        else:
            self._sse = SseFraming()
        return self._head

    def _read(self, event: SseEvent, *, is_open: bool = False) -> None:
        name, data, at_ns = event
        draft = self._draft
        try:
            payload = parse_json(data)
        except DecodeError as fault:
            if self._is_no_answer(name, data, fault, is_open=is_open):
                return
        else:
            if type(payload) is list and payload:
                # Google's OpenAI endpoint wraps its errors, here and in whole bodies.
                payload = payload[0]
            try:
                if name == "error" or payload.get("error") or self._http_status >= _FIRST_ERROR:
                    draft.fail(payload)
                self._reader.read_event(payload, name, at_ns)
                if draft.plain is not None:
                    self._learn(draft.plain, name, data)
            except Exception:
                # No shape that a server invents may reach the user's call, or lose the rest.
                self._lose("of an unknown shape")
        draft.data_events += 1

    def _lose(self, why: str) -> None:
        self._lost += 1
        self._why = self._why or why

    def _learn(self, plain: PlainEvent, name: str, data: bytes) -> None:
        self._draft.plain = None
        if self._lessons < _MOST_LESSONS:
            repeat = learn(plain, name, data)
            if repeat is not None:
                self._repeat = repeat
                self._lessons += 1

    def _is_no_answer(self, name: str, data: bytes, fault: DecodeError, *, is_open: bool) -> bool:
        """Deal with data that is no JSON; whether it is to be left out of the count."""
        text = data.strip()
        if text.startswith(b"[DONE]"):
            self._draft.done = True
            return True
        if is_open:
            # The rest of a connection that broke off; the answer is incomplete, not unreadable.
            return True
        if name == "error":
            self._draft.fail(text.decode("utf-8", "replace"))
        elif text:
            self._lose(str(fault).removeprefix(_NOT_DECODED))
        return False

    def _read_whole(self, body: JsonBody) -> str:
        try:
            payload = body.value()
        except DecodeError as fault:
            return str(fault)
        if type(payload) is list and payload:
            payload = payload[0]
        if type(payload) is not dict:
            return "not decoded: the body is no JSON object"
        is_error = bool(payload.get("error")) or "error" in (
            payload.get("type"),
            payload.get("object"),
        )
        if is_error or self._http_status >= _FIRST_ERROR:
            self._draft.fail(payload)
            return ""
        try:
            self._reader.read_whole(payload)
        except Exception:
            # As for an event: note it, keep what was read before.
            return "not decoded: the body has an unknown shape"
        return ""

    def _note(self) -> str:
        assert self._sse is not None
        if self._sse.is_spent:
            return f"not decoded: all after {MAX_STREAM_LINES} lines"
        oversized = self._sse.oversized
        if self._lost + oversized:
            events = f"{self._lost + oversized} of {self._draft.data_events + oversized} events"
            why = self._why or f"above {MAX_FRAME_BYTES} bytes"
            return f"{_NOT_DECODED}{events}: {why}"
        if not self._draft.data_events and not self._draft.done and not self._sse.comments:
            return f"not decoded: no event in the body ({_media_type(self._content_type)})"
        return ""


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip()[:64] or "no content type"
