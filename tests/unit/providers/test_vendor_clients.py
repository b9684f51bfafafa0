"""Vendors: what is asked of their SDKs, and what is said when those are missing."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from llm_latency_lens.errors import ConfigurationError, MissingExtra
from llm_latency_lens.providers import VENDORS, Directory, Prompt, Vendor
from llm_latency_lens.providers.openai import OpenAI


def _delta(**fields):
    return {"choices": [{"delta": fields}]}


def _block(kind, **fields):
    return {"type": kind, "delta": fields}


SPOKEN = {
    "openai": (
        [
            _delta(content=""),
            _delta(content=None, reasoning_content="hm"),
            _delta(content="a"),
            _delta(tool_calls=["b"]),
            _delta(content=["odd"]),
            {"choices": []},
            {"choices": None},
            {"choices": ["odd", {"delta": None}]},
        ],
        SimpleNamespace(choices=[SimpleNamespace(message=SimpleNamespace(content="ab"))]),
    ),
    "anthropic": (
        [
            _block("message_start"),
            _block("content_block_delta", thinking="hm"),
            _block("content_block_delta", text="a"),
            _block("content_block_delta", partial_json="b"),
            {"type": "content_block_delta", "delta": None},
            _block("message_stop"),
        ],
        SimpleNamespace(content=[SimpleNamespace(text="a"), SimpleNamespace(id="tool")]),
    ),
}


class _Client:
    """Stands for an SDK's client: takes the place of every object on the way to create."""

    def __init__(self, asked, vendor, **options):
        self.asked = asked
        self.events, self.answer = SPOKEN[vendor]
        asked.append(options)
        self.chat = self.completions = self.messages = self
        self.with_streaming_response = SimpleNamespace(create=self._open)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.asked.append("closed")

    async def create(self, **words):
        self.asked.append(words)
        return self.answer

    @asynccontextmanager
    async def _open(self, **words):
        self.asked.append(words)
        yield SimpleNamespace(iter_bytes=self._chunks)

    async def _chunks(self):
        for event in self.events:
            yield b"data: %s\n\n" % json.dumps(event).encode()


@pytest.fixture
def asked(monkeypatch):
    """What the SDKs were asked, with both replaced."""
    asked = []

    fault = type("SDKError", (Exception,), {})
    for name, words in {
        "openai": {"AsyncOpenAI": partial(_Client, asked, "openai"), "OpenAIError": fault},
        "anthropic": {
            "AsyncAnthropic": partial(_Client, asked, "anthropic"),
            "AnthropicError": fault,
        },
    }.items():
        words["APIError"] = fault
        words["Timeout"] = lambda rest, connect: (rest, connect)
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(**words))
    return asked


def _ask(vendor, prompt, **options):
    async def ask():
        opened = VENDORS[vendor].open(api_key="k", base_url=None, connect_s=5)
        async with opened as send:
            await send(prompt, **options)

    asyncio.run(ask())


def test_openai_asks_for_a_stream_with_usage(asked):
    """A stream is read to its end, and told to bring its usage."""
    _ask("openai", Prompt("hello", "gpt-4o-mini", stream=True, max_tokens=5))

    assert [
        {"api_key": "k", "base_url": None, "timeout": (None, 5), "max_retries": 0},
        {
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": "hello"}],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_completion_tokens": 5,
        },
        "closed",
    ] == asked


def test_openai_asks_for_an_answer_in_one_piece(asked):
    """Without a stream and a limit only the prompt goes out."""
    _ask("openai", Prompt("hello", "gpt-4o-mini", stream=False, max_tokens=None))

    assert {"model", "messages", "stream"} == asked[1].keys()


def test_anthropic_is_given_a_limit(asked):
    """Its API demands one."""
    _ask("anthropic", Prompt("hello", "claude", stream=True, max_tokens=None))

    assert (1024, True) == (asked[1]["max_tokens"], asked[1]["stream"])
    assert ["closed"] == asked[2:]


def test_anthropic_takes_the_limit_that_is_given(asked):
    """A limit of the caller's replaces it."""
    _ask("anthropic", Prompt("hello", "claude", stream=False, max_tokens=7))

    assert (7, False) == (asked[1]["max_tokens"], asked[1]["stream"])


@pytest.mark.parametrize(
    ("vendor", "extra", "module"),
    [
        ("openai", "openai", "openai"),
        ("anthropic", "anthropic", "anthropic"),
        ("groq", "openai", "openai"),
        ("google", "google", "google.genai"),
        ("cohere", "cohere", "cohere"),
        ("ollama", "ollama", "ollama"),
        ("replicate", "replicate", "replicate"),
    ],
)
def test_a_missing_sdk_is_told_with_the_way_to_install_it(monkeypatch, vendor, extra, module):
    """The message gives the command."""
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(MissingExtra, match=rf'pip install "llm-latency-lens\[{extra}\]"'):
        _ask(vendor, Prompt("hello", "m", stream=True, max_tokens=None))


