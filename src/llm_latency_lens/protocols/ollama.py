"""Ollama's own protocol: lines of JSON, the last with the times that the server measured."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.content_parts import as_json
from llm_latency_lens.protocols.contract import RequestFacts, StreamDecoder
from llm_latency_lens.protocols.counters import count, merge_counters
from llm_latency_lens.protocols.decoding import BodyDecoder
from llm_latency_lens.protocols.draft import FRAGMENT, MEDIA, REASONING, TEXT, TOOL, Draft
from llm_latency_lens.protocols.headers import HeaderFacts, read_headers
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.reader import StreamForm
from llm_latency_lens.protocols.requests import (
    has_list,
    has_only,
    has_text,
    read_count,
    read_facts,
)
from llm_latency_lens.samples import Usage

__all__ = ["Ollama", "tell_times"]

_CHAT, _GENERATE = "/api/chat", "/api/generate"
_REQUEST_IDS = ("x-request-id",)
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


class Ollama:
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "ollama"

    def is_call(self, method: str, path: str) -> bool:
        """Whether it is a POST to ``/api/chat`` or ``/api/generate``, below whatever prefix."""
        path = path.partition("?")[0].rstrip("/")
        return method == "POST" and path.endswith((_CHAT, _GENERATE))

    def recognises(self, path: str, body: bytes) -> bool:
        """Whether the path fits and the body has a model, a prompt, and no word of others."""
        has_prompt = has_list(body, "messages") or has_text(body, "prompt")
        is_body = has_prompt and has_text(body, "model") and has_only(body, _WORDS)
        return self.is_call("POST", path) and is_body

    def read_request(self, body: bytes, path: str = "") -> RequestFacts:  # noqa: ARG002 - the contract's
        """Return the request's facts; it is a stream unless it says otherwise."""
        facts = read_facts(body, is_streamed_unasked=True)
        return replace(facts, max_output_tokens=read_count(body, "options", "num_predict"))

    def decoder(
        self, *, content_type: str = "", http_status: int = 200, keep_content: bool = False
    ) -> StreamDecoder:
        """Return a decoder for one response body."""
        draft = Draft(keep_content=keep_content)
        form = StreamForm(is_whole_line=partial(_is_whole, "ndjson" in content_type.lower()))
        return BodyDecoder(
            _LineReader(draft), draft, form, content_type=content_type, http_status=http_status
        )

    def read_headers(self, headers: Iterable[tuple[str, str]]) -> HeaderFacts:
        """Return what the response headers tell."""
        return read_headers(headers, _REQUEST_IDS)


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


def _is_whole(is_lines: bool, payload: dict[str, Any]) -> bool:
    return not is_lines and bool(payload.get("done"))
