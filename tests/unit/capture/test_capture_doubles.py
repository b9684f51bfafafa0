"""Doubles above the network: a mock transport is seen as a call, and said to be one."""

import asyncio
import gc
import gzip
import json

import pytest

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory
from llm_latency_lens.samples import Status, Taint

URL = "https://api.openai.com/v1/chat/completions"
BODY = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
ANSWER = {
    "id": "c1",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1},
}


@pytest.fixture(params=["httpx", "httpx2"])
def library(request):
    """Each of the two libraries that are hooked."""
    return pytest.importorskip(request.param)


@pytest.fixture
def observer():
    """An observer that knows the vendors alone."""
    return Observer(Directory())


def _post(observer, client, **more):
    with hooks(observer.begin), open_scope(Scope()) as scope:
        response = client.post(URL, json=BODY, **more)
        observer.settle(scope)
        return response, scope.take()


def _client(library, answer):
    return library.Client(transport=library.MockTransport(lambda _: answer))


def test_a_mocked_answer_is_a_call(observer, library):
    """Provider, model and usage are read as from a wire, and the sample says mocked."""
    client = _client(library, library.Response(200, json=ANSWER))
    _, (sample,) = _post(observer, client)

    assert ("openai", "gpt-4o-mini-2024-07-18", 3) == (
        sample.provider,
        sample.model,
        sample.usage.input_tokens,
    )
    assert Taint.MOCKED in sample.taints


def test_a_mocked_answer_of_an_async_client_is_a_call(observer, library):
    """So it is in a loop."""

    async def post():
        transport = library.MockTransport(lambda _: library.Response(200, json=ANSWER))
        async with library.AsyncClient(transport=transport) as client:
            await client.post(URL, json=BODY)

    with hooks(observer.begin), open_scope(Scope()) as scope:
        asyncio.run(post())

    assert [Status.OK] == [one.outcome.status for one in scope.take()]


def test_a_compressed_answer_is_read(observer, library):
    """The observer decompresses its own copy; the user's is the library's business."""
    answer = library.Response(
        200,
        content=gzip.compress(json.dumps(ANSWER).encode()),
        headers={"content-encoding": "gzip", "content-type": "application/json"},
    )
    response, (sample,) = _post(observer, _client(library, answer))

    assert (ANSWER, 3) == (response.json(), sample.usage.input_tokens)


def test_an_exception_of_the_transport_comes_out(observer, library):
    """It is the very same object, and the call an error."""
    fault = library.ConnectError("no")

    def fail(_):
        raise fault

    with (
        hooks(observer.begin),
        open_scope(Scope()) as scope,
        library.Client(transport=library.MockTransport(fail)) as client,
    ):
        with pytest.raises(library.ConnectError) as raised:
            client.post(URL, json=BODY)
        observer.settle(scope)
    (sample,) = scope.take()

    assert fault is raised.value
    assert (Status.ERROR, "ConnectError") == (sample.outcome.status, sample.outcome.error_type)


def test_without_a_scope_a_request_is_left_alone(observer, library):
    """No watch, no change to the request."""
    with hooks(observer.begin), _client(library, library.Response(200, json=ANSWER)) as client:
        response = client.post(URL, json=BODY)

    assert "trace" not in response.request.extensions


def test_after_its_end_a_request_is_as_it_was(observer, library):
    """The observer listens through the request's extensions, and takes itself out again."""
    client = _client(library, library.Response(200, json=ANSWER))
    response, _ = _post(observer, client)

    assert "trace" not in response.request.extensions


def test_the_trace_of_the_user_is_put_back(observer, library):
    """Who had a trace there finds their own."""

    def trace(event, info):
        """Hear nothing."""

    client = _client(library, library.Response(200, json=ANSWER))
    response, _ = _post(observer, client, extensions={"trace": trace})

    assert trace is response.request.extensions["trace"]


def test_a_response_that_is_dropped_is_cancelled(observer, library):
    """Neither read nor closed: the call ends when nothing holds its response any more."""

    def answer(_):
        return library.Response(200, content=iter([b"data: {}\n\n"]))

    client = library.Client(transport=library.MockTransport(answer))
    with hooks(observer.begin), open_scope(Scope()) as scope:
        response = client.send(client.build_request("POST", URL, json=BODY), stream=True)
        before = scope.take()
        del response
        gc.collect()
        after = scope.take()

    assert ((), [Status.CANCELLED]) == (before, [one.outcome.status for one in after])


def test_ids_are_unique_and_carry_the_process(observer, library):
    """Two calls of one observer share its prefix, not their id."""
    client = _client(library, library.Response(200, json=ANSWER))
    (first,), (second,) = _post(observer, client)[1], _post(observer, client)[1]

    assert first.id.rpartition("-")[0] == second.id.rpartition("-")[0]
    assert first.id != second.id
