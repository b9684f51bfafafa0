"""A process that makes calls through LiteLLM under the lens, and prints their samples."""

import asyncio
import json
import sys

import litellm

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.codec import encode_samples
from llm_latency_lens.providers import Directory

HELLO = [{"role": "user", "content": "hello"}]


def _asked(host, model, *, stream):
    return {
        "model": f"openai/{model}",
        "api_base": f"http://{host}/v1",
        "api_key": "k",
        "messages": HELLO,
        "stream": stream,
        "num_retries": 0,
        **({"stream_options": {"include_usage": True}} if stream else {}),
    }


def call(host, model, *, stream):
    """Call a server with the protocol of OpenAI."""
    answer = litellm.completion(**_asked(host, model, stream=stream))
    if stream:
        list(answer)


def call_async(host, model, *, stream):
    """Do so in asyncio, where it sends through an httpx client over aiohttp."""

    async def call():
        try:
            answer = await litellm.acompletion(**_asked(host, model, stream=stream))
            if stream:
                async for _ in answer:
                    pass
        finally:
            await litellm.close_litellm_async_clients()

    asyncio.run(call())


def main():
    """Make the calls that are named as ``how:model:stream``, after one unwatched of each kind."""
    host, *calls = sys.argv[1:]
    observer, told = Observer(Directory({host: ("openai",)})), []
    for each in calls:
        how, model, stream = each.split(":")
        make = {"sync": call, "async": call_async}[how]
        # What is loaded within a first call would come between the bytes of that.
        make(host, "warm", stream=stream == "stream")
        with hooks(observer.begin), open_scope(Scope()) as scope:
            try:
                make(host, model, stream=stream == "stream")
                raised = ""
            except litellm.exceptions.RateLimitError as fault:
                raised = type(fault).__name__
            observer.settle(scope)
        told.append((raised, encode_samples(scope.take())))
    # LiteLLM prints, too.
    print("\n" + json.dumps(told))  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main()
