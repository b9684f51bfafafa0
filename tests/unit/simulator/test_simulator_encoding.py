"""Compressed bodies."""

import zlib

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.encoding import compressed, flushed, read_encoding
from llm_latency_lens.simulator.pacing import Part

WINDOWS = [("gzip", 31), ("deflate", 15)]
PARTS = (Part(1, "a", 1, b"one"), Part(2, "", 0, b""), Part(5, "b", 2, b"two"))


@pytest.mark.parametrize(("encoding", "window"), WINDOWS)
def test_a_body_is_compressed_in_one_go(encoding, window):
    """What comes out is what went in."""
    assert b"body" == zlib.decompress(compressed(b"body", encoding), window)


@pytest.mark.parametrize(("encoding", "window"), WINDOWS)
def test_every_part_can_be_read_when_it_comes(encoding, window):
    """The text of a part needs no byte of the next; moments and kinds stay."""
    reader = zlib.decompressobj(window)
    parts = list(flushed(PARTS, encoding, is_whole=True))

    assert [b"one", b"", b"two", b""] == [reader.decompress(part.payload) for part in parts]
    assert reader.eof
    assert [(1, "a", 1), (2, "", 0), (5, "b", 2), (5, "", 0)] == [part[:3] for part in parts]


def test_a_broken_stream_has_no_end():
    """Parts that are not the whole leave the compressed data open."""
    reader = zlib.decompressobj(31)
    sent = b"".join(part.payload for part in flushed(PARTS, "gzip", is_whole=False))

    assert (b"onetwo", False) == (reader.decompress(sent), reader.eof)


@pytest.mark.parametrize("value", ["br", 3, None, ["gzip"]])
def test_other_encodings_are_refused(value):
    """Only what zlib writes can be asked for."""
    with pytest.raises(ConfigurationError, match='"gzip" or "deflate" is expected'):
        read_encoding("encoding", value)


def test_an_encoding_is_read():
    """The names are those of HTTP."""
    assert "gzip" == read_encoding("encoding", "gzip")
