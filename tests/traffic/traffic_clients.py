"""
The clients: how each SDK, and each HTTP library by itself, makes the same call.

A client is kept for all calls of its section, as in an application. What a call brings is put
into a list while it comes, so that what came before an exception is kept.
"""

import asyncio
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

__all__ = ["MODEL", "Asking", "Section", "known_sections"]

MODEL = "traffic"
_MOST_TOKENS = 64
_CONNECT_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for: streamed or not, and how patient the client is."""

    streamed: bool
    retries: int = 0
    read_timeout_s: float = 10.0
    prompt: str = "hello"

    @property
    def messages(self):
        """The prompt as a conversation."""
        return [{"role": "user", "content": self.prompt}]


class Section:
    """
    One part of the page: a client and the API that it speaks.

    Attributes:
        name: Its heading.
        api: ``chat``, ``responses`` or ``messages``.
        retries: Whether the client sends again what failed.
    """

    api = "chat"
    retries = True

    def __init__(self, name, host):
        self.name = name
        self.host = host

    def ask(self, asking, received):
        """Make the call, synchronously; append what comes to *received*."""
        raise NotImplementedError

    async def ask_async(self, asking, received):
        """Make the call in an event loop."""
        raise NotImplementedError

    def close(self):
        """Close the synchronous client."""

    async def aclose(self):
        """Close the asynchronous client."""


class _Vendor(Section):
    """openai or anthropic: two clients of one make."""

    package = ""
    classes = ("", "")
    path = "/v1"

    def __init__(self, name, host):
        super().__init__(name, host)
        self.sdk = import_module(self.package)
        self._client, self._async = (self.open(is_async=each) for each in (False, True))

    def open(self, *, is_async, host=None, **options):
        """Return a new client."""
        make = getattr(self.sdk, self.classes[is_async])
        return make(base_url=f"http://{host or self.host}{self.path}", api_key="k", **options)

    def ask(self, asking, received):
        answer = self.create(self._patient(self._client, asking), asking)
        if not asking.streamed:
            received.append(answer)
            return
        with answer:
            received.extend(answer)

    async def ask_async(self, asking, received):
        answer = await self.create(self._patient(self._async, asking), asking)
        if not asking.streamed:
            received.append(answer)
            return
        async with answer:
            async for one in answer:
                received.append(one)

    def close(self):
        self._client.close()

    async def aclose(self):
        await self._async.close()

    def _patient(self, client, asking):
        timeout = self.sdk.Timeout(_CONNECT_TIMEOUT_S, read=asking.read_timeout_s)
        return client.with_options(max_retries=asking.retries, timeout=timeout)

    def create(self, client, asking):
        """Make the call with one of the clients, or return what is to be awaited."""
        raise NotImplementedError


class _OpenAIChat(_Vendor):
    package = "openai"
    classes = ("OpenAI", "AsyncOpenAI")

    def create(self, client, asking):
        more = {"stream_options": {"include_usage": True}} if asking.streamed else {}
        return client.chat.completions.create(
            model=MODEL, messages=asking.messages, stream=asking.streamed, **more
        )


class _OpenAIOverAiohttp(_OpenAIChat):
    """openai on the transport that it has for aiohttp; that is asynchronous in both columns."""

    classes = ("AsyncOpenAI", "AsyncOpenAI")

    def __init__(self, name, host):
        super().__init__(name, host)
        self._runner = asyncio.Runner()
        self._asked = self._async

    def open(self, *, is_async, host=None, **options):
        http = self.sdk.DefaultAioHttpClient(follow_redirects=True)
        return super().open(is_async=is_async, host=host, http_client=http, **options)

    def ask(self, asking, received):
        self._asked = self._client
        try:
            self._runner.run(self.ask_async(asking, received))
        finally:
            self._asked = self._async

    def close(self):
        self._runner.run(self._client.close())
        self._runner.close()

    def _patient(self, client, asking):
        return super()._patient(self._asked, asking)


class _OpenAIResponses(_OpenAIChat):
    api = "responses"

    def create(self, client, asking):
        return client.responses.create(model=MODEL, input=asking.prompt, stream=asking.streamed)


class _Anthropic(_Vendor):
    api = "messages"
    package = "anthropic"
    classes = ("Anthropic", "AsyncAnthropic")
    path = ""

    def create(self, client, asking):
        return client.messages.create(
            model=MODEL, messages=asking.messages, max_tokens=_MOST_TOKENS, stream=asking.streamed
        )


class _PlainHttp(Section):
    """An HTTP library without an SDK above it: it neither retries nor reads the answer."""

    package = ""
    retries = False

    def __init__(self, name, host):
        super().__init__(name, host)
        self._library = import_module(self.package)
        self._client = self._library.Client(follow_redirects=True)
        self._async = self._library.AsyncClient(follow_redirects=True)

    def ask(self, asking, received):
        with self._client.stream("POST", **self._request(asking)) as response:
            received.append(response.status_code)
            # Lines, as the network may cut the same bytes in other places the next time.
            received.extend(response.iter_lines())
        received.append(response)

    async def ask_async(self, asking, received):
        async with self._async.stream("POST", **self._request(asking)) as response:
            received.append(response.status_code)
            async for line in response.aiter_lines():
                received.append(line)
        received.append(response)

    def close(self):
        self._client.close()

    async def aclose(self):
        await self._async.aclose()

    def _request(self, asking):
        timeout = self._library.Timeout(_CONNECT_TIMEOUT_S, read=asking.read_timeout_s)
        return {**_chat_over_http(self.host, asking), "timeout": timeout}


class _Httpx(_PlainHttp):
    package = "httpx"


class _Httpx2(_PlainHttp):
    package = "httpx2"


class _Aiohttp(Section):
    """aiohttp by itself: a session for the loop of the table, and one for a loop of its own."""

    retries = False

    def __init__(self, name, host):
        super().__init__(name, host)
        self._library = import_module("aiohttp")
        self._runner = asyncio.Runner()
        self._client = self._async = None

    def ask(self, asking, received):
        self._runner.run(self._ask(asking, received))

    async def ask_async(self, asking, received):
        self._async = self._async or self._library.ClientSession()
        await self._read(self._async, asking, received)

    def close(self):
        if self._client is not None:
            self._runner.run(self._client.close())
        self._runner.close()

    async def aclose(self):
        if self._async is not None:
            await self._async.close()

    async def _ask(self, asking, received):
        self._client = self._client or self._library.ClientSession()
        await self._read(self._client, asking, received)

    async def _read(self, session, asking, received):
        asked = _chat_over_http(self.host, asking)
        limit = self._library.ClientTimeout(
            sock_connect=_CONNECT_TIMEOUT_S, sock_read=asking.read_timeout_s
        )
        async with session.post(**asked, timeout=limit) as response:
            received.append(response.status)
            async for line in response.content:
                received.append(line)
        received.append([*response.headers.keys(), response.url.path, response.method])


def _chat_over_http(host, asking):
    more = {"stream_options": {"include_usage": True}} if asking.streamed else {}
    return {
        "url": f"http://{host}/v1/chat/completions",
        "json": {
            "model": MODEL,
            "messages": asking.messages,
            "stream": asking.streamed,
            **more,
        },
    }


class _LangChain(Section):
    """langchain-openai: a model for each patience, on HTTP clients of its own."""

    package = "langchain_openai"

    def __init__(self, name, host):
        super().__init__(name, host)
        sdk, http = import_module("openai"), import_module(self.package)
        self._client, self._async = sdk.DefaultHttpxClient(), sdk.DefaultAsyncHttpxClient()
        self._make = cache(
            lambda retries, timeout: http.ChatOpenAI(
                model=MODEL,
                base_url=f"http://{host}/v1",
                api_key="k",
                max_retries=retries,
                timeout=sdk.Timeout(_CONNECT_TIMEOUT_S, read=timeout),
                http_client=self._client,
                http_async_client=self._async,
                stream_usage=True,
            )
        )

    def ask(self, asking, received):
        model = self._make(asking.retries, asking.read_timeout_s)
        if asking.streamed:
            received.extend(model.stream(asking.prompt))
        else:
            received.append(model.invoke(asking.prompt))

    async def ask_async(self, asking, received):
        model = self._make(asking.retries, asking.read_timeout_s)
        if not asking.streamed:
            received.append(await model.ainvoke(asking.prompt))
            return
        async for one in model.astream(asking.prompt):
            received.append(one)

    def close(self):
        self._client.close()

    async def aclose(self):
        await self._async.aclose()


class _PydanticAI(Section):
    """pydantic-ai: asynchronous beneath, whichever face it shows."""

    package = "pydantic_ai"

    def __init__(self, name, host):
        super().__init__(name, host)
        self._sdk = import_module("openai")
        self._ai = import_module(self.package)
        self._models = import_module("pydantic_ai.models.openai")
        self._providers = import_module("pydantic_ai.providers.openai")
        self._direct = import_module("pydantic_ai.direct")
        made = {"base_url": f"http://{host}/v1", "api_key": "k"}
        # Each call of the synchronous face may run in a loop of its own, where no connection of
        # another one lives.
        alone = import_module("httpx2").Limits(max_keepalive_connections=0)
        http = self._sdk.DefaultAsyncHttpxClient(limits=alone)
        self._client = self._sdk.AsyncOpenAI(**made, http_client=http)
        self._async = self._sdk.AsyncOpenAI(**made)

    def ask(self, asking, received):
        model, prompt = self._model(self._client, asking)
        if not asking.streamed:
            received.append(self._direct.model_request_sync(model, prompt))
            return
        with self._direct.model_request_stream_sync(model, prompt) as events:
            received.extend(events)

    async def ask_async(self, asking, received):
        model, prompt = self._model(self._async, asking)
        if not asking.streamed:
            received.append(await self._direct.model_request(model, prompt))
            return
        async with self._direct.model_request_stream(model, prompt) as events:
            async for one in events:
                received.append(one)

    async def aclose(self):
        await self._client.close()
        await self._async.close()

    def _model(self, client, asking):
        timeout = self._sdk.Timeout(_CONNECT_TIMEOUT_S, read=asking.read_timeout_s)
        client = client.with_options(max_retries=asking.retries, timeout=timeout)
        provider = self._providers.OpenAIProvider(openai_client=client)
        prompt = [self._ai.ModelRequest.user_text_prompt(asking.prompt)]
        return self._models.OpenAIChatModel(MODEL, provider=provider), prompt


# Which section stands for which version of which package; the page shows them in this order.
_KNOWN = (
    ("openai", "3", "openai 3, Chat Completions", _OpenAIChat),
    ("openai", "3", "openai 3, Responses", _OpenAIResponses),
    ("openai", "3", "openai 3 over aiohttp, Chat Completions", _OpenAIOverAiohttp),
    ("openai", "2", "openai 2, Chat Completions", _OpenAIChat),
    ("openai", "2", "openai 2, Responses", _OpenAIResponses),
    ("anthropic", "2", "anthropic 2", _Anthropic),
    ("httpx", "0", "httpx", _Httpx),
    ("httpx2", "2", "httpx2", _Httpx2),
    ("aiohttp", "3", "aiohttp", _Aiohttp),
    ("langchain-openai", "1", "langchain-openai 1", _LangChain),
    ("pydantic-ai-slim", "2", "pydantic-ai 2", _PydanticAI),
)


def known_sections():
    """Return every section by name: its class, and whether it can be measured here."""
    return {name: (make, _major_of(package) == major) for package, major, name, make in _KNOWN}


def _major_of(package):
    try:
        return version(package).partition(".")[0]
    except PackageNotFoundError:
        return None
