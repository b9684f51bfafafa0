"""Embeddings: how little is held of vectors that nobody reads."""

import tracemalloc

from llm_latency_lens.protocols import PROTOCOLS


def test_megabytes_of_vectors_take_little_memory():
    """Of 25 MB, arriving as a network brings them, no more is held than of any other body."""
    vector = b"[" + b",".join([b"-0.012345678"] * 1000) + b"]"
    item = b'{"object":"embedding","index":0,"embedding":%b},' % vector
    decoder = PROTOCOLS["openai_embeddings"].decoder()
    tracemalloc.start()
    try:
        decoder.feed(b'{"data":[', 1)
        for _ in range(1999):
            decoder.feed(item, 1)
        decoder.feed(item[:-1] + b'],"model":"m","usage":{"prompt_tokens":9}}', 2)
        answer = decoder.finish()
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert ("", 9, "m") == (answer.note, answer.usage.input_tokens, answer.model)
    assert peak_bytes < 8_000_000
