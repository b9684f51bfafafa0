"""Routes: which API answers a path, and what the path itself asks for."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from llm_latency_lens.simulator.anthropic import AnthropicMessages
from llm_latency_lens.simulator.cohere_embeddings import CohereEmbeddings
from llm_latency_lens.simulator.cohere_v2 import CohereV2
from llm_latency_lens.simulator.dialect import Dialect
from llm_latency_lens.simulator.gemini import GeminiContent
from llm_latency_lens.simulator.gemini_embeddings import GeminiEmbeddings, Verb
from llm_latency_lens.simulator.ollama import OllamaChat, OllamaGenerate
from llm_latency_lens.simulator.ollama_embeddings import OllamaEmbeddings
from llm_latency_lens.simulator.openai_chat import OpenAIChat
from llm_latency_lens.simulator.openai_embeddings import OpenAIEmbeddings
from llm_latency_lens.simulator.openai_responses import OpenAIResponses
from llm_latency_lens.simulator.replicate import ReplicatePredictions

__all__ = ["route"]

_CHAT: Dialect = OpenAIChat()
_RESPONSES: Dialect = OpenAIResponses()
_PREDICTIONS: Dialect = ReplicatePredictions()
_EMBEDDINGS: Dialect = OpenAIEmbeddings()
_PATHS: Mapping[str, Dialect] = {
    "/v1/chat/completions": _CHAT,
    "/chat/completions": _CHAT,
    "/v1/responses": _RESPONSES,
    "/responses": _RESPONSES,
    "/v1/embeddings": _EMBEDDINGS,
    "/embeddings": _EMBEDDINGS,
    "/v1/messages": AnthropicMessages(),
    "/v2/chat": CohereV2(),
    "/v2/embed": CohereEmbeddings(),
    "/api/chat": OllamaChat(),
    "/api/generate": OllamaGenerate(),
    "/v1/predictions": _PREDICTIONS,
    "/api/embed": OllamaEmbeddings(),
}
_GEMINI: Mapping[bool, Dialect] = {True: GeminiContent("sse"), False: GeminiContent("array")}
_VERBS: tuple[Verb, ...] = ("embedContent", "batchEmbedContents", "predict")
_GEMINI_EMBEDDINGS: Mapping[str, Dialect] = {verb: GeminiEmbeddings(verb) for verb in _VERBS}
# The Gemini API, and Vertex AI with its longer prefix.
_METHOD = re.compile(r"/v1[a-z0-9]*/(?:.+/)?models/([^/]+):([A-Za-z]+)")
_GENERATE, _STREAM = "generateContent", "streamGenerateContent"
_PREDICTIONS_PATH = re.compile(r"/v1/(?:models|deployments)/([^/]+/[^/]+)/predictions")


def route(target: str) -> tuple[Dialect, dict[str, Any]] | None:
    """Return the API of a request's target and the fields that its path adds to the body."""
    path, _, query = target.partition("?")
    if dialect := _PATHS.get(path):
        return dialect, {}
    if match := _METHOD.fullmatch(path):
        model, method = unquote(match[1]), match[2]
        if dialect := _GEMINI_EMBEDDINGS.get(method):
            return dialect, {"model": model}
        if method in (_GENERATE, _STREAM):
            is_sse = method == _GENERATE or parse_qs(query).get("alt") == ["sse"]
            return _GEMINI[is_sse], {"model": model, "stream": method == _STREAM}
    if match := _PREDICTIONS_PATH.fullmatch(path):
        return _PREDICTIONS, {"model": unquote(match[1])}
    return None
