"""Plain aiohttp, with no SDK above it: what a session asks a model for is a call."""

import asyncio
import json
import subprocess
import sys
import textwrap
import time
import zlib

import pytest

from llm_latency_lens.capture import Observer, hooks
from llm_latency_lens.providers import Directory
from llm_latency_lens.samples import Status, Taint

aiohttp = pytest.importorskip("aiohttp", reason="needs aiohttp")

MS = 1_000_000
SLACK_MS = 250
EVENTS = 8
AWAY_S = 0.03


def _body(model, *, stream):
    return {
        "model": model,
        "messages": [{"role": "user", "content": "hello"}],
        "stream": stream,
        **({"stream_options": {"include_usage": True}} if stream else {}),
    }


async def _read(response):
    return await response.read()


@pytest.fixture
def post(simulator, model):
    """Ask the simulator in a session of its own; *use* is given the response."""

    def post(use=_read, *, stream=True, session=(), calls=1, **options):
        async def call():
            async with aiohttp.ClientSession(**dict(session)) as client:
                for _ in range(calls):
                    url = f"{simulator.base_url}/chat/completions"
                    asked = {"json": _body(model, stream=stream), **options}
                    async with client.post(url, **asked) as response:
                        used = await use(response)
                return used

        return asyncio.run(call())

    return post


@pytest.mark.parametrize("stream", [True, False])
def test_a_call_is_seen(simulator, watching, model, post, stream):
    """A POST of a session is a call, with the record's usage and id."""
    with watching() as seen:
        post(stream=stream)
    (record,) = simulator.records(model)
    sample = seen.sample

    assert (record.id, stream, model, "openai") == (
        sample.request_id,
        sample.streamed,
        sample.requested_model,
        sample.provider,
    )
    assert (record.usage.input_tokens, record.usage.output_tokens) == (
        sample.usage.input_tokens,
        sample.usage.output_tokens,
    )
    assert (Status.OK, "") == (sample.outcome.status, sample.note)


def test_each_event_has_the_time_of_the_server(simulator, watching, model, post):
    """First token, last token and what lies between them are those of the record."""
    simulator.script(model, ttft=40, itl=5, output_tokens=EVENTS)
    with watching() as seen:
        post()
    (record,) = simulator.records(model)
    line = seen.sample.timeline

    assert 40 * MS <= seen.sample.ttft_ns < (40 + SLACK_MS) * MS
    assert 0 <= line.first_token_ns - record.first_token_ns < SLACK_MS * MS
    assert 0 <= line.last_token_ns - record.last_token_ns < SLACK_MS * MS
    assert EVENTS - 1 == len(seen.sample.gaps_ns)


def test_the_phases_of_a_call_are_in_order(watching, post):
    """Connection, request, headers, first token, end."""
    with watching() as seen:
        post()
    line = seen.sample.timeline
    at_ns = [
        line.started_ns,
        line.connect_started_ns,
        line.connected_ns,
        line.sent_ns,
        line.headers_ns,
        line.first_token_ns,
        line.last_token_ns,
        line.ended_ns,
    ]

    assert sorted(at_ns) == at_ns


def test_the_first_call_of_a_session_is_cold(watching, post):
    """The second has its connection, and each has a network."""
    with watching() as seen:
        post(calls=2)

    assert [(True, False), (False, False)] == [
        (Taint.COLD in one.taints, Taint.MOCKED in one.taints) for one in seen.samples
    ]


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda response: response.json(content_type=None), id="json"),
        pytest.param(lambda response: response.text(), id="text"),
        pytest.param(lambda response: response.content.read(), id="content"),
    ],
)
def test_what_the_user_reads_is_untouched(simulator, watching, model, post, use):
    """The same with the lens as without, however it is read."""
    simulator.script(model, text="one two three")
    bare = post(use, stream=False)
    with watching() as seen:
        observed = post(use, stream=False)

    assert str(bare)[-200:] == str(observed)[-200:]
    assert Status.OK == seen.sample.outcome.status


@pytest.mark.parametrize("read", ["iter_any", "iter_chunks", "iter_chunked", "lines"])
def test_a_stream_is_whole_however_it_is_read(simulator, watching, model, post, read):
    """Every way of aiohttp to read a body gives all of it."""
    simulator.script(model, text="one two three", ttft=5, itl=2)

    async def use(response):
        content = response.content
        pieces = {"lines": content, "iter_chunked": None}.get(read)
        if read == "iter_chunked":
            pieces = content.iter_chunked(7)
        elif pieces is None:
            pieces = getattr(content, read)()
        got = [piece[0] if isinstance(piece, tuple) else piece async for piece in pieces]
        return b"".join(got)

    with watching() as seen:
        got = post(use)

    assert got.endswith(b"data: [DONE]\n\n")
    assert (Status.OK, 3) == (seen.sample.outcome.status, seen.sample.token_events)


