"""Active calls: a prompt that is sent through a vendor."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler import ActiveCall
from llm_latency_lens.profiler import active as module
from llm_latency_lens.providers import Prompt

PROMPT = Prompt("hello", "m", stream=True, max_tokens=None)


def test_an_unknown_vendor_is_told():
    """The known ones are listed."""
    with pytest.raises(UsageError, match="'nobody' is unknown; known are openai, anthropic"):
        ActiveCall("nobody", PROMPT)


def test_the_prompt_is_sent_as_often_as_asked(monkeypatch):
    """The client is opened once, with the key and address that were given."""
    heard = []

    class Vendor:
        @asynccontextmanager
        async def open(self, **options):
            heard.append(options)

            async def ask(prompt):
                heard.append(prompt)

            yield ask

    async def send_twice():
        async with ActiveCall("mine", PROMPT, "k", "http://localhost").opened() as send:
            await send()
            await send()

    monkeypatch.setattr(module, "VENDORS", {"mine": Vendor()})
    asyncio.run(send_twice())

    assert [{"api_key": "k", "base_url": "http://localhost"}, PROMPT, PROMPT] == heard
