"""What the parent makes of the first words of its child."""

import json
import os

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator import process
from llm_latency_lens.simulator.process import _read_address


def _heard(line):
    reading, writing = os.pipe()
    os.write(writing, line)
    os.close(writing)
    with open(reading, "rb") as stdout:  # noqa: PTH123 - a descriptor has no path
        return _read_address(stdout)


def test_the_child_says_where_it_listens():
    """The first line holds the address."""
    assert _heard(b'{"address": "127.0.0.1:8000"}\n') == "127.0.0.1:8000"


def test_a_child_that_could_not_listen_says_why():
    """The refusal of the child becomes the parent's."""
    with pytest.raises(ConfigurationError, match="port 80 is taken"):
        _heard(json.dumps({"error": "port 80 is taken"}).encode() + b"\n")


@pytest.mark.parametrize("line", [b"", b"Traceback\n"])
def test_a_child_that_says_something_else_did_not_start(line):
    """Silence or noise instead of an address is told as it came."""
    with pytest.raises(ConfigurationError, match="did not start"):
        _heard(line)


def test_a_child_that_says_nothing_is_given_up(monkeypatch):
    """The wait for the address has an end."""
    monkeypatch.setattr(process, "_START_S", 0)
    reading, writing = os.pipe()
    with (
        open(reading, "rb") as stdout,  # noqa: PTH123 - a descriptor has no path
        pytest.raises(ConfigurationError, match="did not start"),
    ):
        _read_address(stdout)
    os.close(writing)
