"""Compression: stored bodies decompressed piece by piece, each piece at its own time."""

import gzip
import zlib

import pytest

from llm_latency_lens.capture.compression import decompression_of
from llm_latency_lens.errors import DecodeError

TEXT = b"data: one\n\ndata: two\n\n" * 40


def _bare_deflate(data):
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeeze.compress(data) + squeeze.flush()


def _through(encoding, *chunks):
    """Return the pieces that the chunks become."""
    decompression = decompression_of(encoding)
    return [piece for chunk in chunks for piece in decompression.feed(chunk)]


@pytest.mark.parametrize("encoding", ["", "identity", " , "])
def test_plain_bodies_are_left_alone(encoding):
    """Without an encoding there is nothing to undo."""
    assert decompression_of(encoding) is None


@pytest.mark.parametrize(
    ("encoding", "squeeze"),
    [
        ("gzip", gzip.compress),
        ("X-GZip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", _bare_deflate),
        ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
        ("identity, gzip", gzip.compress),
    ],
    ids=["gzip", "x-gzip", "zlib", "bare", "both", "identity"],
)
@pytest.mark.parametrize("size", [3, 100_000])
def test_compressed_bodies_come_back(encoding, squeeze, size):
    """Whole or in small pieces, the body is what was compressed."""
    data = squeeze(TEXT)
    chunks = [data[start : start + size] for start in range(0, len(data), size)]

    assert TEXT == b"".join(_through(encoding, *chunks))


def test_each_chunk_gives_what_it_brings():
    """So that what a chunk brings is stamped with that chunk's time."""
    squeeze = zlib.compressobj(wbits=31)
    first = squeeze.compress(b"one") + squeeze.flush(zlib.Z_SYNC_FLUSH)
    second = squeeze.compress(b"two") + squeeze.flush()
    decompression = decompression_of("gzip")

    assert [[b"one"], [b"two"]] == [list(decompression.feed(one)) for one in (first, second)]


@pytest.mark.parametrize(("module", "encoding"), [("brotli", "br"), ("zstandard", "zstd")])
def test_optional_encodings_are_read_where_their_package_is(module, encoding):
    """Brotli and zstd are read with the packages that the HTTP library itself uses."""
    library = pytest.importorskip(module)

    assert TEXT == b"".join(_through(encoding, library.compress(TEXT)))


def test_an_unknown_encoding_is_told():
    """Its name is in the message, the body is not."""
    with pytest.raises(DecodeError, match=r"^not decoded: content-encoding rot13$"):
        decompression_of("rot13")


def test_a_broken_body_is_told():
    """So is a body that is not what it says."""
    with pytest.raises(DecodeError, match=r"^not decoded: broken gzip: error$"):
        _through("gzip", b"no gzip")


def test_no_more_encodings_are_undone_than_a_server_would_use():
    """Each has memory of its own."""
    with pytest.raises(DecodeError, match=r"^not decoded: too many content-encodings$"):
        decompression_of(", ".join(["gzip"] * 1000))


def test_the_name_of_an_unknown_encoding_is_short():
    """It stands on the sample."""
    with pytest.raises(DecodeError, match=r"^not decoded: content-encoding x{64}$"):
        decompression_of("x" * 9999)
