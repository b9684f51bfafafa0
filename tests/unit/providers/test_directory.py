"""The directory: whose a request is, by host, path and port."""

import pytest
from genai_prices.data import providers

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.providers import VENDORS, Directory, read_hosts

CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    ("host", "path", "provider", "protocol"),
    [
        ("api.openai.com", CHAT, "openai", "openai_chat"),
        ("api.openai.com", "/v1/responses", "openai", "openai_responses"),
        ("api.openai.com", "/v1/embeddings", "openai", "openai_embeddings"),
        ("api.cohere.com", "/v2/embed", "cohere", "cohere_embeddings"),
        ("api.cohere.com", "/compatibility/v1/embeddings", "cohere", "openai_embeddings"),
        ("api.mistral.ai", "/v1/embeddings", "mistral", "openai_embeddings"),
        (
            "generativelanguage.googleapis.com",
            "/v1beta/models/gemini-embedding-001:batchEmbedContents",
            "google",
            "gemini_embeddings",
        ),
        ("api.anthropic.com", "/v1/messages", "anthropic", "anthropic"),
        ("api.cohere.com", "/v2/chat", "cohere", "cohere_v2"),
        ("api.cohere.com", "/v1/chat", "cohere", "cohere_v1"),
        ("api.replicate.com", "/v1/models/meta/llama/predictions", "replicate", "replicate"),
        (
            "generativelanguage.googleapis.com",
            "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
            "google",
            "gemini",
        ),
        (
            "europe-west1-aiplatform.googleapis.com",
            "/v1/projects/p/locations/l/publishers/google/models/gemini-3:generateContent",
            "google",
            "gemini",
        ),
        ("api.together.ai", CHAT, "together", "openai_chat"),
        ("api.together.xyz", CHAT, "together", "openai_chat"),
        ("api.groq.com", "/openai/v1/chat/completions", "groq", "openai_chat"),
        ("api.groq.com", "/openai/v1/responses", "groq", "openai_responses"),
        ("api.deepseek.com", "/chat/completions", "deepseek", "openai_chat"),
        ("api.deepseek.com", "/responses", "deepseek", "openai_responses"),
        ("api.deepseek.com", "/anthropic/v1/messages", "deepseek", "anthropic"),
        ("api.mistral.ai", CHAT, "mistral", "openai_chat"),
        ("openrouter.ai", "/api/v1/chat/completions", "openrouter", "openai_chat"),
        ("api.perplexity.ai", "/chat/completions", "perplexity", "openai_chat"),
        ("api.x.ai", "/v1/responses", "x-ai", "openai_responses"),
        ("api.fireworks.ai", "/inference/v1/chat/completions", "fireworks", "openai_chat"),
        (
            "mine.openai.azure.com",
            "/openai/deployments/mini/chat/completions",
            "azure",
            "openai_chat",
        ),
        ("mine.openai.azure.com", "/openai/v1/responses", "azure", "openai_responses"),
        ("mine.services.ai.azure.com", "/anthropic/v1/messages", "azure", "anthropic"),
        (
            "us-east5-aiplatform.googleapis.com",
            "/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude:rawPredict",
            "google",
            "anthropic",
        ),
        (
            "aiplatform.googleapis.com",
            "/v1/projects/p/locations/global/endpoints/openapi/chat/completions",
            "google",
            "openai_chat",
        ),
    ],
)
def test_vendors_are_known_by_their_hosts(host, path, provider, protocol):
    """Each path of a vendor has its protocol, with no word of the body."""
    found = Directory().find("POST", host, None, path)

    assert (provider, protocol, True) == (found.provider, found.protocol.name, found.is_named)


@pytest.mark.parametrize(
    "host", ["openai.azure.com.evil.example", "xopenai.azure.com", "storage.googleapis.com"]
)
def test_a_host_that_only_looks_like_a_vendors_is_not_its(host):
    """The whole suffix counts, with its dot or dash."""
    assert host == Directory().find("POST", host, None, CHAT).provider


def test_vendors_are_spelled_as_in_the_price_book():
    """Else no price would be found. Two it does not have."""
    known = {provider.id for provider in providers}

    assert {"ollama", "replicate"} == VENDORS.keys() - known


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
@pytest.mark.parametrize(
    ("path", "protocol"),
    [
        ("/api/chat", "ollama"),
        ("/v1/chat/completions", "openai_chat"),
        ("/api/embed", "ollama_embeddings"),
        ("/api/embeddings", "ollama_embeddings"),
        ("/v1/embeddings", "openai_embeddings"),
    ],
)
def test_ollama_is_known_by_its_port(host, path, protocol):
    """It has no host of its own; on another port a server stays an address."""
    found = Directory().find("POST", host, 11434, path)

    assert ("ollama", protocol) == (found.provider, found.protocol.name)
    assert f"{host}:8080" == Directory().find("POST", host, 8080, path).provider


@pytest.mark.parametrize("host", ["streaming-api.svc.us.c.replicate.net", "stream.replicate.com"])
def test_the_stream_of_a_prediction_is_fetched_from_another_host(host):
    """With GET; only hosts of the vendor's own are meant."""
    found = Directory().find("GET", host, None, "/v1/streams/abc")

    assert ("replicate", "replicate") == (found.provider, found.protocol.name)
    assert Directory().find("GET", "localhost", 8000, "/v1/streams/abc") is None


def test_another_method_is_no_call():
    """What is fetched from a vendor is no answer of a model."""
    assert Directory().find("GET", "api.openai.com", None, CHAT) is None


@pytest.mark.parametrize("path", ["/v1/moderations", "/", "/v1/messages"])
def test_other_paths_of_a_vendor_are_no_calls(path):
    """A vendor's host answers other requests too."""
    assert Directory().find("POST", "api.openai.com", None, path) is None


@pytest.mark.parametrize(("port", "provider"), [(8000, "localhost:8000"), (None, "localhost")])
def test_an_unnamed_server_is_its_address(port, provider):
    """Known by the path; the body has the last word."""
    found = Directory().find("POST", "localhost", port, CHAT)

    assert (provider, False) == (found.provider, found.is_named)


def test_an_unnamed_server_with_another_path_is_nobody():
    """Not every server is a model."""
    assert Directory().find("POST", "localhost", 8000, "/login") is None


def test_a_name_with_a_port_wins_over_one_without():
    """The address is looked up before the host."""
    directory = Directory({"localhost": ("anthropic",), "localhost:8000": ("openai",)})

    assert "openai" == directory.find("POST", "localhost", 8000, CHAT).provider
    assert directory.find("POST", "localhost", 9000, CHAT) is None


def test_a_name_wins_over_a_vendor_of_that_host():
    """A project may say otherwise."""
    directory = Directory({"api.openai.com": ("anthropic",)})

    assert "anthropic" == directory.find("POST", "api.openai.com", None, "/v1/messages").provider


def test_a_server_of_several_vendors_is_told_by_path():
    """The first vendor that has the path is it."""
    directory = Directory({"gateway": ("openai", "anthropic")})

    assert "anthropic" == directory.find("POST", "gateway", None, "/v1/messages").provider
    assert "openai" == directory.find("POST", "gateway", None, CHAT).provider


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
