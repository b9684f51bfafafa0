"""Unchanged code of users: one call with the SDK of each vendor, streamed or not."""

import asyncio

HELLO = [{"role": "user", "content": "hello"}]


def drain(answer, *, stream):
    """Read a stream to its end."""
    if stream:
        for _ in answer:
            pass


async def drain_async(answer, *, stream):
    """Do so in asyncio."""
    if stream:
        async for _ in answer:
            pass


def cohere(simulator, model, *, stream):
    """Call the chat of Cohere."""
    import cohere

    with cohere.ClientV2(api_key="k", base_url=simulator.root_url) as client:
        if stream:
            for _ in client.chat_stream(model=model, messages=HELLO):
                pass
        else:
            client.chat(model=model, messages=HELLO)


def cohere_async(simulator, model, *, stream):
    """Do so in asyncio."""
    import cohere

    async def call():
        async with cohere.AsyncClientV2(api_key="k", base_url=simulator.root_url) as client:
            if stream:
                async for _ in client.chat_stream(model=model, messages=HELLO):
                    pass
            else:
                await client.chat(model=model, messages=HELLO)

    asyncio.run(call())


def ollama(simulator, model, *, stream):
    """Chat with Ollama."""
    import ollama

    with ollama.Client(simulator.root_url) as client:
        answer = client.chat(model=model, messages=HELLO, stream=stream)
        if stream:
            list(answer)


def ollama_async(simulator, model, *, stream):
    """Do so in asyncio."""
    import ollama

    async def call():
        async with ollama.AsyncClient(simulator.root_url) as client:
            answer = await client.chat(model=model, messages=HELLO, stream=stream)
            if stream:
                async for _ in answer:
                    pass

    asyncio.run(call())


def ollama_generate(simulator, model, *, stream):
    """Let Ollama go on with a text."""
    import ollama

    with ollama.Client(simulator.root_url) as client:
        answer = client.generate(model=model, prompt="hello", stream=stream)
        if stream:
            list(answer)


def together(simulator, model, *, stream):
    """Call Together."""
    from together import Together

    with Together(api_key="k", base_url=simulator.root_url) as client:
        _chat(client.chat.completions.create, model, stream=stream)


def together_async(simulator, model, *, stream):
    """Do so in asyncio."""
    from together import AsyncTogether

    async def call():
        async with AsyncTogether(api_key="k", base_url=simulator.root_url) as client:
            await _chat_async(client.chat.completions.create, model, stream=stream)

    asyncio.run(call())


def groq(simulator, model, *, stream):
    """Call Groq."""
    from groq import Groq

    # The SDK adds /openai/v1 itself, which the simulator does not have.
    with Groq(api_key="k", base_url=simulator.root_url, http_client=_unprefixed()) as client:
        _chat(client.chat.completions.create, model, stream=stream)


def groq_async(simulator, model, *, stream):
    """Do so in asyncio."""
    from groq import AsyncGroq

    async def call():
        async with AsyncGroq(
            api_key="k", base_url=simulator.root_url, http_client=_unprefixed_async()
        ) as client:
            await _chat_async(client.chat.completions.create, model, stream=stream)

    asyncio.run(call())


def mistral(simulator, model, *, stream):
    """Call Mistral."""
    from mistralai.client import Mistral

    with Mistral(api_key="k", server_url=simulator.root_url) as client:
        if stream:
            for _ in client.chat.stream(model=model, messages=HELLO):
                pass
        else:
            client.chat.complete(model=model, messages=HELLO)


def mistral_async(simulator, model, *, stream):
    """Do so in asyncio."""
    from mistralai.client import Mistral

    async def call():
        async with Mistral(api_key="k", server_url=simulator.root_url) as client:
            if stream:
                async for _ in await client.chat.stream_async(model=model, messages=HELLO):
                    pass
            else:
                await client.chat.complete_async(model=model, messages=HELLO)

    asyncio.run(call())


def google(simulator, model, *, stream):
    """Call Gemini."""
    from google import genai

    options = genai.types.HttpOptions(base_url=simulator.root_url)
    client = genai.Client(api_key="k", http_options=options)
    try:
        if stream:
            for _ in client.models.generate_content_stream(model=model, contents="hello"):
                pass
        else:
            client.models.generate_content(model=model, contents="hello")
    finally:
        client.close()


def vertex(simulator, model, *, stream):
    """Call Gemini on Vertex AI."""
    from google import genai
    from google.oauth2.credentials import Credentials

    options = genai.types.HttpOptions(base_url=simulator.root_url)
    client = genai.Client(
        vertexai=True,
        project="p",
        location="europe-west1",
        credentials=Credentials(token="k"),
        http_options=options,
    )
    try:
        if stream:
            for _ in client.models.generate_content_stream(model=model, contents="hello"):
                pass
        else:
            client.models.generate_content(model=model, contents="hello")
    finally:
        client.close()


def google_async(simulator, model, *, stream):
    """Call Gemini in asyncio, where the SDK sends through aiohttp."""
    from google import genai

    options = genai.types.HttpOptions(base_url=simulator.root_url)
    _google_async(genai.Client(api_key="k", http_options=options), model, stream=stream)


def vertex_async(simulator, model, *, stream):
    """Call Gemini on Vertex AI so."""
    from google import genai
    from google.oauth2.credentials import Credentials

    client = genai.Client(
        vertexai=True,
        project="p",
        location="europe-west1",
        credentials=Credentials(token="k"),
        http_options=genai.types.HttpOptions(base_url=simulator.root_url),
    )
    _google_async(client, model, stream=stream)


CALLS = {
    "cohere": cohere,
    "cohere-async": cohere_async,
    "google": google,
    "google-async": google_async,
    "groq": groq,
    "groq-async": groq_async,
    "mistral": mistral,
    "mistral-async": mistral_async,
    "ollama": ollama,
    "ollama-async": ollama_async,
    "ollama-generate": ollama_generate,
    "together": together,
    "together-async": together_async,
    "vertex": vertex,
    "vertex-async": vertex_async,
}
# Those vendors tell usage unasked; the simulator is as strict as OpenAI.
_USAGE = {"extra_body": {"stream_options": {"include_usage": True}}}


def _chat(create, model, *, stream):
    answer = create(model=model, messages=HELLO, stream=stream, **(_USAGE if stream else {}))
    if stream:
        list(answer)


async def _chat_async(create, model, *, stream):
    answer = await create(model=model, messages=HELLO, stream=stream, **(_USAGE if stream else {}))
    if stream:
        async for _ in answer:
            pass


def _google_async(client, model, *, stream):
    async def call():
        models = client.aio.models
        try:
            if stream:
                answer = await models.generate_content_stream(model=model, contents="hello")
                async for _ in answer:
                    pass
            else:
                await models.generate_content(model=model, contents="hello")
        finally:
            await client.aio.aclose()

    asyncio.run(call())
    client.close()


def _without_prefix(request):
    path = request.url.path.removeprefix("/openai")
    request.url = request.url.copy_with(path=path)


def _unprefixed():
    import groq

    return groq.DefaultHttpxClient(event_hooks={"request": [_without_prefix]})


def _unprefixed_async():
    import groq

    async def hook(request):
        _without_prefix(request)

    return groq.DefaultAsyncHttpxClient(event_hooks={"request": [hook]})
