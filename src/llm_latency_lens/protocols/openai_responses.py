"""
OpenAI Responses: named events, each with its type in its data, and no ``[DONE]``.

The whole answer stands in ``response`` of the last event, next to the usage.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.content_parts import as_json
from llm_latency_lens.protocols.counters import count, merge_counters
from llm_latency_lens.protocols.draft import (
    FRAGMENT,
    MEDIA,
    REASONING,
    REFUSAL,
    TEXT,
    TOOL,
    Draft,
)
from llm_latency_lens.protocols.failures import read_error
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.posted import PostedProtocol
from llm_latency_lens.protocols.reader import Reader
from llm_latency_lens.protocols.repeats import PlainEvent
from llm_latency_lens.protocols.requests import has_input
from llm_latency_lens.samples import Usage

__all__ = ["OpenAIResponses"]

_ENDS = frozenset(f"response.{end}" for end in ("completed", "incomplete", "failed", "cancelled"))
_TEXT_DELTAS = {
    "response.output_text.delta": TEXT,
    "response.refusal.delta": REFUSAL,
    "response.reasoning_text.delta": REASONING,
    "response.reasoning_summary_text.delta": REASONING,
}
# Fragments of what a tool is given, the vendor's own tools included, and of what is heard.
_FRAGMENTS = {
    "response.function_call_arguments.delta": TOOL | FRAGMENT,
    "response.custom_tool_call_input.delta": TOOL | FRAGMENT,
    "response.mcp_call_arguments.delta": TOOL | FRAGMENT,
    "response.code_interpreter_call_code.delta": TOOL | FRAGMENT,
    "response.shell_call_command.delta": TOOL | FRAGMENT,
    "response.audio.delta": MEDIA,
    "response.audio.transcript.delta": MEDIA,
}
_ITEMS = frozenset({"response.output_item.added", "response.output_item.done"})
# Items whose name is the first that the model says of them; others tell of themselves later.
_NAMED_TOOLS = frozenset({"function_call", "custom_tool_call", "mcp_call"})


class OpenAIResponses(PostedProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "openai_responses"
    paths = ("/responses",)
    request_ids = ("x-request-id", "apim-request-id", "request-id")

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has an input and a model."""
        return has_input(request)

    def reader(self, draft: Draft) -> Reader:
        """Return what writes one answer to *draft*."""
        return _ResponseReader(draft)


class _ResponseReader:
    """Writes the events of one answer to a draft."""

    __slots__ = ("_draft", "_has_ended", "_usage")

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        draft.end_choice(0, None)
        self._usage: dict[str, Any] = {}
        self._has_ended = False

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:
        draft = self._draft
        kind = payload.get("type") or name or "?"
        draft.count_type(kind)
        if kind in _TEXT_DELTAS:
            self._read_text(kind, payload.get("delta"), at_ns)
        elif kind in _FRAGMENTS:
            fragment, kinds = payload.get("delta"), _FRAGMENTS[kind]
            if fragment:
                if kinds & TOOL:
                    draft.keep_call(0, payload.get("output_index"), fragment=fragment)
                draft.carry(kinds, at_ns)
        elif kind in _ITEMS:
            item, index = payload["item"], payload.get("output_index")
            if kind.endswith("done"):
                # Nothing new, unless a server sent the arguments in no other way.
                self._read_item(item, index)
            elif self._open_item(item, index):
                draft.carry(TOOL, at_ns)
        elif kind == "error":
            draft.fail(payload)
        elif isinstance(payload.get("response"), dict):
            self._read_response(payload["response"])
            self._has_ended = self._has_ended or kind in _ENDS

    def read_whole(self, payload: dict[str, Any]) -> None:
        self._read_response(payload)
        for index, item in enumerate(payload.get("output") or ()):
            kind = item.get("type")
            if kind == "message":
                for part in item.get("content") or ():
                    self._draft.keep_text(0, part.get("text"))
            elif kind == "reasoning":
                for part in [*(item.get("summary") or ()), *(item.get("content") or ())]:
                    self._draft.keep_reasoning(0, part.get("text"))
            else:
                self._read_item(item, index)

    def has_ended(self) -> bool:
        return self._has_ended

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any] | None]:
        raw = self._usage
        if not raw:
            return Usage(), None, None
        counted = CountedUsage(
            input_tokens=count(raw, "input_tokens"),
            output_tokens=count(raw, "output_tokens"),
            cached_input_tokens=count(raw, "input_tokens_details", "cached_tokens"),
            cache_write_tokens=count(raw, "input_tokens_details", "cache_write_tokens"),
            reasoning_tokens=count(raw, "output_tokens_details", "reasoning_tokens"),
            total_tokens=count(raw, "total_tokens"),
        )
        if counted.total_tokens == 0 and self._draft.has_output():
            # Recorded with answers that were cut at their limit: nobody counted.
            return Usage(), counted, raw
        usage = Usage(
            input_tokens=counted.input_tokens,
            output_tokens=counted.output_tokens,
            cached_input_tokens=counted.cached_input_tokens,
            cache_write_tokens=counted.cache_write_tokens,
            reasoning_tokens=counted.reasoning_tokens,
        )
        return usage, counted, raw

    def _read_text(self, label: str, text: object, at_ns: int) -> None:
        if not text or not isinstance(text, str):
            return
        plain = PlainEvent(b"delta", text, _TEXT_DELTAS[label], (label,))
        self._draft.keep(plain, text)
        self._draft.carry(plain.kind, at_ns)
        self._draft.plain = plain

    def _open_item(self, item: dict[str, Any], index: object) -> bool:
        """Read the start of an item; whether it is a call that the model names."""
        kind = item.get("type")
        if kind not in _NAMED_TOOLS or not item.get("name"):
            return False
        self._draft.keep_call(
            0, index, call_id=item.get("call_id") or item.get("id"), kind=kind, name=item["name"]
        )
        return True

    def _read_item(self, item: dict[str, Any], index: object) -> None:
        """Read an item that is whole, if it is a call that the model names."""
        if self._draft.has_call(0, index) or self._open_item(item, index):
            given = item.get("arguments") or item.get("input")
            whole = given if isinstance(given, str) else as_json(given) if given else ""
            self._draft.keep_call(0, index, whole=whole)

    def _read_response(self, response: dict[str, Any]) -> None:
        draft = self._draft
        draft.response_id = name_of(response.get("id")) or draft.response_id
        draft.model = name_of(response.get("model")) or draft.model
        details = response.get("incomplete_details") or {}
        draft.incomplete_reason = name_of(details.get("reason"))
        status = response.get("status")
        if status not in (None, "in_progress", "queued"):
            draft.end_choice(0, status)
        merge_counters(self._usage, response.get("usage"))
        if response.get("error"):
            self._fail(response)

    def _fail(self, response: dict[str, Any]) -> None:
        draft = self._draft
        earlier = draft.error
        # It repeats the code and message of the error event before it, without the type.
        error = read_error(response, keep_content=draft.keep_content)
        draft.error = replace(error, type=error.type or (earlier.type if earlier else None))
