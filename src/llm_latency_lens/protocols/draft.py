"""
The draft: an answer while its events still come in.

One is written by one reader; :meth:`Draft.answer` freezes it. Counting here is what every event
costs, so the fields are plain and public to the readers of this package.
"""

from collections.abc import Mapping

from llm_latency_lens.protocols.answer import Answer, Choice, CountedUsage, ToolCall
from llm_latency_lens.protocols.failures import ErrorFacts, read_error
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.prediction import Prediction
from llm_latency_lens.protocols.repeats import PlainEvent
from llm_latency_lens.samples import ServerTime, Usage

__all__ = ["FRAGMENT", "MEDIA", "REASONING", "REFUSAL", "TEXT", "TOOL", "Draft"]

# What one event carries, as bits. A tool call's FRAGMENT may be empty and then is no token.
TEXT, REASONING, REFUSAL, TOOL, MEDIA, FRAGMENT = 1, 2, 4, 8, 16, 32

_OUTPUT = TEXT | REASONING | REFUSAL | TOOL | MEDIA
_NAMES = ((TEXT, "text"), (REASONING, "reasoning"), (REFUSAL, "refusal"), (TOOL, "tool"))
# Of names that a server makes up at will no more are kept.
_MAX_NAMES = 256
# An answer of more token events keeps the first times of them, and the last.
_MAX_STAMPS = 65_536


class _OpenCall:
    """A tool call whose fragments still come in."""

    __slots__ = ("choice", "fragments", "id", "kind", "name", "whole")

    def __init__(self, choice: int) -> None:
        self.choice = choice
        self.id: str | None = None
        self.kind = "function"
        self.name = ""
        self.whole = ""
        self.fragments: list[str] = []


