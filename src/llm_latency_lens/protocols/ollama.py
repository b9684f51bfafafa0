"""Ollama's own protocol: lines of JSON, the last with the times that the server measured."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.content_parts import as_json
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.protocols.counters import count, merge_counters
from llm_latency_lens.protocols.draft import FRAGMENT, MEDIA, REASONING, TEXT, TOOL, Draft
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.posted import PostedProtocol
from llm_latency_lens.protocols.reader import Reader, StreamForm
from llm_latency_lens.protocols.requests import (
    has_list,
    has_text,
    read_count,
    read_facts,
)
from llm_latency_lens.samples import Usage

__all__ = ["Ollama", "tell_times"]

# Web applications have paths of the same name; what they send has other words.
_WORDS = frozenset(
    {
        *("model", "messages", "prompt", "suffix", "images", "system", "template", "context"),
        *("stream", "raw", "format", "options", "keep_alive", "tools", "think"),
        *("logprobs", "top_logprobs", "width", "height", "steps"),
    }
)
_COUNTS = ("prompt_eval_count", "eval_count")
_TIMES = {
    "total_duration": "whole call",
    "load_duration": "load",
    "prompt_eval_duration": "prompt",
    "eval_duration": "generation",
}


def _is_whole(payload: dict[str, Any], content_type: str) -> bool:
    return "ndjson" not in content_type.lower() and bool(payload.get("done"))


class Ollama(PostedProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "ollama"
    paths = ("/api/chat", "/api/generate")
    request_ids = ("x-request-id",)
    form = StreamForm(is_whole_line=_is_whole)

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has a model, a prompt, and no word of others."""
        has_prompt = has_list(request, "messages") or has_text(request, "prompt")
        return has_prompt and has_text(request, "model") and request.keys() <= _WORDS

    def read_request(self, request: Mapping[str, Any], path: str = "") -> RequestFacts:  # noqa: ARG002 - the contract's
        """Return the request's facts; it is a stream unless it says otherwise."""
        facts = read_facts(request, is_streamed_unasked=True)
        return replace(facts, max_output_tokens=read_count(request, "options", "num_predict"))

    def reader(self, draft: Draft) -> Reader:
        """Return what writes one answer to *draft*."""
        return _LineReader(draft)


class _LineReader:
    """Writes the lines of one answer to a draft."""

    __slots__ = ("_calls", "_draft", "_has_ended", "_usage")

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        draft.end_choice(0, None)
        self._usage: dict[str, Any] = {}
        self._calls = 0
        self._has_ended = False

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:  # noqa: ARG002 - lines have no names
        kinds = self._read(payload)
        if kinds:
            self._draft.carry(kinds, at_ns)

    def read_whole(self, payload: dict[str, Any]) -> None:
        self._read(payload)

    def has_ended(self) -> bool:
        return self._has_ended

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any] | None]:
        raw = self._usage
        if not raw:
            return Usage(), None, None
        # A prompt that was cached as a whole is not counted: unknown, not nothing.
        given, made = count(raw, "prompt_eval_count"), count(raw, "eval_count")
        return Usage(given, made), CountedUsage(given, made), raw

    def _read(self, payload: dict[str, Any]) -> int:
        draft = self._draft
        draft.model = draft.model or name_of(payload.get("model"))
        message = payload.get("message")
        if message is None:
            kinds = self._read_text(payload.get("response"), payload.get("thinking"))
        else:
            kinds = self._read_text(message.get("content"), message.get("thinking"))
            for call in message.get("tool_calls") or ():
                kinds |= self._read_call(call)
        if payload.get("image"):
            kinds |= MEDIA
        if payload.get("done"):
            self._read_end(payload)
        return kinds

    def _read_text(self, text: object, thought: object) -> int:
        draft = self._draft
        kinds = 0
        if text and isinstance(text, str):
            draft.keep_text(0, text)
            kinds = TEXT
        if thought and isinstance(thought, str):
            draft.keep_reasoning(0, thought)
            kinds |= REASONING
        return kinds

    def _read_call(self, call: dict[str, Any]) -> int:
        """Read the call of a tool: it comes whole, in one line."""
        draft = self._draft
        function = call.get("function") or {}
        given = as_json(function.get("arguments") or {}) if draft.keep_content else ""
        draft.keep_call(
            0, self._calls, call_id=call.get("id"), name=function.get("name"), whole=given
        )
        self._calls += 1
        return FRAGMENT | TOOL

    def _read_end(self, payload: dict[str, Any]) -> None:
        draft = self._draft
        self._has_ended = True
        draft.end_choice(0, payload.get("done_reason"))
        told = (*_COUNTS, *_TIMES)
        merge_counters(self._usage, {name: payload.get(name) for name in told})
        tell_times(draft, payload)


def tell_times(draft: Draft, payload: Mapping[str, Any]) -> None:
    """Note what an object tells of the server's own time."""
    for name, covers in _TIMES.items():
        draft.tell_time(name, _duration_ns(payload.get(name)), covers)


def _duration_ns(value: object) -> int | None:
    # As long as a header may tell, which is 31 years.
    return value if type(value) is int and 0 <= value < 10**18 else None
