"""Faults of the simulator, as the real SDKs take them."""

import pytest

from llm_latency_lens.clock import SystemClock
from llm_latency_lens.simulator import start_simulator

anthropic = pytest.importorskip("anthropic")
httpx2 = pytest.importorskip("httpx2")
openai = pytest.importorskip("openai")

HELLO = [{"role": "user", "content": "hello"}]
NOW_NS = SystemClock.now_ns
SHORT_S = 0.3
STATUSES = {
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    408: "APIStatusError",
    409: "ConflictError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "InternalServerError",
    529: "InternalServerError",
}
ANTHROPIC_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    529: "overloaded_error",
}


@pytest.fixture(scope="module")
def simulator():
    """One simulator for all tests; every test has a model of its own."""
    with start_simulator({"*": {"ttft": 0, "itl": 0}}) as started:
        yield started


@pytest.fixture
def model(request):
    """A model of its own for every test."""
    return f"tests/{request.node.name}"


@pytest.fixture
def fail(simulator, model):
    """Scripts six tokens that go wrong in the given way."""

    def _script(fault, **fields):
        simulator.script(model, **{"ttft": 0, "itl": 0, "output_tokens": 6, **fields}, fault=fault)

    return _script


@pytest.fixture
def record(simulator, model):
    """The only record of the test's model, once its answer has ended."""

    def _ended():
        # The server learns that a client left when the kernel tells, soon but not at once.
        found = (simulator.records(model)[-1] for _ in range(10_000))
        return next(record for record in found if record.ended_ns is not None)

    return _ended


def _openai(simulator, timeout=10.0):
    return openai.OpenAI(
        base_url=simulator.base_url, api_key="none", max_retries=0, timeout=timeout
    )


def _anthropic(simulator, timeout=10.0):
    return anthropic.Anthropic(
        base_url=simulator.anthropic_base_url, api_key="none", max_retries=0, timeout=timeout
    )


@pytest.fixture(params=["chat", "responses", "messages"])
def read(request, simulator, model):
    """Reads a stream of each API in turn; returns its events, keeps those before an error."""

    def _read(timeout=10.0, seen=None):
        seen = [] if seen is None else seen
        kind = request.param
        with (
            _anthropic(simulator, timeout)
            if kind == "messages"
            else _openai(simulator, timeout) as client
        ):
            if kind == "chat":
                stream = client.chat.completions.create(model=model, messages=HELLO, stream=True)
            elif kind == "responses":
                stream = client.responses.create(model=model, input="hello", stream=True)
            else:
                stream = client.messages.create(
                    model=model, messages=HELLO, max_tokens=50, stream=True
                )
            with stream:
                seen.extend(stream)
        return seen

    return _read


def _tokens(record):
    return sum(event.tokens for event in record.events)


@pytest.mark.parametrize(("status", "name"), STATUSES.items())
def test_a_status_is_the_error_of_its_sdk(simulator, model, status, name):
    """Every status is the exception class that each SDK has for it."""
    simulator.script(model, status=status)
    with _openai(simulator) as client, pytest.raises(openai.APIStatusError) as chat:
        client.chat.completions.create(model=model, messages=HELLO)
    with _anthropic(simulator) as client, pytest.raises(anthropic.APIStatusError) as messages:
        client.messages.create(model=model, messages=HELLO, max_tokens=5)

    assert (getattr(openai, name), status) == (type(chat.value), chat.value.status_code)
    assert (status, ANTHROPIC_TYPES[status]) == (
        messages.value.status_code,
        messages.value.body["error"]["type"],
    )


def test_a_chat_error_event_is_an_api_error(simulator, model, fail, record):
    """An error inside a chat stream is the SDK's APIError, which is no status error."""
    fail({"error_event": 3})
    with (
        _openai(simulator) as client,
        client.chat.completions.create(model=model, messages=HELLO, stream=True) as stream,
        pytest.raises(openai.APIError, match="had an error") as raised,
    ):
        list(stream)

    assert (openai.APIError, "server_error") == (type(raised.value), raised.value.type)
    assert (3, "error", "error_event", True, None) == (
        _tokens(record()),
        record().events[-1].kind,
        record().fault,
        record().is_complete,
        record().usage,
    )


def test_a_messages_error_event_is_a_status_error_of_200(simulator, model, fail):
    """An error inside a message stream is the SDK's APIStatusError with status 200."""
    fail({"error_event": 3})
    with (
        _anthropic(simulator) as client,
        client.messages.create(model=model, messages=HELLO, max_tokens=9, stream=True) as stream,
        pytest.raises(anthropic.APIStatusError) as raised,
    ):
        list(stream)

    assert (200, "overloaded_error") == (
        raised.value.status_code,
        raised.value.body["error"]["type"],
    )


@pytest.mark.parametrize("shape", ["both", "error"])
def test_a_responses_error_event_is_an_api_error(simulator, model, fail, shape):
    """The nested error event of Responses is the SDK's APIError."""
    fail({"error_event": 3, "shape": shape})
    with (
        _openai(simulator) as client,
        client.responses.create(model=model, input="hello", stream=True) as stream,
        pytest.raises(openai.APIError) as raised,
    ):
        list(stream)

    assert (openai.APIError, "server_error") == (type(raised.value), raised.value.code)


