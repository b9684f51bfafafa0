"""
Mutated bodies on the way to real SDKs: what the SDK does is the same with the lens and without.

The server is ours, on loopback, and sends each body in the pieces that its number names.
"""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Thread

import pytest
from body_mutations import mutated, pieces_of
from seed_bodies import seed_bodies

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory

_MUTATIONS = int(os.environ.get("LENS_MUTATED_CALLS", "60"))
_HELLO = [{"role": "user", "content": "hello"}]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for piece in self.server.pieces:
            self.wfile.write(piece)
        self.close_connection = True

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def server():
    """A server that answers every request with the pieces it was given last."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as started:
        thread = Thread(target=started.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield started
        started.shutdown()
        thread.join()


def _chat(url):
    openai = pytest.importorskip("openai", reason="needs the openai SDK")
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0)

    def call():
        yield from client.chat.completions.create(model="m", messages=_HELLO, stream=True)

    return client, call


def _responses(url):
    openai = pytest.importorskip("openai", reason="needs the openai SDK")
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0)

    def call():
        yield from client.responses.create(model="m", input="hello", stream=True)

    return client, call


def _messages(url):
    anthropic = pytest.importorskip("anthropic", reason="needs the anthropic SDK")
    client = anthropic.Anthropic(base_url=url, api_key="k", max_retries=0)

    def call():
        yield from client.messages.create(model="m", max_tokens=9, messages=_HELLO, stream=True)

    return client, call


_CLIENTS = {"openai_chat": _chat, "openai_responses": _responses, "anthropic": _messages}


def _seen_by_the_user(call):
    """Return all that the user's code gets: each event, and the exception."""
    seen = []
    try:
        seen.extend(repr(event) for event in call())
    except Exception as fault:
        seen.append(repr(fault))
    return seen


@pytest.mark.parametrize("protocol", _CLIENTS)
def test_an_sdk_does_the_same_under_the_lens(server, protocol):
    """Each mutated body gives the same events and the same exception, and one sample."""
    address = f"127.0.0.1:{server.server_port}"
    bodies = seed_bodies(protocol)
    names, others = sorted(bodies), [*bodies.values()]
    client, call = _CLIENTS[protocol](f"http://{address}")
    observer = Observer(Directory({address: ("openai", "anthropic")}))
    with client:
        for number in range(_MUTATIONS):
            random = Random(f"calls {number}")
            body = mutated(bodies[names[number % len(names)]], others, random)
            server.pieces = pieces_of(body, random)
            scope = Scope("test")
            bare = _seen_by_the_user(call)
            with hooks(observer.begin), open_scope(scope):
                watched = _seen_by_the_user(call)
                observer.settle(scope)

            assert bare == watched, number
            assert [protocol] == [sample.protocol for sample in scope.samples], number
