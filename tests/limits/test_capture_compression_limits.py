"""Compression: what a few bytes may become, and how far a body may look back."""

import gzip
import zlib

import pytest

from llm_latency_lens.capture import compression as module
from llm_latency_lens.capture.compression import TOO_LONG, decompression_of
from llm_latency_lens.errors import DecodeError

_SWOLLEN = 16 * 2**20


def _through(encoding, *chunks):
    """Return the pieces that the chunks become."""
    decompression = decompression_of(encoding)
    return [piece for chunk in chunks for piece in decompression.feed(chunk)]


def _bomb(encoding):
    """Return a few bytes that become _SWOLLEN."""
    zeros = bytes(_SWOLLEN)
    if encoding == "gzip":
        return gzip.compress(zeros)
    if encoding == "deflate":
        return zlib.compress(zeros)
    if encoding == "br":
        return pytest.importorskip("brotli", "1.2").compress(zeros, quality=1)
    return pytest.importorskip("zstandard").compress(zeros)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_no_piece_of_a_bomb_is_large(encoding):
    """What one step brings fits into the memory, whatever the whole would be."""
    sizes = [len(piece) for piece in _through(encoding, _bomb(encoding))]

    assert _SWOLLEN == sum(sizes)
    assert max(sizes) <= _SWOLLEN / 4


def test_a_body_that_swells_is_refused(monkeypatch):
    """A small body that becomes a large one stops at the limit."""
    monkeypatch.setattr(module, "MAX_DECOMPRESSED_BYTES", 2**20)

    with pytest.raises(DecodeError, match=TOO_LONG):
        _through("gzip", _bomb("gzip"))


def _brotli(data, window):
    squeeze = pytest.importorskip("brotli", "1.2").Compressor(quality=1, lgwin=window)
    return squeeze.process(data) + squeeze.finish()


@pytest.mark.parametrize(("window", "size"), [(10, 8), (16, 8), (17, 8), (22, 8), (24, 3)])
def test_brotli_is_read_where_little_is_looked_back_upon(window, size):
    """With a window above 4 MiB a body of 4 MiB, else one of any size."""
    data = bytes(size * 2**20)

    assert data == b"".join(_through("br", _brotli(data, window)))


@pytest.mark.parametrize("window", [23, 24])
def test_brotli_with_a_large_window_is_refused(window):
    """The window is memory that fills up with the body."""
    with pytest.raises(DecodeError, match=r"^not decoded: br with a large window$"):
        _through("br", _brotli(bytes(5 * 2**20), window))


def test_zstd_with_a_large_window_is_refused():
    """What the sender asks for is not given: it may be 128 MiB."""
    library = pytest.importorskip("zstandard")
    options = library.ZstdCompressionParameters(window_log=23, compression_level=1)
    squeeze = library.ZstdCompressor(compression_params=options).compressobj()

    with pytest.raises(DecodeError, match=r"^not decoded: broken zstd"):
        _through("zstd", squeeze.compress(bytes(2**20)) + squeeze.flush())
