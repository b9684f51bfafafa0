"""
One call to a hostile server, and the memory and time that it takes: run by hostile_bodies.py.

    python hostile_call.py URL NAME CLIENT off|on
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

HELLO: list[Any] = [{"role": "user", "content": "hi"}]
_CHAT = {"model": "m", "messages": HELLO, "stream": True}
# What is read and forgotten, by path and body: in each protocol with a framing of its own.
_RAW: dict[str, tuple[str, dict[str, Any]]] = {
    "raw": ("/v1/chat/completions", _CHAT),
    "raw array": ("/v1beta/models/m:streamGenerateContent", {"contents": []}),
    "raw lines": ("/api/chat", _CHAT),
}
_STATUS = Path("/proc/self/status")


def memory_kb(field: str) -> int:
    """Return a field of the kernel's account of this process: VmRSS now, VmHWM at its peak."""
    for line in _STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise LookupError(field)


def _raw_caller(client: str, url: str) -> Callable[[str], None]:
    import httpx2  # noqa: PLC0415 - only the client that is measured

    raw = httpx2.Client(timeout=120)

    def read(name: str) -> None:
        path, asked = _RAW[client]
        address = f"{url}/{quote(name)}{path}"
        with raw.stream("POST", address, json=asked) as response:
            for _ in response.iter_raw():
                pass

    return read


def _aiohttp_caller(url: str) -> Callable[[str], None]:
    import aiohttp  # noqa: PLC0415 - only the client that is measured

    async def read(name: str) -> None:
        address = f"{url}/{quote(name)}/v1/chat/completions"
        async with (
            aiohttp.ClientSession() as session,
            session.post(address, json=_CHAT) as response,
        ):
            async for _ in response.content.iter_any():
                pass

    return lambda name: asyncio.run(read(name))


def caller(client: str, url: str) -> Callable[[str], None]:
    """Return what asks for the body of a name and reads it to its end."""
    if client in _RAW:
        return _raw_caller(client, url)
    if client == "aiohttp":
        return _aiohttp_caller(url)
    if client == "anthropic":
        from anthropic import Anthropic  # noqa: PLC0415 - only the client that is measured

        def read_messages(name: str) -> None:
            sdk = Anthropic(base_url=f"{url}/{quote(name)}", api_key="k", max_retries=0)
            for _ in sdk.messages.create(model="m", max_tokens=9, messages=HELLO, stream=True):
                pass

        return read_messages
    from openai import OpenAI  # noqa: PLC0415 - only the client that is measured

    def read_chat(name: str) -> None:
        sdk = OpenAI(base_url=f"{url}/{quote(name)}/v1", api_key="k", max_retries=0)
        if client == "openai-json":
            sdk.chat.completions.create(model="m", messages=HELLO)
            return
        for _ in sdk.chat.completions.create(model="m", messages=HELLO, stream=True):
            pass

    return read_chat


def attempt(read: Callable[[str], None], name: str) -> str:
    """Make the call; return the name of what it raised."""
    try:
        read(name)
    except Exception as fault:
        return type(fault).__name__
    return ""


def main() -> None:
    url, name, client, lens = sys.argv[1:]
    read = caller(client, url)
    samples: list[Any] = []
    observer: Any = None
    scope: Any = None
    with ExitStack() as stack:
        if lens == "on":
            from llm_latency_lens.capture import Scope, hooks, open_scope  # noqa: PLC0415 - as said
            from llm_latency_lens.wiring import make_observer  # noqa: PLC0415 - as said

            host = url.removeprefix("http://")
            observer = make_observer([f"{host} = openai, anthropic, google, ollama"])
            scope = Scope("hostile")
            stack.enter_context(hooks(observer.begin))
            stack.enter_context(open_scope(scope))
        for _ in range(3):  # all that is made once is made
            attempt(read, "plain")
        if scope is not None:
            observer.settle(scope)
            scope.take()
        gc.collect()
        before_kb = memory_kb("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
        started = time.process_time()
        raised = attempt(read, name)
        if scope is not None:
            observer.settle(scope)
            samples = list(scope.take())
        spent = time.process_time() - started
        peak_kb = memory_kb("VmHWM")
    sample = samples[0] if samples else None
    told = sample and {
        "note": sample.note,
        "status": sample.outcome.status.value,
        "tokens": sample.token_events,
    }
    print(
        json.dumps(
            {
                "before_kb": before_kb,
                "peak_kb": peak_kb,
                "cpu_s": spent,
                "raised": raised,
                "sample": told,
            }
        )
    )


if __name__ == "__main__":
    main()
