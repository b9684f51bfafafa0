"""Unchanged code of users, as in ``vendor_calls``: OpenAI, Anthropic, and what sits on others."""

import asyncio
import os
from importlib import import_module

from vendor_calls import HELLO, drain, drain_async

_USAGE = {"stream_options": {"include_usage": True}}
_MOST_TOKENS = 64


def openai(simulator, model, *, stream):
    """Ask Chat Completions."""
    sdk = import_module("openai")
    with sdk.OpenAI(api_key="k", base_url=simulator.base_url) as client:
        more = _USAGE if stream else {}
        drain(
            client.chat.completions.create(model=model, messages=HELLO, stream=stream, **more),
            stream=stream,
        )


def openai_async(simulator, model, *, stream):
    """Do so in asyncio."""
    sdk = import_module("openai")

    async def call():
        async with sdk.AsyncOpenAI(api_key="k", base_url=simulator.base_url) as client:
            more = _USAGE if stream else {}
            answer = client.chat.completions.create(
                model=model, messages=HELLO, stream=stream, **more
            )
            await drain_async(await answer, stream=stream)

    asyncio.run(call())


def responses(simulator, model, *, stream):
    """Ask Responses."""
    sdk = import_module("openai")
    with sdk.OpenAI(api_key="k", base_url=simulator.base_url) as client:
        drain(client.responses.create(model=model, input="hello", stream=stream), stream=stream)


def responses_async(simulator, model, *, stream):
    """Do so in asyncio."""
    sdk = import_module("openai")

    async def call():
        async with sdk.AsyncOpenAI(api_key="k", base_url=simulator.base_url) as client:
            answer = client.responses.create(model=model, input="hello", stream=stream)
            await drain_async(await answer, stream=stream)

    asyncio.run(call())


def anthropic(simulator, model, *, stream):
    """Ask Messages."""
    sdk = import_module("anthropic")
    with sdk.Anthropic(api_key="k", base_url=simulator.anthropic_base_url) as client:
        answer = client.messages.create(
            model=model, messages=HELLO, max_tokens=_MOST_TOKENS, stream=stream
        )
        drain(answer, stream=stream)


def anthropic_async(simulator, model, *, stream):
    """Do so in asyncio."""
    sdk = import_module("anthropic")

    async def call():
        async with sdk.AsyncAnthropic(api_key="k", base_url=simulator.anthropic_base_url) as client:
            answer = client.messages.create(
                model=model, messages=HELLO, max_tokens=_MOST_TOKENS, stream=stream
            )
            await drain_async(await answer, stream=stream)

    asyncio.run(call())


def langchain(simulator, model, *, stream):
    """Ask through LangChain."""
    with import_module("openai").DefaultHttpxClient() as http:
        asked = _langchain(simulator, model, http_client=http)
        drain(asked.stream("hello") if stream else asked.invoke("hello"), stream=stream)


def langchain_async(simulator, model, *, stream):
    """Do so in asyncio."""

    async def call():
        async with import_module("openai").DefaultAsyncHttpxClient() as http:
            asked = _langchain(simulator, model, http_async_client=http)
            answer = asked.astream("hello") if stream else await asked.ainvoke("hello")
            await drain_async(answer, stream=stream)

    asyncio.run(call())


def _langchain(simulator, model, **clients):
    make = import_module("langchain_openai").ChatOpenAI
    return make(model=model, api_key="k", base_url=simulator.base_url, stream_usage=True, **clients)


def pydantic_ai(simulator, model, *, stream):
    """Ask through pydantic-ai, whose synchronous face has an event loop behind it."""
    direct = import_module("pydantic_ai.direct")
    # Nothing that it keeps open may outlive the loop of the call.
    alone = import_module("httpx2").Limits(max_keepalive_connections=0)
    http = import_module("openai").DefaultAsyncHttpxClient(limits=alone)
    asked, prompt = _pydantic_ai(simulator, model, http)
    with asyncio.Runner() as runner:
        runner.get_loop()
        try:
            if stream:
                with direct.model_request_stream_sync(asked, prompt) as events:
                    drain(events, stream=True)
            else:
                direct.model_request_sync(asked, prompt)
        finally:
            runner.run(http.aclose())


def pydantic_ai_async(simulator, model, *, stream):
    """Do so in asyncio."""
    direct = import_module("pydantic_ai.direct")

    async def call():
        async with import_module("openai").DefaultAsyncHttpxClient() as http:
            asked, prompt = _pydantic_ai(simulator, model, http)
            if not stream:
                await direct.model_request(asked, prompt)
                return
            async with direct.model_request_stream(asked, prompt) as events:
                await drain_async(events, stream=True)

    asyncio.run(call())


def _pydantic_ai(simulator, model, http):
    client = import_module("openai").AsyncOpenAI(
        api_key="k", base_url=simulator.base_url, http_client=http
    )
    provider = import_module("pydantic_ai.providers.openai").OpenAIProvider(openai_client=client)
    asked = import_module("pydantic_ai.models.openai").OpenAIChatModel(model, provider=provider)
    prompt = import_module("pydantic_ai").ModelRequest.user_text_prompt("hello")
    return asked, [prompt]


def litellm(simulator, model, *, stream):
    """Ask through LiteLLM, of a server that speaks as OpenAI does."""
    sdk = _import_litellm()
    drain(sdk.completion(**_litellm(simulator, model, stream=stream)), stream=stream)


def litellm_async(simulator, model, *, stream):
    """Do so in asyncio."""
    sdk = _import_litellm()

    async def call():
        answer = await sdk.acompletion(**_litellm(simulator, model, stream=stream))
        await drain_async(answer, stream=stream)

    asyncio.run(call())


def _import_litellm():
    # Else it would look for prices on the network when it is imported.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    return import_module("litellm")


def _litellm(simulator, model, *, stream):
    return {
        "model": f"openai/{model}",
        "messages": HELLO,
        "api_base": simulator.base_url,
        "api_key": "k",
        "stream": stream,
        **(_USAGE if stream else {}),
    }