def _readable_at(body):
    """Return the index of the byte with which the first event of a compressed body is there."""
    unpress, text = zlib.decompressobj(wbits=31), b""
    for index in range(len(body)):
        text += unpress.decompress(body[index : index + 1])
        if b"\n\n" in text:
            return index
    raise AssertionError("no event in the body")


@pytest.mark.parametrize("auto_decompress", [True, False])
def test_a_token_has_the_time_of_its_last_compressed_byte(
    simulator, watching, model, post, tmp_path, auto_decompress
):
    """Whether aiohttp decompresses the body or its consumer does."""
    press = zlib.compressobj(wbits=31)
    flushed = []
    for number in range(EVENTS):
        delta = {"content": f"word {number}"}
        event = b"data: %b\n\n" % json.dumps({"choices": [{"delta": delta}]}).encode()
        flushed.append(press.compress(event) + press.flush(zlib.Z_SYNC_FLUSH))
    body = tmp_path / "body"
    body.write_bytes(b"".join(flushed) + press.flush())
    simulator.script(
        model,
        replay={
            "path": str(body),
            "headers": {"content-encoding": "gzip"},
            "chunk_bytes": 32,
            "delays": 10,
        },
    )
    with watching() as seen:
        post(session={"auto_decompress": auto_decompress})
    (record,) = simulator.records(model)
    first = record.events[_readable_at(body.read_bytes()) // 32]
    line = seen.sample.timeline

    assert ("", EVENTS) == (seen.sample.note, seen.sample.token_events)
    assert 0 <= line.first_token_ns - first.sent_ns < SLACK_MS * MS
    assert line.first_token_ns < line.last_token_ns


def test_bytes_are_dated_when_they_arrive_not_when_they_are_pulled(
    simulator, watching, model, post
):
    """A consumer that awaits something else leaves the times what they were."""
    simulator.script(model, ttft=5, itl=2, output_tokens=EVENTS)

    async def use(response):
        await asyncio.sleep(0.5)
        return await response.read()

    with watching() as seen:
        post(use)
    (record,) = simulator.records(model)

    assert seen.sample.timeline.last_token_ns - record.last_token_ns < SLACK_MS * MS
    assert Taint.SLOW_CONSUMER not in seen.sample.taints


def test_a_consumer_that_blocks_its_loop_is_told(simulator, watching, model, post):
    """Nobody could have read what had been there before it came back."""
    simulator.script(model, ttft=5, itl=2, output_tokens=EVENTS)

    async def use(response):
        async for line in response.content:
            if line.strip():
                time.sleep(AWAY_S)  # noqa: ASYNC251 - that is what goes wrong here

    with watching() as seen:
        post(use)

    assert (Status.OK, EVENTS) == (seen.sample.outcome.status, seen.sample.token_events)
    assert Taint.SLOW_CONSUMER in seen.sample.taints


def test_a_consumer_that_leaves_too_much_unread_is_told(simulator, watching, model, post, tmp_path):
    """Then aiohttp stops to read, and the rest waits in the kernel."""
    body = tmp_path / "body"
    event = b'data: {"choices":[{"delta":{"content":"%b"}}]}\n\n' % (b"x" * 4096)
    body.write_bytes(event * 24)
    simulator.script(model, replay={"path": str(body), "chunk_bytes": 4096, "delays": 1})

    async def use(response):
        async with asyncio.timeout(30):
            while not response.connection.protocol._reading_paused:  # noqa: ASYNC110 - tells nobody
                await asyncio.sleep(AWAY_S)
        await asyncio.sleep(AWAY_S)
        return await response.read()

    with watching() as seen:
        post(use, read_bufsize=1024)

    assert (Status.OK, "") == (seen.sample.outcome.status, seen.sample.note)
    assert Taint.SLOW_CONSUMER in seen.sample.taints


def test_a_redirect_is_part_of_its_call(simulator, watching, model, post):
    """A 307 and the answer behind it are one sample of two attempts."""
    simulator.script(model, ttft=5, itl=1, fault=["redirect", None])
    with watching() as seen:
        post()

    assert ([307, 200], "ok") == (
        [one.outcome.http_status for one in seen.sample.attempts],
        seen.sample.outcome.status,
    )


def test_a_session_made_before_is_seen(simulator, watching, model):
    """The methods are looked up on the class."""

    async def call():
        async with aiohttp.ClientSession(simulator.root_url) as client:
            with watching() as seen:
                await client.post("/v1/chat/completions", json=_body(model, stream=False))
                return seen.sample

    assert model == asyncio.run(call()).requested_model


def test_the_function_of_the_library_is_seen(simulator, watching, model):
    """As a session's own words are."""

    async def call():
        url = f"{simulator.base_url}/chat/completions"
        async with aiohttp.request("POST", url, json=_body(model, stream=False)) as response:
            await response.read()

    with watching() as seen:
        asyncio.run(call())

    assert (model, Status.OK) == (seen.sample.requested_model, seen.sample.outcome.status)


@pytest.mark.parametrize("path", ["/v1/moderations", "/login"])
def test_another_path_is_no_call(simulator, watching, path):
    """A POST to a named host that is no call of its protocols is ignored."""

    async def call():
        async with aiohttp.ClientSession() as client:
            await client.post(f"http://{simulator.host}{path}", json={"model": "m"})

    with watching() as seen:
        asyncio.run(call())

    assert () == seen.samples


class _Refused(BaseException):
    """No request may be sent."""


class _Gate:
    def reserve(self, destination, request):
        raise _Refused(request.content)


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ({"json": {"model": "m"}}, b'{"model": "m"}'),
        ({"data": "text"}, b"text"),
        ({"data": b"bytes"}, b"bytes"),
        ({}, b""),
    ],
)
@pytest.mark.parametrize("is_doubled", [False, True])
def test_a_request_that_may_not_be_sent_is_not_sent(
    simulator, watching, monkeypatch, body, content, is_doubled
):
    """Whoever sets a limit to the costs reads the body before it leaves."""
    sent = []

    async def call():
        async with aiohttp.ClientSession() as client:
            await client.post(f"{simulator.base_url}/chat/completions", **body)

    async def double(*_, **__):
        sent.append(1)

    before = len(simulator.records())
    with watching() as seen, monkeypatch.context() as patched:
        seen.observer.gate = _Gate()
        if is_doubled:
            patched.setattr(aiohttp.ClientSession, "_request", double)
        with pytest.raises(_Refused) as refused:
            asyncio.run(call())

    assert (content,) == refused.value.args
    assert (before, []) == (len(simulator.records()), sent)


