"""Cohere's chat, version 2."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.cohere_usage import comparable_usage, counted_usage
from llm_latency_lens.protocols.counters import merge_counters
from llm_latency_lens.protocols.draft import FRAGMENT, REASONING, TEXT, TOOL, Draft
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.posted import PostedProtocol
from llm_latency_lens.protocols.reader import Reader
from llm_latency_lens.protocols.repeats import PlainEvent
from llm_latency_lens.protocols.requests import has_list
from llm_latency_lens.samples import Usage

__all__ = ["CohereV2"]


class CohereV2(PostedProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "cohere_v2"
    paths = ("/v2/chat",)
    request_ids = ("x-request-id", "x-debug-trace-id")

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has messages."""
        return has_list(request, "messages")

    def reader(self, draft: Draft) -> Reader:
        """Return what writes one answer to *draft*."""
        return _ChatReader(draft)


class _ChatReader:
    """Writes the events of one answer to a draft."""

    __slots__ = ("_draft", "_has_ended", "_usage")

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        draft.end_choice(0, None)
        # None until it is reported: after a failure the report is empty.
        self._usage: dict[str, Any] | None = None
        self._has_ended = False

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:
        draft = self._draft
        kind = payload.get("type") or name or "?"
        draft.count_type(kind)
        delta = payload.get("delta") or {}
        if kind == "message-end":
            self._read_end(delta)
            self._has_ended = True
            return
        if kind == "message-start":
            draft.response_id = name_of(payload.get("id"))
            return
        message = delta.get("message") or {}
        content = message.get("content")
        if kind == "content-start" and content:
            draft.open_block(content.get("type"))
        kinds = self._read_content(content) if content else 0
        if message.get("tool_plan"):
            kinds |= self._read_plan(message["tool_plan"])
        if kind.startswith("tool-call-") and message.get("tool_calls"):
            kinds |= self._read_call(message["tool_calls"], payload.get("index"))
        if kinds:
            draft.carry(kinds, at_ns)
            _mark_plain(draft, kind, content, kinds)

    def read_whole(self, payload: dict[str, Any]) -> None:
        draft = self._draft
        draft.response_id = name_of(payload.get("id"))
        message = payload.get("message") or {}
        for block in message.get("content") or ():
            draft.open_block(block.get("type"))
            self._read_content(block)
        if message.get("tool_plan"):
            self._read_plan(message["tool_plan"])
        for index, call in enumerate(message.get("tool_calls") or ()):
            self._read_call(call, index)
        self._read_end(payload)

    def has_ended(self) -> bool:
        return self._has_ended or self._draft.done

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any] | None]:
        return comparable_usage(self._usage), counted_usage(self._usage), self._usage

    def _read_end(self, end: dict[str, Any]) -> None:
        draft = self._draft
        if end.get("finish_reason"):
            draft.end_choice(0, end["finish_reason"])
        if end.get("error"):
            # With status 200, and no exception from the SDK.
            draft.fail(end)
        if isinstance(end.get("usage"), dict):
            self._usage = self._usage or {}
            merge_counters(self._usage, end["usage"])

    def _read_content(self, content: dict[str, Any]) -> int:
        draft = self._draft
        kinds = 0
        text, thought = content.get("text"), content.get("thinking")
        if text and type(text) is str:
            draft.keep_text(0, text)
            kinds = TEXT
        if thought and type(thought) is str:
            draft.keep_reasoning(0, thought)
            kinds |= REASONING
        return kinds

    def _read_plan(self, plan: object) -> int:
        """Read what the model says before it calls tools: thinking aloud, not the answer."""
        self._draft.keep_reasoning(0, plan)
        return REASONING if isinstance(plan, str) else 0

    def _read_call(self, call: dict[str, Any], index: object) -> int:
        function = call.get("function") or {}
        name, fragment = function.get("name"), function.get("arguments")
        self._draft.keep_call(
            0,
            index,
            call_id=call.get("id"),
            kind=call.get("type"),
            name=name,
            fragment=fragment,
        )
        return FRAGMENT | TOOL if name or fragment else FRAGMENT


def _mark_plain(draft: Draft, kind: str, content: Any, kinds: int) -> None:
    """Let a delta that brings text and nothing else be known again."""
    if kind == "content-delta" and len(content) == 1:
        if kinds == TEXT:
            draft.plain = PlainEvent(b"text", content["text"], TEXT, (kind,))
        elif kinds == REASONING:
            draft.plain = PlainEvent(b"thinking", content["thinking"], REASONING, (kind,))
