"""
The decoder of a body: framing outside, a protocol's reader inside.

It decides whether a body is a stream or one JSON value, hands every object to the reader, and
sees to it that no fault on the way costs more than the event in which it lies.
"""

from contextlib import suppress
from typing import Any

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.protocols.answer import Answer
from llm_latency_lens.protocols.draft import Draft
from llm_latency_lens.protocols.reader import EVENTS_ONLY, Reader, StreamForm
from llm_latency_lens.protocols.repeats import LARGEST_REPEATS, PlainEvent, Repeat, learn
from llm_latency_lens.wire import (
    MAX_FRAME_BYTES,
    MAX_STREAM_LINES,
    Frame,
    JsonArrayFraming,
    JsonBody,
    NdjsonFraming,
    SseFraming,
    begin_body,
    parse_json,
)

__all__ = ["BodyDecoder"]

_FIRST_ERROR = 400
_NOT_DECODED = "not decoded: "
# A stream that is still unlike itself then will stay so.
_MOST_LESSONS = 16
_FRAMINGS = {SseFraming: "sse", NdjsonFraming: "ndjson", JsonArrayFraming: "json-array"}


class BodyDecoder:
    """
    A :class:`~llm_latency_lens.protocols.StreamDecoder` for bodies of events or of JSON.

    Args:
        reader: Writes to *draft*.
        draft: Where the answer comes together.
        form: What else than server-sent events is a stream.
        content_type: Named in the note on a body that is neither.
        http_status: From 400 on the body is an error, whatever its shape.
    """

    __slots__ = (
        "_answer",
        "_content_type",
        "_draft",
        "_first",
        "_form",
        "_head",
        "_http_status",
        "_json",
        "_lessons",
        "_lost",
        "_reader",
        "_repeat",
        "_sse",
        "_stream",
        "_why",
    )

    def __init__(
        self,
        reader: Reader,
        draft: Draft,
        form: StreamForm = EVENTS_ONLY,
        *,
        content_type: str = "",
        http_status: int = 200,
    ) -> None:
        self._reader = reader
        self._draft = draft
        self._form = form
        self._content_type = content_type
        self._http_status = http_status
        self._head = b""
        # The framing of a stream, and the same where it is of server-sent events.
        self._stream: SseFraming | NdjsonFraming | JsonArrayFraming | None = None
        self._sse: SseFraming | None = None
        # Beside a stream only until its first line: JSON may also be spread over lines.
        self._json: JsonBody | None = None
        # The first line, until another shows that it is no whole answer.
        self._first: Frame | None = None
        self._lost = 0
        # Why the first event was lost.
        self._why = ""
        self._repeat: Repeat | None = None
        self._lessons = 0
        self._answer: Answer | None = None

    def feed(self, chunk: bytes, at_ns: int) -> None:
        """Take the next *chunk*, decompressed, which arrived at *at_ns*. Never raises."""
        if self._stream is None and self._json is None:
            chunk = self._begin(chunk)
        sse = self._sse
        if sse is None:
            self._take(chunk, at_ns)
        elif len(chunk) <= LARGEST_REPEATS:
            self._read_on(sse, chunk, at_ns)
        else:
            # In parts, since events are larger than the bytes that they stand in.
            for at in range(0, len(chunk), LARGEST_REPEATS):
                self._read_on(sse, chunk[at : at + LARGEST_REPEATS], at_ns)

    def _take(self, chunk: bytes, at_ns: int) -> None:
        """Take a chunk of a body that is no server-sent events."""
        if self._json is not None:
            self._json.feed(chunk)
        for at in range(0, len(chunk), LARGEST_REPEATS):
            if self._stream is None:
                return
            for frame in self._stream.feed(chunk[at : at + LARGEST_REPEATS], at_ns):
                self._take_frame(frame)

    def _take_frame(self, frame: Frame) -> None:
        if self._stream is None:
            return
        if self._json is None:
            if self._first is not None:
                self._read(self._first)
                self._first = None
            self._read(frame)
        elif _is_object(frame.data):
            self._json = None
            self._first = frame
        else:
            self._stream = None

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
        frames = self._stream.flush() if self._stream is not None else ()
        if self._json is not None or self._first is not None:
            # A body of one line, or of none that has ended.
            for frame in frames:
                self._take_frame(frame)
            self._end_first()
            frames = ()
        if self._json is not None:
            note = self._read_whole(self._json)
            complete = not note
            self._json = JsonBody()
        elif self._stream is not None:
            for frame in frames:
                self._read(frame, is_open=True)
            note = self._note(self._stream)
            complete = self._reader.has_ended()
        else:
            note = "not decoded: empty body"
        usage, counted, raw = self._reader.usage()
        return self._draft.answer(
            framing=self._framing(),
            complete=complete,
            comments=0 if self._stream is None else self._stream.comments,
            note=note,
            usage=usage,
            counted=counted,
            raw=raw,
        )

    def _end_first(self) -> None:
        """Decide of a line that no other followed whether it is a whole answer or an event."""
        first, is_whole = self._first, self._form.is_whole_line
        if first is None or is_whole is None:
            return
        self._first = None
        payload = parse_json(first.data)
        if self._http_status >= _FIRST_ERROR or is_whole(payload, self._content_type):
            self._stream = None
            self._json = JsonBody()
            self._json.feed(first.data)
        else:
            self._read(first)

    def _framing(self) -> str:
        if self._json is not None:
            return "json"
        return "" if self._stream is None else _FRAMINGS[type(self._stream)]

    def _begin(self, chunk: bytes) -> bytes:
        self._head, is_json = begin_body(self._head + chunk)
        if is_json is None:
            return b""
        form = self._form
        is_error = self._http_status >= _FIRST_ERROR
        if not is_json:
            self._stream = self._sse = SseFraming()
        elif form.has_array and self._head.startswith(b"[") and not is_error:
            self._stream = JsonArrayFraming()
        else:
            self._json = JsonBody()
            if form.is_whole_line is not None:
                self._stream = NdjsonFraming()
        return self._head

    def _read(self, event: Frame, *, is_open: bool = False) -> None:
        name, data, at_ns = event
        draft = self._draft
        is_text = name in self._form.texts
        if is_text and is_open:
            return  # nobody can tell whether it is whole
        try:
            payload = _as_text(data) if is_text else parse_json(data)
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
            if self._http_status < _FIRST_ERROR:
                # What there is beside the error: a failed prediction tells its times.
                with suppress(Exception):
                    self._reader.read_whole(payload)
            return ""
        try:
            self._reader.read_whole(payload)
        except Exception:
            # As for an event: note it, keep what was read before.
            return "not decoded: the body has an unknown shape"
        return ""

    def _note(self, stream: SseFraming | NdjsonFraming | JsonArrayFraming) -> str:
        if stream.is_spent:
            return f"not decoded: all after {MAX_STREAM_LINES} lines"
        oversized = stream.oversized
        if self._lost + oversized:
            events = f"{self._lost + oversized} of {self._draft.data_events + oversized} events"
            why = self._why or f"above {MAX_FRAME_BYTES} bytes"
            return f"{_NOT_DECODED}{events}: {why}"
        if not self._draft.data_events and not self._draft.done and not stream.comments:
            return f"not decoded: no event in the body ({_media_type(self._content_type)})"
        return ""


def _is_object(data: bytes) -> bool:
    try:
        return type(parse_json(data)) is dict
    except DecodeError:
        return False


def _as_text(data: bytes) -> dict[str, Any]:
    return {"text": data.decode("utf-8", "replace")}


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip()[:64] or "no content type"
