"""The client of the control API where nobody answers, and its addresses."""

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.client import Simulator

NOBODY = Simulator("127.0.0.1:1")


def test_an_address_gives_both_base_urls():
    """OpenAI's base URL ends in /v1, Anthropic's does not."""
    assert (
        "127.0.0.1:1",
        "http://127.0.0.1:1/v1",
        "http://127.0.0.1:1",
        "Simulator('127.0.0.1:1')",
    ) == (NOBODY.host, NOBODY.base_url, NOBODY.anthropic_base_url, repr(NOBODY))


def test_a_missing_simulator_is_explained():
    """Where nobody listens the message says how to start one."""
    with pytest.raises(ConfigurationError, match=r"127\.0\.0\.1:1 .*start_simulator\(\)"):
        NOBODY.records()


def test_a_bad_script_is_refused_before_it_is_sent():
    """A wrong field is the caller's error, with or without a server."""
    with pytest.raises(ConfigurationError, match="script of 'm'"):
        NOBODY.script("m", ttft="soon")
