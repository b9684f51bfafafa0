"""Predictions as the simulator makes them: asked for once, fetched piece by piece."""

import json

import pytest

from llm_latency_lens.clock import ManualClock
from llm_latency_lens.simulator import predictions
from llm_latency_lens.simulator.exchange import Call
from llm_latency_lens.simulator.provider import Provider
from llm_latency_lens.simulator.script import read_scripts

MS = 1_000_000
MODEL = "meta/llama"
ASK = f"/v1/models/{MODEL}/predictions"


@pytest.fixture
def provider():
    """Make a provider with a script of the model."""
    return lambda **script: Provider(ManualClock(), read_scripts({MODEL: script}))


def _ask(provider, target=ASK, *, waits=False, body=None, **fields):
    body = {"input": {"prompt": "secret"}, **fields} if body is None else body
    return provider.reply(
        Call(
            method="POST",
            target=target,
            body=json.dumps(body).encode(),
            authority="here:1",
            is_waiting=waits,
            received_ns=100 * MS,
        )
    )


def _get(provider, url, at_ns=100 * MS):
    target = url.removeprefix("http://here:1")
    return provider.reply(Call(method="GET", target=target, received_ns=at_ns))


def _body(reply):
    return b"".join(part.payload for part in reply.parts)


def _told(reply):
    return json.loads(_body(reply))


@pytest.mark.parametrize(
    ("target", "more"),
    [
        (ASK, {}),
        (f"/v1/deployments/{MODEL}/predictions", {}),
        ("/v1/predictions", {"version": MODEL}),
    ],
)
def test_a_prediction_begins_with_where_to_fetch_it(provider, target, more):
    """Whichever way it is asked for."""
    reply = _ask(provider(), target, **more)
    told = _told(reply)

    assert (201, "starting", MODEL, None) == (
        reply.status,
        told["status"],
        told["model"],
        told["output"],
    )
    assert f"http://here:1/v1/predictions/{told['id']}" == told["urls"]["get"]


def test_a_stream_is_due_from_the_first_request_on(provider):
    """However late it is fetched; it is the record of the call."""
    made = provider(text="one two", ttft=30, itl=10)
    told = _told(_ask(made, stream=True))
    stream = _get(made, told["urls"]["stream"], at_ns=500 * MS)
    parts = list(stream.parts)

    assert [130 * MS, 140 * MS] == [part.due_ns for part in parts if part.tokens]
    assert [(MODEL, "replicate", True)] == [
        (each["model"], each["api"], each["is_streamed"])
        for each in (one.as_json() for one in made.journal.entries())
    ]


def test_a_stream_is_a_comment_pieces_and_an_end(provider):
    """A line break parts a piece into lines of data."""
    made = provider(text="one\ntwo")
    stream = _get(made, _told(_ask(made, stream=True))["urls"]["stream"])
    lines = _body(stream).decode().split("\n")

    assert ": hi" == lines[0]
    assert ["output", "output", "done"] == [one[7:] for one in lines if one.startswith("event: ")]
    assert ["one", "", "two", "{}"] == [one[6:] for one in lines if one.startswith("data: ")]


def test_a_stream_is_fetched_once(provider):
    """Then it is gone, as is what nobody asked for."""
    made = provider()
    url = _told(_ask(made, stream=True))["urls"]["stream"]

    assert [200, 404, 404] == [
        _get(made, url).status,
        _get(made, url).status,
        _get(made, "/v1/predictions/abc").status,
    ]


def test_a_prediction_goes_on_until_its_time_is_over(provider):
    """Then it has its output, and the server's own times."""
    made = provider(text="one two", latency=50, output_tokens=None)
    url = _told(_ask(made))["urls"]["get"]
    early, late = (_told(_get(made, url, at_ns)) for at_ns in (149 * MS, 150 * MS))

    assert ("processing", None) == (early["status"], early["output"])
    assert ("succeeded", ["one", " two"], {"predict_time": 0.05}) == (
        late["status"],
        late["output"],
        late["metrics"],
    )
    assert late["completed_at"] > late["created_at"]


def test_a_stream_is_not_to_be_had_of_what_was_asked_for_whole(provider):
    """And the state of a stream is that it goes on."""
    made = provider()
    whole = _told(_ask(made))["urls"]["stream"]
    streamed = _told(_ask(made, stream=True))["urls"]["get"]

    assert (404, "processing") == (
        _get(made, whole).status,
        _told(_get(made, streamed, 10**12))["status"],
    )


def test_a_request_that_waits_has_the_output(provider):
    """The API says of it that it goes on."""
    reply = _ask(provider(text="one"), waits=True)
    told = _told(reply)

    assert (201, "processing", ["one"]) == (reply.status, told["status"], told["output"])


def test_a_limit_cuts_the_output(provider):
    """Under either of the names that models have for it."""
    made = provider(output_tokens=9)
    outputs = [
        _told(_ask(made, waits=True, input={"prompt": "x", word: 3}))["output"]
        for word in ("max_tokens", "max_new_tokens")
    ]

    assert [3, 3] == list(map(len, outputs))


def test_the_name_of_a_tool_is_a_piece(provider):
    """Models put calls out as text."""
    made = provider(tool_call={"name": "look", "arguments": {}})

    assert ["look", "{}"] == _told(_ask(made, waits=True))["output"]


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_refusal_is_in_the_words_of_the_api(provider, status):
    """A title, details, and the status once more."""
    reply = _ask(provider(status=status))

    assert (status, {"title", "detail", "status"}) == (reply.status, _told(reply).keys())


@pytest.mark.parametrize("fields", [{"input": "text"}, {"input": {}, "stream": 1}, {}])
def test_a_wrong_request_is_refused(provider, fields):
    """With what is wrong."""
    assert 400 == _ask(provider(), body=fields).status


@pytest.mark.parametrize("fault", ["empty", "not_json", "redirect", {"cut": None}])
def test_some_faults_are_met_by_whoever_asks(provider, fault):
    """Nothing is there to be fetched."""
    made = provider(fault=fault)
    reply = _ask(made, stream=True)

    assert 201 != reply.status
    assert 1 == len(list(made.journal.entries()))


def test_others_are_met_in_the_stream(provider):
    """An error has an event of its own, and the end its reason."""
    made = provider(fault={"error_event": 1}, text="one two")
    body = _body(_get(made, _told(_ask(made, stream=True))["urls"]["stream"]))

    assert [b"output", b"error", b"done"] == [
        line[7:] for line in body.split(b"\n") if line.startswith(b"event: ")
    ]
    assert b'{"reason": "error"}' in body


def test_what_is_never_fetched_is_forgotten(provider, monkeypatch):
    """The oldest first."""
    monkeypatch.setattr(predictions, "_MOST_KEPT", 2)
    made = provider()
    urls = [_told(_ask(made))["urls"]["get"] for _ in range(3)]

    assert [404, 200, 200] == [_get(made, url).status for url in urls]