def test_traces_of_the_user_hear_what_they_heard(watching, post):
    """Ours stands beside them."""
    heard = []

    async def hear(*_):
        heard.append("sent")

    trace = aiohttp.TraceConfig()
    trace.on_request_chunk_sent.append(hear)
    with watching() as seen:
        post(session={"trace_configs": [trace]}, calls=2)

    assert (["sent"] * 2, 2) == (heard, len(seen.samples))


def test_calls_at_once_are_kept_apart(simulator, watching, model):
    """Eight of one session are eight samples, each with its tokens."""
    simulator.script(model, ttft=30, itl=2, output_tokens=EVENTS)

    async def calls():
        async with aiohttp.ClientSession() as client:

            async def call():
                url = f"{simulator.base_url}/chat/completions"
                async with client.post(url, json=_body(model, stream=True)) as response:
                    await response.read()

            await asyncio.gather(*(call() for _ in range(8)))

    with watching() as seen:
        asyncio.run(calls())

    assert [(Status.OK, EVENTS)] * 8 == [
        (one.outcome.status, one.token_events) for one in seen.samples
    ]
    assert {one.id for one in simulator.records(model)} == {one.request_id for one in seen.samples}


def _methods():
    session = aiohttp.ClientSession
    names = ("_request", "request", "post", "get")
    return [vars(session)[name] for name in names] + [vars(aiohttp.BaseConnector)["connect"]]


def test_hooks_taken_off_leave_the_methods_as_they_were():
    """The very same function objects stand there before and after."""
    before = _methods()
    with hooks(Observer(Directory()).begin):
        during = _methods()

    assert all(one is not other for one, other in zip(before, during, strict=True))
    assert all(one is other for one, other in zip(before, _methods(), strict=True))


def test_a_connection_that_was_watched_is_as_it_was(simulator, watching, model):
    """Nothing of ours stays on its protocol or its reader."""

    async def call():
        async with aiohttp.ClientSession() as client:
            url = f"{simulator.base_url}/chat/completions"
            with watching():
                async with client.post(url, json=_body(model, stream=True)) as response:
                    protocol, during = response.connection.protocol, type(response.content)
                    await response.read()
            return during, type(response.content), set(vars(protocol))

    during, after, own = asyncio.run(call())

    assert aiohttp.StreamReader in during.__mro__[1:]
    assert aiohttp.StreamReader is after
    assert not {"feed_data", "set_response_params", "close", "abort"} & own


def test_the_library_imported_within_the_block_is_seen(simulator):
    """It is hooked when its import ends."""
    code = """
    import asyncio, sys
    from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
    from llm_latency_lens.providers import Directory
    host = sys.argv[1]
    observer, scope = Observer(Directory({host: ("openai",)})), Scope()

    async def call():
        async with aiohttp.ClientSession() as client:
            url = f"http://{host}/v1/chat/completions"
            await client.post(url, json={"model": "m", "messages": []})

    with hooks(observer.begin), open_scope(scope):
        assert "aiohttp" not in sys.modules
        import aiohttp
        asyncio.run(call())
    print(len(scope.samples), hasattr(aiohttp.ClientSession._request, "is_lens"))
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), simulator.host],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ("", ["1", "False"]) == (done.stderr, done.stdout.split())
