"""The provider without sockets: scripts, turns, replies, records."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import json

import pytest

from llm_latency_lens.clock import ManualClock
from llm_latency_lens.simulator.exchange import Call
from llm_latency_lens.simulator.provider import Provider
from llm_latency_lens.simulator.script import read_scripts

MS = 1_000_000
CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"


def provider(**scripts):
    return Provider(ManualClock(), read_scripts(scripts))


def call(target=CHAT, method="POST", **fields):
    body = {"model": "m", "messages": [{"role": "user", "content": "secret"}]} | fields
    return Call(
        method=method,
        target=target,
        body=json.dumps(body).encode(),
        retry_count=2,
        connection=7,
        accepted_ns=50 * MS,
        received_ns=100 * MS,
    )


def body_of(reply):
    return json.loads(b"".join(part.payload for part in reply.parts))


def tokens_of(reply):
    return sum(part.tokens for part in reply.parts)


def test_the_model_selects_the_script():
    """Each model has its own script, all others share the default."""
    stage = provider(m={"output_tokens": 3}, **{"*": {"output_tokens": 5}})

    assert [3, 5] == [tokens_of(stage.reply(call(model=model))) for model in ("m", "other")]


def test_without_scripts_every_model_answers():
    """The default script needs no setting."""
    assert 200 == provider().reply(call()).status


@pytest.mark.parametrize("target", [CHAT, "/chat/completions", MESSAGES, MESSAGES + "?beta=true"])
def test_both_apis_are_served(target):
    """Chat Completions answers with and without /v1, Messages with a query too."""
    assert 200 == provider().reply(call(target)).status


def test_a_stream_starts_at_once_and_paces_its_tokens():
    """The prelude is due when the request was read, tokens on the script's schedule."""
    reply = provider(m={"ttft": 30, "itl": 5, "output_tokens": 3}).reply(call(stream=True))

    assert [100, 130, 135, 140, 140, 140] == [part.due_ns / MS for part in reply.parts]


def test_an_answer_in_one_piece_is_due_when_its_stream_would_end():
    """Streamed or not, the last token is due at the same moment."""
    reply = provider(m={"ttft": 30, "itl": 5, "output_tokens": 3}).reply(call())

    assert [140] == [part.due_ns / MS for part in reply.parts]


@pytest.mark.parametrize("is_streamed", [True, False])
def test_two_servers_draw_the_same_delays(is_streamed):
    """The delays depend on the script alone."""
    script = {"ttft": {"lognormal": {"median": 20, "sigma": 1}}, "itl": {"list": [1, 2]}}

    def dues():
        stage = provider(m=script)
        replies = [stage.reply(call(stream=is_streamed)) for _ in range(3)]
        return [part.due_ns for reply in replies for part in reply.parts]

    assert dues() == dues()


def test_statuses_take_turns():
    """A list of statuses is walked by request."""
    stage = provider(m={"status": [429, 200]})

    assert [429, 200, 429] == [stage.reply(call()).status for _ in range(3)]


def test_a_new_script_begins_with_its_first_turn():
    """Setting a script again starts its lists anew."""
    stage = provider(m={"status": [429, 200]})
    stage.reply(call())
    stage.stage("m", read_scripts({"m": {"status": [503, 200]}})["m"])

    assert 503 == stage.reply(call()).status


def test_an_error_is_sent_at_once():
    """Without a latency an error does not wait, and its body is that of the API."""
    reply = provider(m={"status": 429}).reply(call(MESSAGES, stream=True))
    part = next(reply.parts)

    assert 100 * MS == part.due_ns
    assert "rate_limit_error" == json.loads(part.payload)["error"]["type"]


def test_an_error_waits_for_its_latency():
    """A scripted latency holds for errors too."""
    reply = provider(m={"status": 500, "latency": 50}).reply(call())

    assert [150] == [part.due_ns / MS for part in reply.parts]


def test_a_retry_is_asked_for_in_both_headers():
    """retry-after is rounded up to seconds, retry-after-ms is exact."""
    headers = dict(provider(m={"status": 429, "retry_after": "1.5s"}).reply(call()).headers)

    assert ("2", "1500") == (headers["retry-after"], headers["retry-after-ms"])


