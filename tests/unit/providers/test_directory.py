"""The directory: whose a request is, by host, path and port."""

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.providers import Directory, read_hosts

CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    ("host", "path", "provider", "protocol"),
    [
        ("api.openai.com", CHAT, "openai", "openai_chat"),
        ("api.openai.com", "/v1/responses", "openai", "openai_responses"),
        ("api.anthropic.com", "/v1/messages", "anthropic", "anthropic"),
    ],
)
def test_vendors_are_known_by_their_hosts(host, path, provider, protocol):
    """Each path of a vendor has its protocol, with no word of the body."""
    found = Directory().find(host, None, path)

    assert (provider, protocol, True) == (found.provider, found.protocol.name, found.is_named)


@pytest.mark.parametrize("path", ["/v1/embeddings", "/", "/v1/messages"])
def test_other_paths_of_a_vendor_are_no_calls(path):
    """A vendor's host answers other requests too."""
    assert Directory().find("api.openai.com", None, path) is None


@pytest.mark.parametrize(("port", "provider"), [(8000, "localhost:8000"), (None, "localhost")])
def test_an_unnamed_server_is_its_address(port, provider):
    """Known by the path; the body has the last word."""
    found = Directory().find("localhost", port, CHAT)

    assert (provider, False) == (found.provider, found.is_named)


def test_an_unnamed_server_with_another_path_is_nobody():
    """Not every server is a model."""
    assert Directory().find("localhost", 8000, "/login") is None


def test_a_name_with_a_port_wins_over_one_without():
    """The address is looked up before the host."""
    directory = Directory({"localhost": ("anthropic",), "localhost:8000": ("openai",)})

    assert "openai" == directory.find("localhost", 8000, CHAT).provider
    assert directory.find("localhost", 9000, CHAT) is None


def test_a_name_wins_over_a_vendor_of_that_host():
    """A project may say otherwise."""
    directory = Directory({"api.openai.com": ("anthropic",)})

    assert "anthropic" == directory.find("api.openai.com", None, "/v1/messages").provider


def test_a_server_of_several_vendors_is_told_by_path():
    """The first vendor that has the path is it."""
    directory = Directory({"gateway": ("openai", "anthropic")})

    assert "anthropic" == directory.find("gateway", None, "/v1/messages").provider
    assert "openai" == directory.find("gateway", None, CHAT).provider


def test_lines_name_hosts():
    """``host[:port] = vendor, vendor``, with spaces as one likes."""
    lines = ["localhost:8000 = openai", " gateway=openai , anthropic "]

    assert {
        "localhost:8000": ("openai",),
        "gateway": ("openai", "anthropic"),
    } == read_hosts(lines)


@pytest.mark.parametrize("line", ["localhost", "localhost =", "= openai", "localhost = nobody"])
def test_a_bad_line_is_quoted(line):
    """The message shows the line and a good one."""
    with pytest.raises(
        ConfigurationError, match=r"lens_hosts: .*localhost:8000 = openai"
    ) as raised:
        read_hosts([line])

    assert repr(line) in str(raised.value)
