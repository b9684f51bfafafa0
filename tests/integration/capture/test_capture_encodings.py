"""Compressed bodies over real sockets: each event keeps its own time."""

import json
import random
import zlib

import pytest

MS = 1_000_000
SLACK_MS = 1000
CHUNK_BYTES = 64
EVENTS = 12
# So long after the first token that no slow machine can take one for the other.
DELAY_MS = 25


@pytest.fixture(params=["httpx", "httpx2"])
def library(request):
    """Each of the two libraries that are hooked."""
    return pytest.importorskip(request.param)


def _gzip():
    press = zlib.compressobj(wbits=31)
    return press.compress, lambda: press.flush(zlib.Z_SYNC_FLUSH), press.flush


def _deflate():
    press = zlib.compressobj()
    return press.compress, lambda: press.flush(zlib.Z_SYNC_FLUSH), press.flush


def _brotli():
    press = pytest.importorskip("brotli").Compressor()
    return press.process, press.flush, press.finish


def _zstd():
    library = pytest.importorskip("zstandard")
    press = library.ZstdCompressor().compressobj()
    return (
        press.compress,
        lambda: press.flush(library.COMPRESSOBJ_FLUSH_BLOCK),
        lambda: press.flush(library.COMPRESSOBJ_FLUSH_FINISH),
    )


ENCODINGS = {"gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}


def _events():
    words = random.Random(7)
    for _ in range(EVENTS):
        # Not to be squeezed much, so that the body stays many chunks long.
        delta = {"content": words.randbytes(30).hex()}
        yield b"data: %b\n\n" % json.dumps({"id": "c", "choices": [{"delta": delta}]}).encode()
    usage = {"prompt_tokens": 5, "completion_tokens": EVENTS}
    yield b"data: %b\n\n" % json.dumps({"choices": [], "usage": usage}).encode()
    yield b"data: [DONE]\n\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_token_has_the_time_of_its_last_compressed_byte(
    simulator, watching, model, library, tmp_path, encoding
):
    """A token is dated by the chunk with which it can be read, not by the end of the body."""
    compress, flush, finish = ENCODINGS[encoding]()
    flushed = [compress(event) + flush() for event in _events()]
    body = tmp_path / "body"
    body.write_bytes(b"".join(flushed) + finish())
    simulator.script(
        model,
        replay={
            "path": str(body),
            "headers": {"content-encoding": encoding},
            "chunk_bytes": CHUNK_BYTES,
            "delays": DELAY_MS,
        },
    )
    with watching() as seen, library.Client() as client:
        url = f"{simulator.base_url}/chat/completions"
        asked = {"model": model, "messages": [], "stream": True}
        with client.stream("POST", url, json=asked) as response:
            raw = b"".join(response.iter_raw())
    (record,) = simulator.records(model)
    first = record.events[(len(flushed[0]) - 1) // CHUNK_BYTES]
    sample = seen.sample

    assert (body.read_bytes(), "", EVENTS) == (raw, sample.note, sample.token_events)
    assert 0 <= sample.timeline.first_token_ns - first.sent_ns < SLACK_MS * MS
    assert sample.timeline.first_token_ns < record.events[-1].sent_ns
