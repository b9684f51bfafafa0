"""Names that a server gives."""

import pytest

from llm_latency_lens.protocols.headers import read_headers
from llm_latency_lens.protocols.names import name_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("gpt-4o mini é", "gpt-4o mini é"),
        ("a\0b\x1b[31m\nc\ud800", "a?b?[31m?c?"),
        ("x" * 1000, "x" * 256),
        ("", None),
        (None, None),
        (5, None),
    ],
    ids=["plain", "unprintable", "long", "empty", "none", "number"],
)
def test_names_can_be_shown(value, expected):
    """Short, and nothing in them that a terminal or a report would stumble over."""
    assert expected == name_of(value)


def test_request_id_is_a_name():
    """A header can be as long as the server likes."""
    assert "x" * 256 == read_headers([("x-request-id", "x" * 9999)], ("x-request-id",)).request_id
