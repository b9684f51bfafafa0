"""Reading of bodies: in pieces that no decoder has to copy whole."""

from types import SimpleNamespace

import pytest

from llm_latency_lens.capture.reading import BodyReading
from llm_latency_lens.capture.watch import LARGE_BYTES


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (10, [10]),
        (LARGE_BYTES, [LARGE_BYTES]),
        (2 * LARGE_BYTES + 1, [LARGE_BYTES, LARGE_BYTES, 1]),
    ],
)
def test_a_long_piece_is_read_in_short_ones(size, expected):
    """Each with the time of the whole."""
    fed = []
    decoder = SimpleNamespace(feed=lambda data, at_ns: fed.append((len(data), at_ns)))
    reading = BodyReading(SimpleNamespace(decoder=lambda **_: decoder), 200, ())
    reading.take([(1, 7, b"x" * size)])

    assert [(length, 7) for length in expected] == fed
