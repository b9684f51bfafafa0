"""The conformance kit of providers passes what is right and names what is wrong."""

import asyncio
import gc
import json
from contextlib import asynccontextmanager

import pytest

from llm_latency_lens.errors import LensError
from llm_latency_lens.providers import Vendor
from llm_latency_lens.simulator import start_simulator
from llm_latency_lens.testing import check_provider

httpx = pytest.importorskip("httpx", reason="needs httpx")


class Refused(Exception):  # noqa: N818 - an SDK's word
    """The exception of an SDK that belongs to a package of its own."""


Refused.__module__ = "their_sdk.errors"


class Client:
    """A client of Chat Completions that does all as it should; flaws replace a part of it."""

    retries = 0
    read_s = None
    heeds_connect_s = True
    closes = True
    tells = True
    asks_for_streams = True
    heeds_max_tokens = True
    numbers = True
    swallows = False
    exception = Refused
    splits = False

    @asynccontextmanager
    async def open(self, *, api_key, base_url, connect_s=None):
        """Open a client of httpx."""
        limit = httpx.Timeout(self.read_s, connect=connect_s if self.heeds_connect_s else 9)
        client = httpx.AsyncClient(base_url=base_url, timeout=limit)
        try:
            yield self._asker(client)
        finally:
            if self.closes:
                await client.aclose()

    def _asker(self, client):
        async def ask(prompt, *, attempt=0, on_token=lambda text: None):
            try:
                await self._send(client, prompt, attempt, on_token)
            except Exception:
                if not self.swallows:
                    raise

        return ask

    async def _send(self, client, prompt, attempt, on_token):
        body = {
            "model": prompt.model,
            "messages": [{"role": "user", "content": prompt.text}],
            "stream": prompt.stream and self.asks_for_streams,
        }
        if prompt.max_tokens and self.heeds_max_tokens:
            body["max_tokens"] = prompt.max_tokens
        headers = {"x-stainless-retry-count": str(attempt)} if attempt and self.numbers else {}
        for left in range(self.retries, -1, -1):
            async with client.stream(
                "POST", "/chat/completions", json=body, headers=headers
            ) as answer:
                if answer.is_error:
                    await answer.aread()
                    if left:
                        continue
                    raise self.exception(answer.status_code)
                await self._read(answer, body["stream"], on_token if self.tells else lambda _: 0)
                return

    async def _read(self, answer, is_streamed, on_token):
        if not is_streamed:
            await answer.aread()
            on_token(answer.json()["choices"][0]["message"]["content"])
            return
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                event = json.loads(line[6:])
                if "error" in event:
                    raise self.exception(event["error"]["message"])
                for choice in event["choices"]:
                    if text := choice["delta"].get("content"):
                        for piece in text if self.splits else [text]:
                            on_token(piece)


@pytest.fixture(scope="module")
def simulator():
    """One for all checks."""
    with start_simulator() as started:
        yield started


def _vendor(packages=("their_sdk",), **flaws):
    client = type("Flawed", (Client,), flaws)()
    return Vendor("theirs", ("api.theirs.example",), ("openai_chat",), client, packages)


def test_a_sound_provider_passes(simulator):
    """By name or as a value, it is the same kit."""
    check_provider(_vendor(), simulator=simulator)


def test_a_simulator_is_started_if_none_is_given():
    """And its address may be told otherwise, as some SDKs add a part of the path."""
    check_provider(_vendor(), model="some-model")


def test_attempts_need_not_be_numbered(simulator):
    """Where the SDK has no way for a header."""
    check_provider(_vendor(numbers=False), simulator=simulator, numbers_attempts=False)


@pytest.mark.parametrize(
    ("flaw", "message"),
    [
        ({"retries": 1}, "HTTP 401: requests, as nothing is to be retried: expected 1, got 2"),
        ({"read_s": 30}, "other time limits of a request: expected {}"),
        ({"heeds_connect_s": False}, "the limit on connecting, in seconds: expected 10.0, got 9"),
        ({"closes": False}, "after leaving open.. its client still sends"),
        ({"tells": False}, "a stream: text that on_token was told: expected 'one two three'"),
        ({"splits": True}, "a stream: times that on_token was told: expected 3, got 13"),
        ({"asks_for_streams": False}, "a stream: asked for as a stream: expected True, got False"),
        ({"heeds_max_tokens": False}, "max_tokens=2: tokens that the simulator sent: expected 2"),
        ({"numbers": False}, "x-stainless-retry-count: expected .2., got .1, 1."),
        ({"swallows": True}, "HTTP 401: an exception was expected, and none was raised"),
        ({"exception": LensError}, "HTTP 401: the SDK's own exception was expected, not LensError"),
        ({"packages": ()}, "their_sdk.errors.Refused is not known .* Vendor.packages"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_a_flaw_is_named(simulator, flaw, message):
    """With what was expected and what was seen."""
    with pytest.raises(AssertionError, match=f"^theirs: .*{message}"):
        check_provider(_vendor(**flaw), simulator=simulator)
    # What a flawed client leaves open is complained about here, and not in the next test.
    gc.collect()


def test_what_is_raised_in_a_sound_call_is_told(simulator):
    """The exception is the cause."""

    async def fail(self, *_):
        raise Refused("no")

    with pytest.raises(AssertionError, match=r"a stream: Refused\('no'\) was raised") as told:
        check_provider(_vendor(_send=fail), simulator=simulator)

    assert isinstance(told.value.__cause__, Refused)


def test_an_unlimited_connect_is_found(simulator, monkeypatch):
    """Also where the HTTP library tells no limits: the connection must be given up."""

    async def blind(self, client, prompt, attempt, on_token):
        async with asyncio.timeout(1.5):
            await Client._send(self, client, prompt, attempt, on_token)

    @asynccontextmanager
    async def without_limits(self, *, connect_s=None, **words):
        async with Client.open(self, **words) as ask:
            yield ask

    monkeypatch.setattr("llm_latency_lens.testing.providers._Trial._check_limits", lambda _: None)
    with pytest.raises(AssertionError, match=r"does not accept the connection: outcome .*CANCEL"):
        check_provider(_vendor(_send=blind, open=without_limits), simulator=simulator)
