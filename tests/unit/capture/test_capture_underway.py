"""Calls that go on: which run they belong to and when they began."""

import pytest

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory

httpx = pytest.importorskip("httpx")

URL = "https://api.openai.com/v1/chat/completions"
BODY = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture
def observer():
    """An observer that knows the vendors alone."""
    return Observer(Directory())


@pytest.fixture
def scope(observer):
    """An open scope in its third run."""
    with hooks(observer.begin), open_scope(Scope()) as scope:
        scope.run = 2
        yield scope


def _client(status, look):
    def answer(_):
        look()
        return httpx.Response(status, json={})

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_call_goes_on_until_its_answer(scope):
    """While the server works it is there with its run and start, and then no more."""
    seen = []
    _client(200, lambda: seen.extend(scope.underway.values())).post(URL, json=BODY)
    (sample,) = scope.samples

    assert ([(2, sample.timeline.started_ns)], {}) == (seen, scope.underway)


def test_failed_call_goes_on_while_it_may_be_retried(observer, scope):
    """Its start is that of the first attempt, until it is settled."""
    _client(503, lambda: None).post(URL, json=BODY)
    held = list(scope.underway.values())
    observer.settle(scope, run=2)
    (sample,) = scope.samples

    assert ([(2, sample.timeline.started_ns)], {}) == (held, scope.underway)


def test_run_is_settled_alone(observer, scope):
    """A call of another run may still be retried."""
    _client(503, lambda: None).post(URL, json=BODY)
    observer.settle(scope, run=1)

    assert (0, 1) == (len(scope.samples), len(scope.underway))


def test_call_that_cannot_be_read_does_not_go_on(observer, scope, monkeypatch):
    """A fault of ours leaves none behind that would seem to run for ever."""
    monkeypatch.setattr("llm_latency_lens.capture.observer.outcome_of", None)
    _client(200, lambda: None).post(URL, json=BODY)

    assert {} == scope.underway
