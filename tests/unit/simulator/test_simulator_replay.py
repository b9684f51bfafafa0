"""Replays: reading a recorded body and cutting it into pieces."""

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.delays import Constant
from llm_latency_lens.simulator.replay import read_replay


@pytest.fixture
def read(tmp_path):
    """Reads a replay of the given body."""

    def _read(body=b"data: 1\n\n", **fields):
        path = tmp_path / "body"
        path.write_bytes(body)
        return read_replay("replay", {"path": str(path), **fields})

    return _read


@pytest.mark.parametrize(
    ("content_type", "body", "pieces"),
    [
        ("text/event-stream", b"a\nb\n\nc\n\n", (b"a\nb\n\n", b"c\n\n")),
        ("text/event-stream; charset=utf-8", b"a\r\n\r\nb", (b"a\r\n\r\n", b"b")),
        ("application/x-ndjson", b"{}\n{}\n", (b"{}\n", b"{}\n")),
        ("application/json", b"{\n\n}", (b"{\n\n}",)),
        ("text/event-stream", b"", ()),
    ],
)
def test_a_body_is_cut_by_its_type(read, content_type, body, pieces):
    """Events end with a blank line, records with a line; any other body is one piece."""
    assert pieces == read(body, content_type=content_type).pieces


def test_a_body_can_be_cut_by_length(read):
    """Chunks of bytes do not look at events."""
    assert (b"a\n\nb", b"\n\n") == read(b"a\n\nb\n\n", chunk_bytes=4).pieces


def test_fields_have_defaults(read):
    """A path is enough: a stream with status 200, at once, under the API's own headers."""
    replay = read()

    assert ("text/event-stream", 200, Constant(0), ()) == (
        replay.content_type,
        replay.status,
        replay.delays,
        replay.headers,
    )


@pytest.mark.parametrize("pairs", [{"A": "1", "Content-Length": "9"}, [["A", "1"]]])
def test_headers_are_pairs_or_an_object(read, pairs):
    """Headers are kept in lower case, without those that describe the recorded transfer."""
    assert (("a", "1"),) == read(headers=pairs).headers


@pytest.mark.parametrize(
    "fields",
    [
        {"delay": 3},
        {"path": ""},
        {"path": 3},
        {"content_type": ""},
        {"content_type": "a\nb"},
        {"status": 100},
        {"status": 204},
        {"status": "200"},
        {"delays": "soon"},
        {"chunk_bytes": 0},
        {"headers": {"a b": "1"}},
        {"headers": {"a": "1\r\nb: 2"}},
        {"headers": [["a"]]},
        {"headers": "a: 1"},
    ],
)
def test_what_cannot_be_sent_is_refused(read, fields):
    """A wrong field is named."""
    with pytest.raises(ConfigurationError, match="replay"):
        read(**fields)


def test_a_replay_needs_a_path():
    """Without a path the message shows how it is written."""
    with pytest.raises(ConfigurationError, match=r'"path": "recorded\.sse"'):
        read_replay("replay", "recorded.sse")
