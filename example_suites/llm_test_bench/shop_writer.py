"""The code under test: one case of a dataset in, the answer of a model out."""

MODEL = "gpt-4o-mini"


def write(client, case):
    """Ask as the case wants to be asked, and join the stream."""
    stream = client.chat.completions.create(
        messages=[{"role": "user", "content": case.prompt}],
        stream=True,
        stream_options={"include_usage": True},
        **{"model": MODEL, **case.config.arguments()},
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
