"""Anthropic Messages."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.anthropic_usage import comparable_usage, counted_usage
from llm_latency_lens.protocols.content_parts import as_json
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.protocols.counters import merge_counters
from llm_latency_lens.protocols.draft import FRAGMENT, REASONING, TEXT, TOOL, Draft
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.posted import PostedProtocol
from llm_latency_lens.protocols.reader import Reader
from llm_latency_lens.protocols.repeats import PlainEvent
from llm_latency_lens.protocols.requests import has_list, read_facts
from llm_latency_lens.samples import Usage

__all__ = ["Anthropic"]

_DELTA = "content_block_delta"
# Vertex AI names the model in the path: .../publishers/anthropic/models/NAME:streamRawPredict
_MODELS = "/publishers/anthropic/models/"
_VERTEX_VERBS = (":rawPredict", ":streamRawPredict")


class Anthropic(PostedProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "anthropic"
    paths = ("/messages",)
    request_ids = ("request-id", "x-request-id", "apim-request-id")

    def is_call(self, method: str, path: str) -> bool:
        """Whether it is a POST to ``.../messages``, or a prediction of Claude on Vertex AI."""
        on_vertex = _MODELS in path and path.partition("?")[0].endswith(_VERTEX_VERBS)
        return (method == "POST" and on_vertex) or super().is_call(method, path)

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has messages."""
        return has_list(request, "messages")

    def read_request(self, request: Mapping[str, Any], path: str = "") -> RequestFacts:
        """Return the request's facts; Vertex AI names the model in the path."""
        return read_facts(request, path.partition(_MODELS)[2].partition(":")[0])

    def reader(self, draft: Draft) -> Reader:
        """Return what writes one answer to *draft*."""
        return _MessageReader(draft)


class _MessageReader:
    """Writes the events of one answer to a draft."""

    __slots__ = ("_draft", "_has_final_usage", "_has_stopped", "_usage")

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        draft.end_choice(0, None)
        self._usage: dict[str, Any] = {}
        self._has_final_usage = False
        self._has_stopped = False

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:
        # Some gateways leave the type to the event's name.
        kind = payload.get("type") or name or "?"
        self._draft.count_type(kind)
        if kind == _DELTA:
            self._read_delta(payload["delta"], payload.get("index"), at_ns)
        elif kind == "content_block_start":
            block = payload["content_block"]
            kinds = self._read_block(block, payload.get("index"), block.get("input") or None)
            # The start is output, but no fragment: arguments follow, if there are any.
            if kinds & ~FRAGMENT:
                self._draft.carry(kinds & ~FRAGMENT, at_ns)
        elif kind == "message_start":
            self._read_message(payload["message"])
        elif kind == "message_delta":
            self._read_end(payload)
        elif kind == "message_stop":
            self._has_stopped = True

    def read_whole(self, payload: dict[str, Any]) -> None:
        self._has_final_usage = True
        self._read_message(payload)
        for index, block in enumerate(payload.get("content") or ()):
            self._read_block(block, index, block.get("input"))

    def has_ended(self) -> bool:
        # A gateway that translates from OpenAI's protocol may close with its mark.
        return self._has_stopped or self._draft.done

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any] | None]:
        # Until the end the number of output tokens is a placeholder, such as 1 or 8.
        usage = comparable_usage(self._usage, is_final=self._has_final_usage)
        return usage, counted_usage(self._usage), self._usage or None

    def _read_message(self, message: dict[str, Any]) -> None:
        draft = self._draft
        draft.response_id = name_of(message.get("id"))
        draft.model = name_of(message.get("model"))
        draft.end_choice(0, message.get("stop_reason"))
        merge_counters(self._usage, message.get("usage"))

    def _read_end(self, payload: dict[str, Any]) -> None:
        usage = payload.get("usage")
        if usage:
            merge_counters(self._usage, usage)
            if usage.get("output_tokens") is not None:
                self._has_final_usage = True
        reason = (payload.get("delta") or {}).get("stop_reason")
        if reason:
            self._draft.end_choice(0, reason)

    def _read_delta(self, delta: dict[str, Any], index: object, at_ns: int) -> None:
        draft = self._draft
        kind = delta["type"]
        draft.count_type(kind)
        # Signatures, citations and compaction summaries are no tokens of the answer.
        if kind == "text_delta":
            text = delta["text"]
            if text and type(text) is str:
                draft.keep_text(0, text)
                draft.carry(TEXT, at_ns)
                draft.plain = PlainEvent(b"text", text, TEXT, (_DELTA, kind))
        elif kind == "thinking_delta":
            thought = delta["thinking"]
            if thought and type(thought) is str:
                draft.keep_reasoning(0, thought)
                draft.carry(REASONING, at_ns)
                draft.plain = PlainEvent(b"thinking", thought, REASONING, (_DELTA, kind))
        elif kind == "input_json_delta" and delta["partial_json"]:
            draft.keep_call(0, index, fragment=delta["partial_json"])
            draft.carry(TOOL | FRAGMENT, at_ns)

    def _read_block(self, block: dict[str, Any], index: object, given: object) -> int:
        """Read a whole block, or the start of one; return what it carries, *given* to a tool."""
        draft = self._draft
        kind = block["type"]
        draft.open_block(kind)
        if kind == "text":
            text = block.get("text")
            if text and type(text) is str:
                draft.keep_text(0, text)
                return TEXT
        elif kind == "thinking":
            thought = block.get("thinking")
            if thought and type(thought) is str:
                draft.keep_reasoning(0, thought)
                return REASONING
        elif kind.endswith("tool_use"):
            # tool_use, server_tool_use, mcp_tool_use; their results are not written by the model.
            draft.keep_call(
                0,
                index,
                call_id=block.get("id"),
                kind=kind,
                name=block.get("name"),
                whole=as_json(given) if given is not None and draft.keep_content else "",
            )
            return TOOL
        return 0
