"""Cohere's chat, version 1: lines of JSON."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.cohere_usage import comparable_usage, counted_usage
from llm_latency_lens.protocols.content_parts import as_json
from llm_latency_lens.protocols.counters import merge_counters
from llm_latency_lens.protocols.draft import FRAGMENT, REASONING, TEXT, TOOL, Draft
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.posted import PostedProtocol
from llm_latency_lens.protocols.reader import Reader, StreamForm
from llm_latency_lens.protocols.requests import has_text
from llm_latency_lens.samples import Usage

__all__ = ["CohereV1"]

_COUNTS = ("tokens", "billed_units", "cached_tokens")


def _is_whole(payload: dict[str, Any], content_type: str) -> bool:  # noqa: ARG001 - the payload tells
    return "event_type" not in payload


class CohereV1(PostedProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "cohere_v1"
    paths = ("/v1/chat",)
    request_ids = ("x-request-id", "x-debug-trace-id")
    form = StreamForm(is_whole_line=_is_whole)

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has a message: one, as text."""
        return has_text(request, "message")

    def reader(self, draft: Draft) -> Reader:
        """Return what writes one answer to *draft*."""
        return _ChatReader(draft)


class _ChatReader:
    """Writes the lines of one answer to a draft."""

    __slots__ = ("_draft", "_has_ended", "_usage")

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        draft.end_choice(0, None)
        self._usage: dict[str, Any] = {}
        self._has_ended = False

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:
        draft = self._draft
        kind = payload.get("event_type") or name or "?"
        draft.count_type(kind)
        kinds = 0
        if kind == "text-generation":
            kinds = self._read_text(payload.get("text"))
        elif kind == "stream-start":
            draft.response_id = name_of(payload.get("generation_id"))
        elif kind == "tool-calls-chunk":
            kinds = self._read_chunk(payload)
        elif kind == "tool-calls-generation":
            # All of them again, if they came in chunks.
            if not draft.has_call(0, 0):
                kinds = self._read_calls(payload)
        elif kind == "stream-end":
            self._has_ended = True
            self._read_end(payload.get("response") or {}, payload.get("finish_reason"))
        if kinds:
            draft.carry(kinds, at_ns)

    def read_whole(self, payload: dict[str, Any]) -> None:
        self._read_text(payload.get("text"))
        self._read_calls(payload)
        self._read_end(payload, payload.get("finish_reason"))

    def has_ended(self) -> bool:
        return self._has_ended

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any] | None]:
        raw = self._usage or None
        return comparable_usage(raw), counted_usage(raw), raw

    def _read_text(self, text: object) -> int:
        self._draft.keep_text(0, text)
        return TEXT if text and isinstance(text, str) else 0

    def _read_end(self, response: dict[str, Any], reason: object) -> None:
        draft = self._draft
        draft.response_id = draft.response_id or name_of(response.get("generation_id"))
        draft.end_choice(0, reason or response.get("finish_reason"))
        meta = response.get("meta") or {}
        merge_counters(self._usage, {name: meta.get(name) for name in _COUNTS})
        if draft.finish_reasons[0] in {"ERROR", "ERROR_TOXIC", "ERROR_LIMIT"}:
            draft.fail({"error_type": draft.finish_reasons[0]})

    def _read_chunk(self, payload: dict[str, Any]) -> int:
        """Read a piece of the plan before tools are called, or of a call."""
        draft = self._draft
        plan = payload.get("text")
        if plan and isinstance(plan, str):
            draft.keep_reasoning(0, plan)
            return REASONING
        call = payload.get("tool_call_delta") or {}
        name, fragment = call.get("name"), call.get("parameters")
        draft.keep_call(0, call.get("index"), name=name, fragment=fragment)
        return FRAGMENT | TOOL if name or fragment else FRAGMENT

    def _read_calls(self, payload: dict[str, Any]) -> int:
        draft = self._draft
        calls = payload.get("tool_calls") or ()
        for index, call in enumerate(calls):
            given = as_json(call.get("parameters") or {}) if draft.keep_content else ""
            draft.keep_call(0, index, name=call.get("name"), whole=given)
        return FRAGMENT | TOOL if calls else 0