@pytest.mark.parametrize(
    ("vendor", "client", "error"),
    [
        ("openai", "AsyncOpenAI", "OpenAIError"),
        ("anthropic", "AsyncAnthropic", "AnthropicError"),
    ],
)
def test_a_refusal_of_the_sdk_is_told(asked, vendor, client, error):
    """What the SDK says of a missing key is passed on, under the vendor's name."""
    sdk = sys.modules[vendor]

    def refuse(**_):
        raise getattr(sdk, error)("no key")

    setattr(sdk, client, refuse)

    with pytest.raises(ConfigurationError, match=f"^{vendor}: no key$"):
        _ask(vendor, Prompt("hello", "m", stream=True, max_tokens=None))


def _ask_with(vendor, prompt, **options):
    async def ask():
        async with VENDORS[vendor].open(**({"api_key": "k", "base_url": None} | options)) as send:
            await send(prompt)

    asyncio.run(ask())


_SHAPED = [
    name
    for name, vendor in VENDORS.items()
    if isinstance(vendor.client, OpenAI) and name not in {"openai", "azure"}
]


@pytest.mark.parametrize("vendor", _SHAPED)
def test_a_vendor_like_openai_is_called_at_its_own_address(asked, monkeypatch, vendor):
    """With the key of its own variable, through the SDK of OpenAI."""
    client = VENDORS[vendor].client
    monkeypatch.setenv(client.key_variable, "own key")
    _ask_with(vendor, Prompt("hello", "m"), api_key=None)
    host = urlsplit(asked[0]["base_url"]).hostname

    assert "own key" == asked[0]["api_key"]
    assert vendor == Directory().find("POST", host, None, "/v1/chat/completions").provider


def test_a_key_and_an_address_that_are_given_win(asked, monkeypatch):
    """What stands in the call is what is meant."""
    monkeypatch.setenv("GROQ_API_KEY", "own key")
    _ask_with("groq", Prompt("hello", "m"), api_key="k", base_url="http://here/v1")

    assert ("k", "http://here/v1") == (asked[0]["api_key"], asked[0]["base_url"])


def test_a_missing_key_names_its_variable(asked, monkeypatch):
    """The SDK would name OpenAI's."""
    monkeypatch.delenv("GROQ_API_KEY", raising=False)

    with pytest.raises(ConfigurationError, match="groq: no key: set GROQ_API_KEY or api_key="):
        _ask_with("groq", Prompt("hello", "m"), api_key=None)


def test_azure_needs_an_address(asked):
    """Each customer has one of their own."""
    with pytest.raises(ConfigurationError, match=r"azure: no address: give base_url='https://NAME"):
        _ask("azure", Prompt("hello", "m"))


def test_the_limit_has_the_vendors_word(asked):
    """OpenAI's newer word is not known everywhere."""
    _ask("together", Prompt("hello", "m", max_tokens=5))

    assert 5 == asked[1]["max_tokens"]
    assert "max_completion_tokens" not in asked[1]


def test_a_vendor_that_tells_usage_unasked_is_not_asked(asked):
    """Mistral refuses words that it does not know."""
    _ask("mistral", Prompt("hello", "m"))

    assert "stream_options" not in asked[1]


def test_a_vendor_that_is_only_observed_says_what_can_be_done():
    """The lens has no client for it; a function that calls it can be profiled."""

    async def ask():
        async with Vendor("theirs", (), ("openai_chat",)).open(api_key="k", base_url=None):
            pass

    with pytest.raises(ConfigurationError, match="profile a function of yours that calls it"):
        asyncio.run(ask())


@pytest.mark.parametrize(
    ("vendor", "stream", "told"),
    [
        ("openai", True, ["", "a", "", ""]),
        ("openai", False, ["ab"]),
        ("anthropic", True, ["", "a", "", ""]),
        ("anthropic", False, ["a"]),
    ],
)
def test_each_token_is_told(asked, vendor, stream, told):
    """Reasoning and tool calls are tokens without a text; bookkeeping is none."""
    heard = []

    _ask(vendor, Prompt("hello", "m", stream=stream), on_token=heard.append)

    assert told == heard


@pytest.mark.parametrize("vendor", SPOKEN)
def test_a_retry_is_numbered(asked, vendor):
    """As the SDK itself would number it, so that its attempts are one call."""
    _ask(vendor, Prompt("hello", "m"), attempt=2)

    assert {"x-stainless-retry-count": "2"} == asked[1]["extra_headers"]


@pytest.mark.parametrize("vendor", SPOKEN)
def test_parameters_are_passed_on(asked, vendor):
    """As fields of the body, whether the SDK knows them or not."""
    _ask(vendor, Prompt("hello", "m", parameters={"temperature": 0}))

    assert {"temperature": 0} == asked[1]["extra_body"]
