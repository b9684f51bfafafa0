"""Doubles above aiohttp's network: they take the place of a session's method, and are seen."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory
from llm_latency_lens.samples import Status, Taint

aiohttp = pytest.importorskip("aiohttp", reason="needs aiohttp")

URL = "https://api.openai.com/v1/chat/completions"
BODY = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
ANSWER = json.dumps(
    {
        "id": "c1",
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1},
    }
).encode()
HEADERS = {"Content-Type": "application/json"}


def _double(answer):
    async def request(self, method, url, **_):
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return request


def _answer(**more):
    return SimpleNamespace(
        **{"status": 200, "headers": HEADERS, "_body": ANSWER, "release": lambda: None, **more}
    )


async def _ask(word, given):
    async with aiohttp.ClientSession() as session:
        return await getattr(session, word)(*given, json=BODY)


@pytest.fixture
def ask(monkeypatch):
    """Ask with a double in place, put there within the hooks or before; return the samples."""

    def ask(answer, *, word="post", given=(URL,), is_first=False):
        observer = Observer(Directory())
        if is_first:
            monkeypatch.setattr(aiohttp.ClientSession, "_request", _double(answer))
        with hooks(observer.begin), open_scope(Scope()) as scope:
            with monkeypatch.context() as patched:
                if not is_first:
                    patched.setattr(aiohttp.ClientSession, "_request", _double(answer))
                try:
                    got = asyncio.run(_ask(word, given))
                except Exception as fault:
                    got = fault
            observer.settle(scope)
            return got, scope.take()

    return ask


@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize(("word", "given"), [("post", (URL,)), ("request", ("POST", URL))])
def test_an_answer_of_a_double_is_a_call(ask, word, given, is_first):
    """Whenever it was put in place; the sample says mocked."""
    answer = _answer()
    got, (sample,) = ask(answer, word=word, given=given, is_first=is_first)

    assert answer is got
    assert ("openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", 3, (Taint.MOCKED,)) == (
        sample.provider,
        sample.requested_model,
        sample.model,
        sample.usage.input_tokens,
        sample.taints,
    )


def test_an_answer_that_was_decompressed_is_read_as_it_is(ask):
    """Doubles keep the header and give the text."""
    _, (sample,) = ask(_answer(headers={**HEADERS, "Content-Encoding": "gzip"}))

    assert ("", 3) == (sample.note, sample.usage.input_tokens)


def test_an_answer_in_a_reader_stays_there(ask):
    """What a double fed to a reader of aiohttp is read, and not taken."""
    content = SimpleNamespace(_buffer=[ANSWER[:20], ANSWER[20:]])
    got, (sample,) = ask(_answer(_body=None, content=content))

    assert (ANSWER, 3) == (b"".join(got.content._buffer), sample.usage.input_tokens)


def test_a_double_that_raises_is_a_failed_call(ask):
    """With its own exception, and the name of that on the sample."""
    fault = aiohttp.ServerDisconnectedError()
    got, (sample,) = ask(fault)

    assert fault is got
    assert (Status.ERROR, "ServerDisconnectedError") == (
        sample.outcome.status,
        sample.outcome.error_type,
    )


def test_a_double_of_a_shape_that_nobody_knows_breaks_no_call(ask):
    """What is no response of aiohttp goes to its user as it is."""
    got, _ = ask("no response")

    assert "no response" == got


def test_another_address_is_no_call(ask):
    """A double elsewhere is left alone."""
    got, samples = ask(_answer(), given=("https://example.com/login",))

    assert (200, ()) == (got.status, samples)


@pytest.mark.parametrize("word", ["post", "request"])
def test_a_word_that_is_used_wrongly_says_so_itself(word):
    """The library's own complaint, with the hooks as without."""
    with hooks(Observer(Directory()).begin), pytest.raises(TypeError, match="missing"):
        asyncio.run(_ask(word, ()))
