"""
Wire protocols: what a response body and its headers say, one file a protocol.

Third parties bring a :class:`WireProtocol` of their own and test it with
``llm_latency_lens.testing.check_decoder``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from llm_latency_lens.protocols.answer import Answer, Choice, CountedUsage, ToolCall
from llm_latency_lens.protocols.anthropic import Anthropic
from llm_latency_lens.protocols.cohere_embeddings import CohereEmbeddings
from llm_latency_lens.protocols.cohere_v1 import CohereV1
from llm_latency_lens.protocols.cohere_v2 import CohereV2
from llm_latency_lens.protocols.contract import RequestFacts, StreamDecoder, WireProtocol
from llm_latency_lens.protocols.failures import ErrorFacts, classify
from llm_latency_lens.protocols.gemini import Gemini
from llm_latency_lens.protocols.gemini_embeddings import GeminiEmbeddings
from llm_latency_lens.protocols.headers import HeaderFacts, read_headers
from llm_latency_lens.protocols.ollama import Ollama
from llm_latency_lens.protocols.ollama_embeddings import OllamaEmbeddings
from llm_latency_lens.protocols.openai_chat import OpenAIChat
from llm_latency_lens.protocols.openai_embeddings import OpenAIEmbeddings
from llm_latency_lens.protocols.openai_responses import OpenAIResponses
from llm_latency_lens.protocols.prediction import Prediction
from llm_latency_lens.protocols.rate_limits import read_rate_limits, read_retry_after
from llm_latency_lens.protocols.replicate import Replicate
from llm_latency_lens.protocols.server_times import read_server_times

__all__ = [
    "PROTOCOLS",
    "Answer",
    "Choice",
    "CountedUsage",
    "ErrorFacts",
    "HeaderFacts",
    "Prediction",
    "RequestFacts",
    "StreamDecoder",
    "ToolCall",
    "WireProtocol",
    "classify",
    "read_headers",
    "read_rate_limits",
    "read_retry_after",
    "read_server_times",
]

PROTOCOLS: Mapping[str, WireProtocol] = MappingProxyType(
    {
        protocol.name: protocol
        for protocol in (
            OpenAIChat(),
            OpenAIResponses(),
            Anthropic(),
            Gemini(),
            CohereV2(),
            CohereV1(),
            Ollama(),
            Replicate(),
            OpenAIEmbeddings(),
            CohereEmbeddings(),
            GeminiEmbeddings(),
            OllamaEmbeddings(),
        )
    }
)