class Draft:
    """
    What is known of an answer so far.

    Args:
        keep_content: Keep text, tool calls and error messages.
    """

    __slots__ = (
        "_calls",
        "_first_output_event",
        "_first_output_kinds",
        "_first_output_ns",
        "_first_text_event",
        "_last_output_event",
        "_last_token_ns",
        "_open_calls",
        "_reasoning",
        "_reasoning_deltas",
        "_text",
        "_text_deltas",
        "_token_at_ns",
        "_tool_deltas",
        "_unstamped",
        "content_blocks",
        "data_events",
        "done",
        "error",
        "event_types",
        "finish_reasons",
        "incomplete_reason",
        "keep_content",
        "model",
        "plain",
        "prediction",
        "response_id",
        "server_times",
    )

    def __init__(self, *, keep_content: bool) -> None:
        self.keep_content = keep_content
        self.data_events = 0
        # Set by a reader on an event that could be repeated.
        self.plain: PlainEvent | None = None
        self.done = False
        self.error: ErrorFacts | None = None
        self.model: str | None = None
        self.response_id: str | None = None
        self.event_types: dict[str, int] = {}
        self.content_blocks: list[str] = []
        self.finish_reasons: dict[int, str | None] = {}
        self.incomplete_reason: str | None = None
        self.server_times: list[ServerTime] = []
        self.prediction: Prediction | None = None
        self._token_at_ns: list[int] = []
        self._unstamped = 0
        self._last_token_ns: int | None = None
        self._text_deltas = 0
        self._reasoning_deltas = 0
        self._tool_deltas = 0
        self._first_output_ns: int | None = None
        self._first_output_event: int | None = None
        self._first_output_kinds = 0
        self._first_text_event: int | None = None
        self._last_output_event: int | None = None
        self._text: dict[int, list[str]] = {}
        self._reasoning: dict[int, list[str]] = {}
        self._calls: list[_OpenCall] = []
        self._open_calls: dict[tuple[int, object], _OpenCall] = {}

    def carry(self, kinds: int, at_ns: int) -> None:
        """Count the current event as one that carries *kinds*."""
        event = self.data_events
        if kinds & FRAGMENT:
            self._tool_deltas += 1
        if not kinds & _OUTPUT:
            return
        if not self._token_at_ns:
            self._first_output_event = event
            self._first_output_kinds = kinds
        if len(self._token_at_ns) < _MAX_STAMPS:
            self._token_at_ns.append(at_ns)
        else:
            self._unstamped += 1
        self._last_token_ns = at_ns
        self._last_output_event = event
        if kinds & REASONING:
            self._reasoning_deltas += 1
        if self._first_output_ns is None and kinds & ~REASONING & _OUTPUT:
            self._first_output_ns = at_ns
        if kinds & TEXT:
            self._text_deltas += 1
            if self._first_text_event is None:
                self._first_text_event = event

    def repeat(self, plain: PlainEvent, number: int, at_ns: int) -> None:
        """Count *plain* again, *number* times: as ``carry``, where it was not the first."""
        types = self.event_types
        for name in plain.types:
            types[name] = types.get(name, 0) + number
        stamps = self._token_at_ns
        room = _MAX_STAMPS - len(stamps)
        if number == 1 and room:
            stamps.append(at_ns)
        else:
            stamps.extend([at_ns] * min(number, room))
            self._unstamped += max(number - room, 0)
        self._last_token_ns = at_ns
        self.data_events += number
        self._last_output_event = self.data_events - 1
        if plain.kind == TEXT:
            self._text_deltas += number
        elif plain.kind == REASONING:
            self._reasoning_deltas += number

    def count_type(self, name: str) -> None:
        """Count an event of the type *name*; of too many types, the rest as one."""
        types = self.event_types
        if name not in types:
            name = "?" if len(types) >= _MAX_NAMES else name_of(name) or "?"
        types[name] = types.get(name, 0) + 1

    def open_block(self, kind: object) -> None:
        """Note the type of the next content block."""
        if len(self.content_blocks) < _MAX_NAMES:
            self.content_blocks.append(name_of(kind) or "?")

    def end_choice(self, index: int, reason: object) -> None:
        """Note why the choice at *index* ended; None while it goes on."""
        if index in self.finish_reasons or len(self.finish_reasons) < _MAX_NAMES:
            self.finish_reasons[index] = name_of(reason)

    def has_output(self) -> bool:
        """Whether any token event was counted."""
        return bool(self._token_at_ns)

    def tell_time(self, name: str, nanoseconds: int | None, covers: str) -> None:
        """Note a duration that the server measured itself, unless it is None."""
        if nanoseconds is not None and all(time.name != name for time in self.server_times):
            self.server_times.append(ServerTime(name, nanoseconds, covers))

    def fail(self, payload: object) -> None:
        """Note an error; the first one is the cause, later ones follow from it."""
        if self.error is None:
            self.error = read_error(payload, keep_content=self.keep_content)

    def keep_text(self, choice: int, text: object) -> None:
        """Append visible text, if content is kept and it is text."""
        if self.keep_content and isinstance(text, str):
            self._text.setdefault(choice, []).append(text)

    def keep_reasoning(self, choice: int, text: object) -> None:
        """Append reasoning, if content is kept and it is text."""
        if self.keep_content and isinstance(text, str):
            self._reasoning.setdefault(choice, []).append(text)

    def keep(self, plain: PlainEvent, text: str) -> None:
        """Append text of the kind that *plain* brings, if content is kept; refusals are none."""
        if plain.kind == TEXT:
            self.keep_text(plain.choice, text)
        elif plain.kind == REASONING:
            self.keep_reasoning(plain.choice, text)

    def has_call(self, choice: int, index: object) -> bool:
        """Whether a tool call at *index* was kept."""
        return (choice, index) in self._open_calls

    def keep_call(
        self,
        choice: int,
        index: object,
        *,
        call_id: object = None,
        kind: object = None,
        name: object = None,
        fragment: object = None,
        whole: str = "",
    ) -> None:
        """
        Add to the tool call at *index*, if content is kept.

        Servers that leave the index out, or send the same one for every call, are read by
        their ids: a new id begins a new call.
        """
        if not self.keep_content:
            return
        call = self._open_calls.get((choice, index))
        if call is None or _is_another(call, call_id, name, index):
            call = self._open_calls[choice, index] = _OpenCall(choice)
            self._calls.append(call)
        call.id = call.id or name_of(call_id)
        call.kind = name_of(kind) or call.kind
        call.whole = whole or call.whole
        if isinstance(name, str) and name != call.name:
            call.name += name
        if isinstance(fragment, str):
            call.fragments.append(fragment)

    def answer(
        self,
        *,
        framing: str,
        complete: bool,
        comments: int,
        note: str,
        usage: Usage,
        counted: CountedUsage | None,
        raw: Mapping[str, object] | None,
    ) -> Answer:
        """Return the answer; what the draft does not know itself comes as arguments."""
        choices = tuple(
            Choice(
                index,
                reason,
                "".join(self._text.get(index, ())),
                "".join(self._reasoning.get(index, ())),
            )
            for index, reason in sorted(self.finish_reasons.items())
        )
        first = choices[0] if choices else Choice(0)
        return Answer(
            framing=framing,
            streamed=framing not in ("", "json"),
            complete=complete,
            note=note,
            error=self.error,
            token_at_ns=tuple(self._token_at_ns),
            token_events=len(self._token_at_ns) + self._unstamped,
            last_token_ns=self._last_token_ns,
            reasoning_events=self._reasoning_deltas,
            first_output_ns=self._first_output_ns,
            finish_reason=first.finish_reason,
            incomplete_reason=self.incomplete_reason,
            model=self.model or "",
            response_id=self.response_id,
            usage=usage,
            usage_counted=counted,
            usage_raw=raw,
            server_times=tuple(self.server_times),
            prediction=self.prediction,
            data_events=self.data_events,
            comments=comments,
            done_sentinel=self.done,
            text_deltas=self._text_deltas,
            reasoning_deltas=self._reasoning_deltas,
            tool_deltas=self._tool_deltas,
            first_output_event=self._first_output_event,
            first_output_kind=self._first_kind(),
            first_text_event=self._first_text_event,
            last_output_event=self._last_output_event,
            event_types=dict(self.event_types),
            content_blocks=tuple(self.content_blocks),
            choices=choices,
            text=first.text,
            reasoning_text=first.reasoning_text,
            tool_calls=tuple(_closed(call) for call in self._calls),
        )

    def _first_kind(self) -> str | None:
        kinds = self._first_output_kinds
        other = "media" if kinds else None
        return next((name for bit, name in _NAMES if kinds & bit), other)


def _is_another(call: _OpenCall, call_id: object, name: object, index: object) -> bool:
    if index is None:
        return bool(call_id or name)
    return bool(call_id and call.id and call_id != call.id)


def _closed(call: _OpenCall) -> ToolCall:
    arguments = "".join(call.fragments) or call.whole
    return ToolCall(call.choice, call.kind, call.id, call.name, arguments)
