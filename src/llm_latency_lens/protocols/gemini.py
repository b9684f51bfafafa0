"""
Gemini: ``generateContent`` and ``streamGenerateContent``, of the Gemini API and of Vertex AI.

A stream is server-sent events with ``alt=sse``, and else one array that is sent object by object.
"""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.content_parts import as_json
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.protocols.counters import merge_counters
from llm_latency_lens.protocols.draft import FRAGMENT, MEDIA, REASONING, TEXT, TOOL, Draft
from llm_latency_lens.protocols.gemini_usage import comparable_usage, counted_usage
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.posted import PostedProtocol
from llm_latency_lens.protocols.reader import Reader, StreamForm
from llm_latency_lens.protocols.requests import has_list, read_count
from llm_latency_lens.samples import Usage

__all__ = ["Gemini"]

_STREAM = ":streamGenerateContent"
# Google sends none of its own; gateways in front of it do.
# More places in the arguments of one call than any tool has.
_MOST_PLACES = 256


class Gemini(PostedProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "gemini"
    paths = (":generateContent", _STREAM)
    request_ids = ("x-request-id", "x-goog-request-id")
    form = StreamForm(has_array=True)

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has contents."""
        return has_list(request, "contents")

    def read_request(self, request: Mapping[str, Any], path: str = "") -> RequestFacts:
        """Return the request's facts; the path names the model, and the method a stream."""
        path = path.partition("?")[0]
        model = path.rpartition("/")[2].rpartition(":")[0]
        return RequestFacts(
            name_of(model) or "",
            path.endswith(_STREAM),
            read_count(request, "generationConfig", "maxOutputTokens"),
            read_count(request, "generationConfig", "candidateCount") or 1,
        )

    def reader(self, draft: Draft) -> Reader:
        """Return what writes one answer to *draft*."""
        return _ContentReader(draft)


class _ContentReader:
    """Writes the objects of one answer to a draft."""

    __slots__ = ("_arguments", "_calls", "_draft", "_has_ended", "_usage")

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._usage: dict[str, Any] = {}
        # Tool calls so far, and the arguments of the last one, which may come in pieces.
        self._calls = 0
        self._arguments: dict[str, Any] = {}
        self._has_ended = False

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:  # noqa: ARG002 - events have no names
        kinds = self._read(payload)
        if kinds:
            self._draft.carry(kinds, at_ns)

    def read_whole(self, payload: dict[str, Any]) -> None:
        self._read(payload)

    def has_ended(self) -> bool:
        reasons = self._draft.finish_reasons
        return self._has_ended or (bool(reasons) and all(reasons.values()))

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any] | None]:
        usage = comparable_usage(self._usage, is_final=self.has_ended())
        return usage, counted_usage(self._usage), self._usage or None

    def _read(self, payload: dict[str, Any]) -> int:
        draft = self._draft
        draft.response_id = draft.response_id or name_of(payload.get("responseId"))
        draft.model = draft.model or name_of(payload.get("modelVersion"))
        merge_counters(self._usage, payload.get("usageMetadata"))
        feedback = payload.get("promptFeedback")
        if feedback and feedback.get("blockReason"):
            # There is no candidate then.
            draft.incomplete_reason = name_of(feedback["blockReason"])
            self._has_ended = True
        kinds = 0
        for candidate in payload.get("candidates") or ():
            kinds |= self._read_candidate(candidate)
        return kinds

    def _read_candidate(self, candidate: dict[str, Any]) -> int:
        draft = self._draft
        index = candidate.get("index")
        if type(index) is not int:
            index = 0
        reason = candidate.get("finishReason")
        if reason or index not in draft.finish_reasons:
            draft.end_choice(index, reason)
        kinds = 0
        content = candidate.get("content")
        for part in (content.get("parts") if content else None) or ():
            kinds |= self._read_part(part, index)
        return kinds

    def _read_part(self, part: dict[str, Any], choice: int) -> int:
        """Read one part; return what it carries."""
        draft = self._draft
        text = part.get("text")
        if text and type(text) is str:
            if part.get("thought"):
                draft.keep_reasoning(choice, text)
                return REASONING
            draft.keep_text(choice, text)
            return TEXT
        if "functionCall" in part:
            return self._read_call(part["functionCall"] or {}, choice)
        if part.get("executableCode"):
            # Written by the model and run by the vendor; its result is not the model's.
            return TOOL
        # A picture or speech. A thought signature is neither that nor text.
        return MEDIA if part.get("inlineData") or part.get("fileData") else 0

    def _read_call(self, call: dict[str, Any], choice: int) -> int:
        """Read a call of a function: whole, or on Vertex AI begun, gone on with and ended."""
        name, given, pieces = call.get("name"), call.get("args"), call.get("partialArgs")
        if name:
            self._calls += 1
            self._arguments = dict(given) if isinstance(given, dict) else {}
        for piece in pieces if isinstance(pieces, list) else ():
            self._add(piece)
        draft = self._draft
        draft.keep_call(
            choice,
            self._calls,
            call_id=call.get("id"),
            name=name,
            whole=as_json(self._arguments) if draft.keep_content else "",
        )
        return TOOL | FRAGMENT if name or given or pieces else 0

    def _add(self, piece: dict[str, Any]) -> None:
        """Add a piece of an argument, under its place without the root (``$.``)."""
        place = str(piece.get("jsonPath", "")).removeprefix("$.")
        if not self._draft.keep_content or not (
            place in self._arguments or len(self._arguments) < _MOST_PLACES
        ):
            return
        kinds = ("stringValue", "numberValue", "boolValue")
        value = next((piece[kind] for kind in kinds if kind in piece), None)
        known = self._arguments.get(place)
        if isinstance(known, str) and isinstance(value, str):
            value = known + value
        self._arguments[place] = value
