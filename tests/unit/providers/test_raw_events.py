"""Raw events: what is made of the bytes of a stream, and when it is over."""

import asyncio

import pytest

from llm_latency_lens.providers import raw_events as module
from llm_latency_lens.providers.raw_events import raw_events


class APIError(Exception):
    """Stands for the SDK's exception."""

    def __init__(self, message, request, *, body):
        super().__init__(message)
        self.request = request
        self.body = body


class _Answer:
    """A response whose body is *chunks*; None among them waits without end."""

    http_request = "the request"

    def __init__(self, *chunks):
        self._chunks = chunks
        self.unread = len(chunks)

    async def iter_bytes(self):
        for chunk in self._chunks:
            self.unread -= 1
            if chunk is None:
                await asyncio.Event().wait()
            yield chunk


def _events(answer):
    async def read():
        return [event async for event in raw_events(answer, APIError)]

    return asyncio.run(read())


def test_events_are_read_however_they_are_cut():
    """A chunk is no event."""
    answer = _Answer(b'data: {"a"', b': 1}\n\ndata: {"a": 2}\n', b"\n")

    assert [{"a": 1}, {"a": 2}] == _events(answer)


@pytest.mark.parametrize("data", [b"[1]", b"no JSON", b"null", b"[" * 100_000])
def test_what_is_no_object_says_nothing(data):
    """The call goes on."""
    answer = _Answer(b"data: " + data + b'\n\ndata: {"a": 1}\n\n')

    assert [{}, {"a": 1}] == _events(answer)


def test_what_follows_the_end_is_read_and_forgotten():
    """The connection is used again only if nothing is left on it."""
    answer = _Answer(b'data: {"a": 1}\n\ndata: [DONE]\n\n', b'data: {"b": 1}\n\n', b": bye\n\n")

    assert [{"a": 1}] == _events(answer)
    assert 0 == answer.unread


def test_a_server_that_does_not_hang_up_is_not_waited_for(monkeypatch):
    """The answer is whole."""
    monkeypatch.setattr(module, "_DRAIN_S", 0)

    assert [{"a": 1}] == _events(_Answer(b'data: {"a": 1}\n\ndata: [DONE]\n\n', None))


@pytest.mark.parametrize(
    ("body", "message", "told"),
    [
        (
            b'data: {"error": {"message": "busy", "code": 7}}',
            "busy",
            {"message": "busy", "code": 7},
        ),
        (b'data: {"error": {"code": 7}}', "the stream told of an error", {"code": 7}),
        (b'data: {"error": "busy"}', "the stream told of an error", "busy"),
        (b'event: error\ndata: {"message": "busy"}', "busy", {"message": "busy"}),
    ],
)
def test_an_error_in_the_stream_is_raised_as_the_sdk_has_it(body, message, told):
    """With what the server told of it, by which its kind is found."""
    with pytest.raises(APIError, match=f"^{message}$") as raised:
        _events(_Answer(b'data: {"a": 1}\n\n' + body + b"\n\n"))

    assert ("the request", told) == (raised.value.request, raised.value.body)
