"""Bodies to mutate: those of the simulator's own renderers, and recorded ones where they are."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import get_args

from llm_latency_lens.simulator.answer import compose
from llm_latency_lens.simulator.anthropic import AnthropicMessages
from llm_latency_lens.simulator.cohere_embeddings import CohereEmbeddings
from llm_latency_lens.simulator.cohere_v2 import CohereV2
from llm_latency_lens.simulator.dialect import Ticket
from llm_latency_lens.simulator.fault import ErrorShape
from llm_latency_lens.simulator.gemini import GeminiContent
from llm_latency_lens.simulator.gemini_embeddings import GeminiEmbeddings
from llm_latency_lens.simulator.ollama import OllamaChat
from llm_latency_lens.simulator.ollama_embeddings import OllamaEmbeddings
from llm_latency_lens.simulator.openai_chat import OpenAIChat
from llm_latency_lens.simulator.openai_embeddings import OpenAIEmbeddings
from llm_latency_lens.simulator.openai_responses import OpenAIResponses
from llm_latency_lens.simulator.script import read_script
from llm_latency_lens.simulator.stream_errors import stream_error
from llm_latency_lens.simulator.vectors import Vectors

_SHARED = Path(os.environ.get("LENS_SHARED") or Path(__file__).parents[3] / "shared") / "streams"
_TICKET = Ticket("req_1", "some-model", 1_700_000_000, 40)
_TOOL = {"name": "look", "arguments": {"city": "Oslo"}}
_SCRIPTS = (
    {"text": "one two three \N{GRINNING FACE}"},
    {"text": "one two", "reasoning_tokens": 3, "show_reasoning": True},
    {"text": "one", "tool_call": _TOOL},
    {"output_tokens": 9, "input_tokens": 30, "cached_input_tokens": 10, "tokens_per_event": 2},
)
_DIALECTS = {
    "openai_chat": OpenAIChat(),
    "openai_responses": OpenAIResponses(),
    "anthropic": AnthropicMessages(),
    "gemini": GeminiContent("array"),
    "cohere_v2": CohereV2(),
    "ollama": OllamaChat(),
}
_EMBEDDINGS = {
    "openai_embeddings": (OpenAIEmbeddings(),),
    "cohere_embeddings": (CohereEmbeddings(),),
    "gemini_embeddings": tuple(
        map(GeminiEmbeddings, ("embedContent", "batchEmbedContents", "predict"))
    ),
    "ollama_embeddings": (OllamaEmbeddings(),),
}


def _lines(*objects):
    return b"".join(json.dumps(each).encode() + b"\n" for each in objects)


def _events(*objects):
    return b"".join(
        f"event: {each.get('type', '')}\ndata: {json.dumps(each)}\n\n".encode() for each in objects
    )


_CALL = {"id": "c1", "function": {"name": "look", "arguments": {"city": "Oslo"}}}
_OBJECTS = (
    {"candidates": [{"content": {"parts": [{"text": "hm", "thought": True}, {"text": "one"}]}}]},
    {
        "candidates": [
            {"content": {"parts": [{"functionCall": {"name": "look", "willContinue": True}}]}},
            {
                "index": 1,
                "content": {
                    "parts": [
                        {"functionCall": {"partialArgs": [{"jsonPath": "$.a", "stringValue": "O"}]}}
                    ]
                },
            },
        ]
    },
    {
        "candidates": [{"finishReason": "STOP", "content": {"parts": [{"text": ""}]}}],
        "usageMetadata": {"promptTokenCount": 7, "thoughtsTokenCount": 3, "totalTokenCount": 12},
        "modelVersion": "gemini",
        "responseId": "r1",
    },
)
# What the simulator does not write.
_BY_HAND = {
    "gemini": (
        json.dumps([*_OBJECTS], indent=2).encode(),
        b"".join(b"data: " + json.dumps(each).encode() + b"\r\n\r\n" for each in _OBJECTS),
        json.dumps(_OBJECTS[0]).encode(),
        b'{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":7}}',
        b'[{"error":{"code":429,"status":"X","details":[{"retryDelay":"48s"}]}}]',
    ),
    "cohere_v2": (
        _events(
            {"type": "message-start", "id": "m1"},
            {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "I will"}}},
            {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "a"}}}},
            {"type": "tool-call-start", "index": 0, "delta": {"message": {"tool_calls": _CALL}}},
            {
                "type": "message-end",
                "delta": {"finish_reason": "ERROR", "error": "bad", "usage": {}},
            },
        ),
    ),
    "cohere_v1": (
        _lines(
            {"event_type": "stream-start", "generation_id": "g1"},
            {"event_type": "text-generation", "text": "one"},
            {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "name": "look"}},
            {"event_type": "stream-end", "finish_reason": "COMPLETE", "response": {"meta": {}}},
        ),
        b'{"text":"one","generation_id":"g1","finish_reason":"COMPLETE","tool_calls":[]}',
    ),
    "ollama": (
        _lines(
            {"model": "m", "message": {"content": "", "thinking": "hm"}, "done": False},
            {"model": "m", "message": {"content": "one", "tool_calls": [_CALL]}, "done": False},
            {"done": True, "done_reason": "stop", "eval_count": 3, "total_duration": 10**9},
        ),
        _lines({"response": "one", "done": False}, {"error": "gone"}),
        json.dumps({"model": "m", "response": "one", "done": True}, indent=1).encode(),
    ),
    "replicate": (
        (
            b": hi\n\nevent: output\nid: 1:0\ndata: one\n\nevent: output\ndata: \ndata: two\n\n"
            b'event: done\ndata: {"reason":"canceled"}\n\n:408: 408 Request Timeout\n\n'
        ),
        b"event: output\ndata: one\n\nevent: error\ndata: out of memory\n\n",
        (
            b'{"id":"p","status":"failed","error":"bad","output":["one"," two"],"metrics":'
            b'{"predict_time":1.5},"created_at":"2026-01-01T00:00:00Z",'
            b'"started_at":"2026-01-01T00:00:02.5Z","urls":{"get":"https://x"}}'
        ),
    ),
}


def seed_bodies(protocol):
    """Return the bodies of a protocol by name."""
    return {**_written(protocol), **_recorded(protocol)}


def _written(protocol):
    bodies = {f"by hand {number}": body for number, body in enumerate(_BY_HAND.get(protocol, ()))}
    for number, dialect in enumerate(_EMBEDDINGS.get(protocol, ())):
        usage = compose(read_script({}), None, show_reasoning=False).without_words().usage
        for form in ("float", "base64"):
            ticket = replace(_TICKET, vectors=Vectors(2, 3 if form == "float" else 400, form))
            bodies[f"{form} vectors {number}"] = dialect.body(ticket, None, usage)
        bodies["error"] = dialect.error(_TICKET, 429)
    dialect = _DIALECTS.get(protocol)
    if dialect is None:
        return bodies
    for number, fields in enumerate(_SCRIPTS):
        made = compose(read_script(fields), None, show_reasoning=True)
        events = dialect.events(_TICKET, made, made.usage)
        bodies[f"stream {number}"] = b"".join(event.payload for event in events)
        bodies[f"whole {number}"] = dialect.body(_TICKET, made, made.usage)
    for shape in get_args(ErrorShape):
        broken = stream_error(dialect, _TICKET, shape, 4)
        bodies[f"{shape} in a stream"] = b"".join(event.payload for event in broken)
    bodies["error"] = dialect.error(_TICKET, 429)
    return bodies


def _recorded(protocol):
    index = _SHARED / "index.json"
    entries = json.loads(index.read_bytes())["entries"] if index.is_file() else ()
    return {
        entry["id"]: (_SHARED / entry["body"]).read_bytes()
        for entry in entries
        if entry["id"].partition("/")[0] in (protocol, "errors")
    }
