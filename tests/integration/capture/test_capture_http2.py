"""HTTP/2 over TLS: a server that is not ours, on loopback, with a certificate of its own making."""

import asyncio
import contextlib
import json
import ssl
import threading
import time

import pytest

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory
from llm_latency_lens.samples import Status, Taint

hypercorn = pytest.importorskip("hypercorn", reason="needs hypercorn, a server that speaks HTTP/2")
trustme = pytest.importorskip("trustme", reason="needs trustme, which makes certificates")
pytest.importorskip("h2", reason="needs h2, with which httpx and httpx2 speak HTTP/2")

MS = 1_000_000
TTFT_MS = 40
SLACK_MS = 1000
NOW_NS = time.perf_counter_ns  # noqa: TID251 - the server's own clock, which is the lens's too
BODY = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "stream": True}


class Server:
    """Answers each request with three tokens, the first of them late, and keeps when it did."""

    def __init__(self, certificate, folder):
        self.versions = []
        self.first_token_ns = []
        self._stopped = asyncio.Event()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(certificate, folder), daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def _run(self, certificate, folder):
        from hypercorn.asyncio import serve  # noqa: PLC0415 - where it is installed
        from hypercorn.config import Config  # noqa: PLC0415 - where it is installed

        key, chain = folder / "key.pem", folder / "chain.pem"
        certificate.private_key_pem.write_to_path(key)
        certificate.cert_chain_pems[0].write_to_path(chain)
        config = Config()
        config.keyfile, config.certfile = str(key), str(chain)
        config.bind = ["127.0.0.1:0"]
        config.graceful_timeout = 0.1
        sockets = config.create_sockets()
        config.create_sockets = lambda: sockets
        self.host = f"localhost:{sockets.secure_sockets[0].getsockname()[1]}"
        config.errorlog = None

        async def until_stopped():
            self._ready.set()
            await serve(self._app, config, shutdown_trigger=self._stopped.wait)

        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(until_stopped())
        self._loop.close()

    async def _app(self, scope, receive, send):
        if scope["type"] != "http":
            return
        self.versions.append(scope["http_version"])
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await asyncio.sleep(TTFT_MS / 1000)
        self.first_token_ns.append(NOW_NS())
        for word in ("one", "two", "three"):
            event = {"id": "c1", "model": "m-1", "choices": [{"delta": {"content": word}}]}
            await self._say(send, json.dumps(event))
            await asyncio.sleep(0.002)
        end = {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 3}}
        await self._say(send, json.dumps(end))
        await self._say(send, "[DONE]")
        await send({"type": "http.response.body", "body": b""})

    async def _say(self, send, data):
        body = f"data: {data}\n\n".encode()
        await send({"type": "http.response.body", "body": body, "more_body": True})


@pytest.fixture(scope="module")
def authority():
    """Who signed the server's certificate."""
    return trustme.CA()


@pytest.fixture(scope="module")
def server(authority, tmp_path_factory):
    """A server for localhost."""
    certificate = authority.issue_cert("localhost")
    with Server(certificate, tmp_path_factory.mktemp("http2")) as started:
        yield started


@pytest.fixture
def trust(authority):
    """TLS that trusts the server's certificate."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(params=["httpx", "httpx2"])
def library(request):
    """Each of the two libraries that are hooked."""
    return pytest.importorskip(request.param)


@pytest.fixture
def watch(server):
    """Open the hooks and a scope for a block; the server is known as openai's."""

    @contextlib.contextmanager
    def watch():
        observer = Observer(Directory({server.host: ("openai",)}))
        with hooks(observer.begin), open_scope(Scope()) as scope:
            yield scope
            observer.settle(scope)

    return watch


def _url(server):
    return f"https://{server.host}/v1/chat/completions"


def _read(client, server):
    with client.stream("POST", _url(server), json=BODY) as response:
        response.read()
    return response


async def _read_async(client, server):
    async with client.stream("POST", _url(server), json=BODY) as response:
        await response.aread()
    return response


def test_the_server_speaks_http2(server, trust, library):
    """What these tests are about happens at all."""
    with library.Client(http2=True, verify=trust) as client:
        response = _read(client, server)

    assert ("HTTP/2", "2") == (response.http_version, server.versions[-1])


def test_a_call_over_http2_is_a_call(server, trust, library, watch):
    """Status, model and usage are those of the answer."""
    with library.Client(http2=True, verify=trust) as client, watch() as scope:
        _read(client, server)
    (sample,) = scope.samples

    assert (Status.OK, "m-1", 5, 3, 3) == (
        sample.outcome.status,
        sample.model,
        sample.usage.input_tokens,
        sample.usage.output_tokens,
        sample.token_events,
    )


def test_a_call_over_http2_has_its_times(server, trust, library, watch):
    """The library's trace has other names for them: TLS, the request's end, the headers."""
    with library.Client(http2=True, verify=trust) as client, watch() as scope:
        _read(client, server)
    line = scope.samples[0].timeline
    times = [
        *(line.started_ns, line.connect_started_ns, line.connected_ns, line.sent_ns),
        *(line.headers_ns, line.first_token_ns, line.last_token_ns, line.ended_ns),
    ]

    assert sorted(times) == times
    assert 0 <= line.first_token_ns - server.first_token_ns[-1] < SLACK_MS * MS
    assert TTFT_MS * MS <= line.first_token_ns - line.sent_ns


def test_a_connection_of_http2_is_cold_once(server, trust, library, watch):
    """The second call finds it open; neither is a double's."""
    with library.Client(http2=True, verify=trust) as client, watch() as scope:
        _read(client, server)
        _read(client, server)

    assert [(Taint.COLD,), ()] == [one.taints for one in scope.samples]


def test_streams_of_one_connection_are_calls_apart(server, trust, library, watch):
    """Three calls at once over one connection are three samples, each with its own times."""

    async def calls():
        async with library.AsyncClient(http2=True, verify=trust) as client:
            await _read_async(client, server)
            await asyncio.gather(*(_read_async(client, server) for _ in range(3)))

    with watch() as scope:
        asyncio.run(calls())
    together = scope.samples[1:]

    assert [("ok", 3, ())] * 3 == [
        (one.outcome.status, one.token_events, one.taints) for one in together
    ]
    # One connection: each began before any of them had its first token.
    starts = [one.timeline.started_ns for one in together]
    assert max(starts) < min(one.timeline.first_token_ns for one in together)


def test_an_sdk_over_http2_is_seen(server, trust, watch):
    """An SDK whose HTTP client was told to speak HTTP/2."""
    openai = pytest.importorskip("openai")
    with (
        openai.DefaultHttpxClient(http2=True, verify=trust) as http,
        openai.OpenAI(base_url=f"https://{server.host}/v1", api_key="k", http_client=http) as sdk,
        watch() as scope,
    ):
        answer = sdk.chat.completions.create(**{**BODY, "stream": True})
        text = "".join(one.choices[0].delta.content or "" for one in answer if one.choices)

    assert ("onetwothree", "2") == (text, server.versions[-1])
    assert [(Status.OK, 3)] == [(one.outcome.status, one.token_events) for one in scope.samples]
