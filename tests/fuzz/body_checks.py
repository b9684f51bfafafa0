"""What holds of every body, however it was made: by chance or by what code it reaches."""

from dataclasses import replace
from itertools import pairwise

from llm_latency_lens.protocols import PROTOCOLS

__all__ = ["PATHS", "check_answer", "decode", "timeless"]

PATHS = {
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "anthropic": "/v1/messages",
    "gemini": "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
    "cohere_v2": "/v2/chat",
    "cohere_v1": "/v1/chat",
    "ollama": "/api/chat",
    "replicate": "/v1/models/meta/llama/predictions",
    "openai_embeddings": "/v1/embeddings",
    "cohere_embeddings": "/v2/embed",
    "gemini_embeddings": "/v1beta/models/gemini-embedding-001:batchEmbedContents",
    "ollama_embeddings": "/api/embed",
}


def decode(protocol, pieces, status, *, is_kept):
    """Return the answer that the decoder of *protocol* makes of *pieces*, one a nanosecond."""
    decoder = PROTOCOLS[protocol].decoder(
        content_type="text/event-stream", http_status=status, keep_content=is_kept
    )
    for at_ns, piece in enumerate(pieces, start=1):
        decoder.feed(piece, at_ns)
    return decoder.finish()


def check_answer(answer, *, is_kept):
    """Check what holds for every answer."""
    stamps = answer.token_at_ns

    assert answer.note == "" or answer.note.startswith("not decoded: ")
    assert all(early <= late for early, late in pairwise(stamps))
    assert answer.token_events == len(stamps)
    assert (stamps[-1:] or (None,))[0] == answer.last_token_ns
    assert len(answer.event_types) <= 257
    assert max(map(len, answer.event_types), default=0) <= 256
    assert is_kept or "" == answer.text + answer.reasoning_text + "".join(
        choice.text + choice.reasoning_text for choice in answer.choices
    )
    assert is_kept or () == answer.tool_calls


def timeless(answer):
    """Return the answer without its times, which are all that cuts of the network change."""
    return replace(answer, token_at_ns=(), first_output_ns=None, last_token_ns=None)
