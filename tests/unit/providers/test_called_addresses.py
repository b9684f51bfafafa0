"""A server that the lens calls as a vendor's is that vendor's, while it does."""

import pytest

from llm_latency_lens.providers import Directory
from llm_latency_lens.providers.called import called, called_vendors

PREDICTIONS = "/v1/models/a/b/predictions"


@pytest.mark.parametrize(
    ("base_url", "host", "port"),
    [
        ("http://127.0.0.1:8000/v1", "127.0.0.1", 8000),
        ("https://proxy.example", "proxy.example", None),
        ("https://proxy.example", "proxy.example", 443),
        ("http://[::1]:8000", "::1", 8000),
    ],
)
def test_a_called_address_is_known_until_its_client_closes(base_url, host, port):
    """With its port, or the usual one of its scheme."""
    with called("replicate", base_url):
        within = called_vendors(host, port)

    assert (("replicate",), ()) == (within, called_vendors(host, port))


@pytest.mark.parametrize("base_url", [None, "", "no address", "http://host:port"])
def test_what_is_no_address_names_nobody(base_url):
    """The SDK tells what is wrong with it."""
    with called("replicate", base_url):
        within = called_vendors("host", None)

    assert () == within


def test_an_address_may_be_called_as_several():
    """The path then tells whose a request is; each goes when its own client closes."""
    with called("openai", "http://here:1"):
        with called("replicate", "http://here:1"), called("openai", "http://here:1"):
            both = called_vendors("here", 1)
        one = called_vendors("here", 1)

    assert (("openai", "replicate"), ("openai",)) == (both, one)


def test_another_port_is_another_server():
    """Only what was called is known."""
    with called("replicate", "http://here:1"):
        assert () == called_vendors("here", 2)


def test_the_directory_knows_a_called_address():
    """Also in a protocol that only the host tells; what the project named comes first."""
    named = Directory({"here:1": ("openai",)})
    with called("replicate", "http://here:1"):
        found = [
            directory.find("POST", "here", 1, path)
            for directory, path in [
                (Directory(), PREDICTIONS),
                (named, PREDICTIONS),
                (named, "/v1/chat/completions"),
            ]
        ]

    assert [("replicate", True), ("replicate", True), ("openai", True)] == [
        (one.provider, one.is_named) for one in found
    ]
