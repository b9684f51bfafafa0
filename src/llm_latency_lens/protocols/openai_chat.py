"""
OpenAI Chat Completions, and the many servers that speak it with an accent.

Each deviation that is read here names the server that it was seen at.
"""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.content_parts import as_json, join_details, split_parts
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.protocols.counters import merge_counters
from llm_latency_lens.protocols.draft import (
    FRAGMENT,
    MEDIA,
    REASONING,
    REFUSAL,
    TEXT,
    TOOL,
    Draft,
)
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.openai_times import tell_times
from llm_latency_lens.protocols.openai_usage import comparable_usage, counted_usage
from llm_latency_lens.protocols.posted import PostedProtocol
from llm_latency_lens.protocols.reader import Reader
from llm_latency_lens.protocols.repeats import PlainEvent
from llm_latency_lens.protocols.requests import deployment_of, has_list, read_facts
from llm_latency_lens.samples import Usage

__all__ = ["OpenAIChat"]

_CHUNK = "chat.completion.chunk"


class OpenAIChat(PostedProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "openai_chat"
    paths = ("/chat/completions",)
    request_ids = (
        "x-request-id",
        "apim-request-id",
        "mistral-correlation-id",
        "x-generation-id",
        "request-id",
    )

    def recognises(self, request: Mapping[str, Any]) -> bool:
        """Whether the body has messages."""
        return has_list(request, "messages")

    def read_request(self, request: Mapping[str, Any], path: str = "") -> RequestFacts:
        """Return the request's facts; Azure names the model in the path as a deployment."""
        return read_facts(request, deployment_of(path))

    def reader(self, draft: Draft) -> Reader:
        """Return what writes one answer to *draft*."""
        return _ChatReader(draft)


class _ChatReader:
    """Writes the chunks of one answer to a draft."""

    __slots__ = ("_draft", "_timings", "_usage")

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._usage: dict[str, Any] = {}
        # llama.cpp's, in its last chunk.
        self._timings: object = None

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:
        draft = self._draft
        label = payload.get("object")
        if label == _CHUNK and self._has_read_word(payload, at_ns):
            return
        if not label:
            label = "error" if payload.get("error") else name or "?"
        elif label == "error":
            draft.fail(payload)
        draft.count_type(label)
        self._read_frame(payload)
        choices = payload.get("choices")
        if choices:
            kinds = 0
            for choice in choices:
                kinds |= self._read_choice(choice)
            if kinds:
                draft.carry(kinds, at_ns)

    def _has_read_word(self, payload: dict[str, Any], at_ns: int) -> bool:
        """
        Read a chunk that brings nothing but text to the only choice; False for any other.

        Nearly every event of a stream is one; this is half of what reading them all costs.
        """
        draft = self._draft
        choices = payload.get("choices")
        if payload.get("usage") or "x_groq" in payload or not choices or not draft.model:
            return False
        choice = choices[0]
        delta = choice.get("delta")
        if len(choices) > 1 or not delta or len(delta) > 1 or choice.get("finish_reason"):
            return False
        text = delta.get("content")
        if type(text) is not str or not text or choice.get("index") not in draft.finish_reasons:
            return False
        draft.count_type(_CHUNK)
        if draft.keep_content:
            draft.keep_text(choice["index"], text)
        draft.carry(TEXT, at_ns)
        draft.plain = PlainEvent(b"content", text, TEXT, (_CHUNK,), choice["index"])
        return True

    def read_whole(self, payload: dict[str, Any]) -> None:
        self._read_frame(payload)
        for choice in payload.get("choices") or ():
            self._read_choice(choice)

    def has_ended(self) -> bool:
        # Perplexity closes with an object of its own, GPUStack with nothing after the reasons.
        draft = self._draft
        reasons = draft.finish_reasons
        return (
            draft.done
            or "chat.completion.done" in draft.event_types
            or (bool(reasons) and all(reasons.values()))
        )

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any] | None]:
        tell_times(self._draft, self._usage, self._timings)
        return comparable_usage(self._usage), counted_usage(self._usage), self._usage or None

    def _read_frame(self, payload: dict[str, Any]) -> None:
        """Read what is around the choices."""
        draft = self._draft
        # Azure's first chunk has an empty id and model.
        if not draft.response_id:
            draft.response_id = name_of(payload.get("id"))
        if not draft.model:
            draft.model = name_of(payload.get("model"))
        self._timings = payload.get("timings", self._timings)
        usage = payload.get("usage")
        if usage:
            merge_counters(self._usage, usage)
        elif "x_groq" in payload:
            groq = payload["x_groq"] or {}
            merge_counters(self._usage, groq.get("usage"))
            if groq.get("error"):
                draft.fail(groq)

    def _read_choice(self, choice: dict[str, Any]) -> int:
        """Read one choice; return what it carries."""
        draft = self._draft
        index = choice.get("index")
        if type(index) is not int:
            index = 0
        reason = choice.get("finish_reason")
        if reason:
            draft.end_choice(index, reason)
            if choice.get("usage"):
                # Moonshot counts inside the choice.
                merge_counters(self._usage, choice["usage"])
        elif index not in draft.finish_reasons:
            draft.end_choice(index, None)
        # OpenRouter puts the fault of one choice inside it.
        if choice.get("error"):
            draft.fail(choice)
        delta = choice.get("delta")
        if delta is None:
            # A whole answer: not streamed, or sent as a single event. Perplexity's last event
            # repeats the answer there, which is no news.
            delta = None if draft.has_output() else choice.get("message")
        return self._read_delta(delta, index) if delta else 0

    def _read_delta(self, delta: dict[str, Any], index: int) -> int:
        draft = self._draft
        kinds = 0
        text = delta.get("content")
        # vLLM sends its reasoning under both names, OpenRouter under the second and in parts.
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if text and type(text) is not str:
            text, thought = split_parts(text)
            reasoning = reasoning or thought
        if not reasoning and delta.get("reasoning_details"):
            reasoning = join_details(delta["reasoning_details"])
        if text:
            kinds = TEXT
            draft.keep_text(index, text)
        if reasoning and type(reasoning) is str:
            kinds |= REASONING
            draft.keep_reasoning(index, reasoning)
        if len(delta) > 1 or not kinds:
            kinds |= self._read_rare(delta, index)
        return kinds

    def _read_rare(self, delta: dict[str, Any], index: int) -> int:
        kinds = 0
        if delta.get("tool_calls"):
            for call in delta["tool_calls"]:
                kinds |= self._read_call(call, index)
        if delta.get("refusal"):
            kinds |= REFUSAL
        if delta.get("function_call"):
            # The form before tools: one call a choice, without an id.
            kinds |= self._read_call({"index": 0, "function": delta["function_call"]}, index)
        audio = delta.get("audio")
        if delta.get("images") or (audio and (audio.get("data") or audio.get("transcript"))):
            kinds |= MEDIA
        return kinds

    def _read_call(self, call: dict[str, Any], choice: int) -> int:
        """Read one tool call or a fragment of it; return what it carries."""
        function = call.get("function") or call.get("custom") or {}
        name = function.get("name")
        # Custom tools take text, which is called their input.
        fragment = function.get("arguments") or function.get("input")
        whole = ""
        if type(fragment) is dict:
            whole, fragment = as_json(fragment), None
        self._draft.keep_call(
            choice,
            call.get("index"),
            call_id=call.get("id"),
            kind=call.get("type"),
            name=name,
            fragment=fragment,
            whole=whole,
        )
        return FRAGMENT | TOOL if name or fragment or whole else FRAGMENT
