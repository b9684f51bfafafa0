"""The code under test: it knows its SDKs, and nothing of the lens."""


def answer(client, question):
    """Ask OpenAI and join the stream."""
    stream = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": question}],
        stream=True,
        stream_options={"include_usage": True},
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


def answer_whole(client, question):
    """Ask OpenAI without a stream."""
    completion = client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": question}]
    )
    return completion.choices[0].message.content


def summarise(client, text):
    """Ask Anthropic and join the stream."""
    with client.messages.stream(
        model="claude-haiku-4-5",
        max_tokens=200,
        messages=[{"role": "user", "content": f"Summarise: {text}"}],
    ) as stream:
        return "".join(stream.text_stream)


async def summarise_async(client, text):
    """Ask Anthropic as async code does."""
    async with client.messages.stream(
        model="claude-haiku-4-5",
        max_tokens=200,
        messages=[{"role": "user", "content": f"Summarise: {text}"}],
    ) as stream:
        return "".join([piece async for piece in stream.text_stream])


def answer_in_short(openai_client, anthropic_client, question):
    """Two steps: an answer, and a summary of it."""
    return summarise(anthropic_client, answer(openai_client, question))


class Desk:
    """A desk that remembers what it was asked."""

    def __init__(self, client):
        self.client = client
        self.known = {}

    def answer(self, question):
        """Ask once for each question."""
        if question not in self.known:
            self.known[question] = answer(self.client, question)
        return self.known[question]
