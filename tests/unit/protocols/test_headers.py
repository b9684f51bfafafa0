"""Facts of response headers."""

import pytest

from llm_latency_lens.protocols import PROTOCOLS, HeaderFacts, read_headers


def _read(*headers, protocol="openai_chat"):
    return read_headers(headers, PROTOCOLS[protocol].request_ids)


def test_no_headers_tell_nothing():
    """All is empty."""
    assert HeaderFacts() == _read()


@pytest.mark.parametrize(
    ("protocol", "name"),
    [
        ("openai_chat", "X-Request-Id"),
        ("openai_chat", "apim-request-id"),
        ("anthropic", "request-id"),
    ],
)
def test_request_id_has_a_name_a_protocol(protocol, name):
    """Azure has one of its own; case does not matter."""
    assert "r1" == _read((name, "r1"), protocol=protocol).request_id


def test_names_of_rate_limits_are_sorted():
    """Their values stay out."""
    headers = [("x-ratelimit-reset-tokens", "6ms"), ("Anthropic-RateLimit-Requests-Limit", "5")]

    assert ("anthropic-ratelimit-requests-limit", "x-ratelimit-reset-tokens") == (
        _read(*headers).rate_limits
    )


def test_retry_headers_are_kept():
    """They say whether and when."""
    facts = _read(("Retry-After", "1"), ("x-should-retry", "true"), ("date", "today"))

    assert {"retry-after": "1", "x-should-retry": "true"} == facts.retries


def test_server_times_are_kept():
    """As the server sent them."""
    facts = _read(("openai-processing-ms", "73"), ("server-timing", "proxy;dur=750"))

    assert {"openai-processing-ms": "73", "server-timing": "proxy;dur=750"} == facts.server_times
