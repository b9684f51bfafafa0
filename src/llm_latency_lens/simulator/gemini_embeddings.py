"""
Writes Gemini's embeddings: one content, several, or the form of Vertex AI's older models.

https://ai.google.dev/api/embeddings
"""

from collections.abc import Mapping
from typing import Any, Literal

from llm_latency_lens.simulator.answer import Answer, Usage
from llm_latency_lens.simulator.dialect import Asked, Ticket, read_asked, to_json
from llm_latency_lens.simulator.embeddings import Embeddings, wanting
from llm_latency_lens.simulator.gemini import GeminiContent
from llm_latency_lens.simulator.vectors import Vectors, read_vectors

__all__ = ["GeminiEmbeddings", "Verb"]

Verb = Literal["embedContent", "batchEmbedContents", "predict"]
_INPUTS: Mapping[Verb, str] = {
    "embedContent": "content",
    "batchEmbedContents": "requests",
    "predict": "instances",
}


class GeminiEmbeddings(Embeddings):
    """The methods that embed."""

    __slots__ = ("_verb",)

    name = "gemini_embeddings"

    def __init__(self, verb: Verb) -> None:
        super().__init__(GeminiContent("sse"))
        self._verb: Verb = verb

    def asked(self, fields: Mapping[str, Any]) -> Asked:
        """Return what path and body ask for; ValueError when it is no valid request."""
        asked = read_asked(fields, (), wants_usage=True, has_messages=False)
        inputs = fields.get(_INPUTS[self._verb])
        # Of several requests the first speaks for all.
        first = inputs[0] if isinstance(inputs, list) and inputs else {}
        places = (fields, fields.get("embedContentConfig"), fields.get("parameters"), first)
        told = [one for one in places if isinstance(one, dict)]
        words = ("outputDimensionality", "output_dimensionality")
        sizes = [one[word] for one in told for word in words if one.get(word)]
        named = dict.fromkeys(words[:1], sizes[0] if sizes else None)
        return wanting(asked, read_vectors(named, inputs, words[0], "float"))

    def body(self, ticket: Ticket, answer: Answer, usage: Usage | None) -> bytes:  # noqa: ARG002 - there are no words
        """Return the vectors in one piece."""
        vectors = ticket.vectors or Vectors(1)
        tokens = usage.input_tokens if usage else None
        values = [b'{"values":' + vectors.as_json(at) for at in range(vectors.number)]
        if self._verb == "predict":
            # It counts text by text.
            counts = [tokens, *[0] * (vectors.number - 1)]
            items = [
                b'{"embeddings":%b,"statistics":%b}}'
                % (one, to_json({"truncated": False, "token_count": count}))
                for one, count in zip(values, counts, strict=True)
            ]
            return b'{"predictions":[' + b",".join(items) + b"]}"
        told = b"" if tokens is None else b',"usageMetadata":{"promptTokenCount":%d}' % tokens
        if self._verb == "embedContent":
            return b'{"embedding":' + values[0] + b"}" + told + b"}"
        return b'{"embeddings":[' + b",".join(one + b"}" for one in values) + b"]" + told + b"}"
