"""Compression: stored bodies decompressed piece by piece, each piece at its own time."""

import gzip
import zlib

import pytest

from llm_latency_lens.capture.compression import TOO_LONG, decompressed
from llm_latency_lens.capture.watch import MAX_BODY_BYTES
from llm_latency_lens.errors import DecodeError

TEXT = b"data: one\n\ndata: two\n\n" * 40


def _bare_deflate(data):
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeeze.compress(data) + squeeze.flush()


def _pieces(data, size):
    return [(at, data[at : at + size]) for at in range(0, len(data), size)]


def _joined(chunks):
    return b"".join(data for _, data in chunks)


@pytest.mark.parametrize("encoding", ["", "identity", " , "])
def test_plain_bodies_pass_through(encoding):
    """Without an encoding the very same chunks come back."""
    chunks = [(1, b"a"), (2, b"b")]

    assert chunks == list(decompressed(chunks, encoding))


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
    assert TEXT == _joined(decompressed(_pieces(squeeze(TEXT), size), encoding))


def test_each_piece_keeps_its_time():
    """What a chunk brings is stamped with that chunk's time."""
    squeeze = zlib.compressobj(wbits=31)
    first = squeeze.compress(b"one") + squeeze.flush(zlib.Z_SYNC_FLUSH)
    second = squeeze.compress(b"two") + squeeze.flush()
    found = [one for one in decompressed([(10, first), (20, second)], "gzip") if one[1]]

    assert [(10, b"one"), (20, b"two")] == found


@pytest.mark.parametrize(("module", "encoding"), [("brotli", "br"), ("zstandard", "zstd")])
def test_optional_encodings_are_read_where_their_package_is(module, encoding):
    """Brotli and zstd are read with the packages that the HTTP library itself uses."""
    library = pytest.importorskip(module)
    squeeze = library.compress

    assert TEXT == _joined(decompressed([(1, squeeze(TEXT))], encoding))


def test_an_unknown_encoding_is_told():
    """Its name is in the message, the body is not."""
    with pytest.raises(DecodeError, match=r"^not decoded: content-encoding rot13$"):
        decompressed([(1, b"secret")], "rot13")


def test_a_broken_body_is_told():
    """So is a body that is not what it says."""
    with pytest.raises(DecodeError, match=r"^not decoded: broken gzip: error$"):
        list(decompressed([(1, b"no gzip")], "gzip"))


def test_a_body_that_swells_is_refused():
    """A small body that becomes a large one stops at the limit."""
    bomb = gzip.compress(b"\0" * (MAX_BODY_BYTES + 1))

    with pytest.raises(DecodeError, match=TOO_LONG):
        list(decompressed([(1, bomb)], "gzip"))