@pytest.mark.parametrize(("shape", "kind"), [("flat", "error"), ("failed", "response.failed")])
def test_other_responses_errors_are_events(simulator, model, fail, shape, kind):
    """A flat error and a failed response reach the caller as last events, in sequence."""
    fail({"error_event": 3, "shape": shape})
    with (
        _openai(simulator) as client,
        client.responses.create(model=model, input="hello", stream=True) as stream,
    ):
        events = list(stream)

    assert kind == events[-1].type
    assert list(range(len(events))) == [event.sequence_number for event in events]


def test_a_cut_stream_is_a_broken_connection(read, fail, record):
    """After the tokens asked for the connection ends without the last chunk."""
    fail({"cut": 3})
    with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)):
        read()

    assert (3, "cut", False) == (_tokens(record()), record().fault, record().is_complete)


def test_a_cut_before_the_headers_is_a_connection_error(read, fail, record):
    """A connection that ends instead of an answer is each SDK's APIConnectionError."""
    fail({"cut": None})
    with pytest.raises((openai.APIConnectionError, anthropic.APIConnectionError)):
        read()

    assert (None, (), False) == (record().headers_ns, record().events, record().is_complete)


def test_a_stalled_stream_is_a_read_timeout(read, fail, record):
    """A stream that falls silent ends with the client's own patience."""
    fail({"stall": 2})
    start_ns, seen = NOW_NS(), []
    with pytest.raises((openai.APITimeoutError, httpx2.ReadTimeout)):
        read(SHORT_S, seen)

    assert SHORT_S <= (NOW_NS() - start_ns) / 1e9
    assert (2, "stall", False) == (_tokens(record()), record().fault, record().is_complete)


def test_a_stall_before_the_headers_is_a_timeout(read, fail, record):
    """A server that never answers is each SDK's APITimeoutError."""
    fail({"stall": None})
    with pytest.raises((openai.APITimeoutError, anthropic.APITimeoutError)):
        read(SHORT_S)

    assert (None, ()) == (record().headers_ns, record().events)


def test_a_stall_has_an_end(read, fail, record):
    """A stall that has lasted long enough becomes a cut."""
    fail({"stall": 2, "lasts": "50ms"})
    with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)):
        read()

    assert 50_000_000 <= record().ended_ns - record().received_ns


def test_an_answer_in_one_piece_can_be_cut(simulator, model, fail, record):
    """Half of the body and no more is the SDK's APIConnectionError."""
    fail({"cut": 0})
    with _openai(simulator) as client, pytest.raises(openai.APIConnectionError):
        client.chat.completions.create(model=model, messages=HELLO)

    assert (0, None, False) == (_tokens(record()), record().usage, record().is_complete)


def test_an_answer_in_one_piece_can_stall(simulator, model, fail):
    """Half of the body and then nothing is the SDK's APITimeoutError."""
    fail({"stall": 0})
    with _openai(simulator, SHORT_S) as client, pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(model=model, messages=HELLO)


def test_an_empty_stream_has_no_events(read, fail, record):
    """A stream may end before it began."""
    fail("empty")

    assert [] == read()
    assert (200, (), True) == (record().status, record().events, record().is_complete)


def test_a_stream_without_end_brings_all_tokens(read, fail, record):
    """All tokens and nothing after them, ended as HTTP wants it."""
    fail("no_end")
    read()

    assert (6, "text", True, None) == (
        _tokens(record()),
        record().events[-1].kind,
        record().is_complete,
        record().usage,
    )


def test_a_page_of_html_is_no_stream(read, fail, record):
    """A portal's page with status 200 brings no event."""
    fail("not_json")

    assert [] == read()
    assert (200, "not_json") == (record().status, record().fault)


def test_a_redirect_is_followed(read, fail, simulator, model):
    """The SDK asks again at the address it was sent to."""
    fail(["redirect", None])
    read()

    assert [307, 200] == [each.status for each in simulator.records(model)]


def test_faults_take_turns(read, fail):
    """A list of faults is walked by request."""
    fail([{"cut": None}, None])
    with pytest.raises((openai.APIConnectionError, anthropic.APIConnectionError)):
        read()

    assert 6 < len(read())


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_stream_is_read_as_it_comes(simulator, model, fail, record, encoding):
    """Compressed or not, the SDK has the first tokens before the last was sent."""
    fail(None, encoding=encoding, itl=20)
    with (
        _openai(simulator) as client,
        client.chat.completions.create(model=model, messages=HELLO, stream=True) as stream,
    ):
        seen_ns = [NOW_NS() for _ in stream]

    assert seen_ns[1] < record().last_token_ns < seen_ns[-1]


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_answer_is_read(simulator, model, fail, encoding):
    """An answer in one piece may be compressed too."""
    fail(None, encoding=encoding)
    with _openai(simulator) as client:
        answer = client.chat.completions.create(model=model, messages=HELLO)

    assert 6 == answer.usage.completion_tokens


def test_a_compressed_stream_is_the_same_stream(read, fail):
    """Compression changes no event."""
    fail(None, encoding="gzip")
    squeezed = len(read())
    fail(None)

    assert squeezed == len(read())


def test_a_compressed_stream_can_be_cut(read, fail):
    """What was compressed before the cut is broken like any other stream."""
    fail({"cut": 3}, encoding="gzip")
    with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)):
        read()