def test_the_caller_limits_the_answer():
    """max_tokens cuts the answer."""
    assert 2 == tokens_of(provider().reply(call(max_tokens=2)))


def test_openai_hides_reasoning_and_anthropic_sends_it():
    """Hidden reasoning is not among the tokens sent by Chat Completions."""
    stage = provider(m={"output_tokens": 3, "reasoning_tokens": 4})

    assert [3, 7] == [tokens_of(stage.reply(call(target))) for target in (CHAT, MESSAGES)]


def test_usage_can_be_switched_off():
    """A script without usage sends none, and the record says so."""
    stage = provider(m={"usage": False})
    reply = stage.reply(call())

    assert "usage" not in body_of(reply)
    assert reply.entry.as_json()["usage"] is None


def test_a_request_leaves_a_record_without_its_prompt():
    """The record has the facts of the request and nothing that was said."""
    stage = provider()
    reply = stage.reply(call(stream=True))
    record = reply.entry.as_json()

    assert dict(reply.headers)["x-request-id"] == record["id"]
    assert ("openai_chat", "m", True, 200, 7, 2, 50 * MS, 100 * MS) == tuple(
        record[word]
        for word in (
            *("api", "model", "is_streamed", "status"),
            *("connection", "retry_count", "accepted_ns", "received_ns"),
        )
    )
    assert "secret" not in json.dumps(record)


def test_ids_are_never_used_twice():
    """Two requests, and two simulators, have different ids."""
    first, second = provider(), provider()
    ids = [dict(each.reply(call()).headers)["x-request-id"] for each in (first, first, second)]

    assert 3 == len(set(ids))


@pytest.mark.parametrize(
    ("target", "place"), [(CHAT, ("error", "param")), (MESSAGES, ("request_id",))]
)
def test_a_bad_body_is_refused_in_the_words_of_the_api(target, place):
    """A request that is no JSON is a 400 of that API and leaves no record."""
    stage = provider()
    reply = stage.reply(Call(method="POST", target=target, body=b"{"))
    value = body_of(reply)
    for word in place:
        assert word in value
        value = value[word]

    assert (400, []) == (reply.status, list(stage.journal.entries()))


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", CHAT, 405),
        ("POST", "/v1/moderations", 404),
        ("GET", "/", 404),
        ("POST", "/v1/models", 404),
        ("GET", "//[", 404),
    ],
)
def test_what_is_not_served_is_refused_in_json(method, target, status):
    """An unknown path or method has an error body."""
    reply = provider().reply(call(target, method))

    assert status == reply.status
    assert target.partition("?")[0] in body_of(reply)["error"]["message"]


@pytest.mark.parametrize(
    ("scripts", "models"), [({}, ["simulated"]), ({"b": {}, "a": {}}, ["a", "b"])]
)
def test_models_are_listed(scripts, models):
    """The list of models has those with a script, or one that stands for all."""
    listed = body_of(provider(**scripts).reply(call("/v1/models", "GET")))

    assert models == [model["id"] for model in listed["data"]]


def test_at_most_so_many_are_in_progress():
    """Later ones are refused until one has ended; refused ones take no place."""
    stage = provider(m={"at_most": 2})
    replies = [stage.reply(call()) for _ in range(4)]
    replies[0].entry.saw_end(0, is_complete=True)
    after = [stage.reply(call()).status for _ in range(2)]

    assert [200, 200, 429, 429] == [reply.status for reply in replies]
    assert [200, 429] == after


def test_each_model_has_its_own_places():
    """Those without a script of their own share them."""
    stage = provider(m={"at_most": 1}, **{"*": {"at_most": 1}})
    statuses = [stage.reply(call(model=model)).status for model in ("m", "a", "b", "m")]

    assert [200, 200, 429, 429] == statuses


def test_places_outlast_a_change_of_the_script():
    """What is in progress stays so."""
    stage = provider(m={"at_most": 1})
    stage.reply(call())
    stage.stage("m", read_scripts({"m": {"at_most": 2}})["m"])

    assert [200, 429] == [stage.reply(call()).status for _ in range(2)]
