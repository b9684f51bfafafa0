"""Performances: replies as their scripts want them."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import json
import zlib

import pytest

from llm_latency_lens.clock import ManualClock
from llm_latency_lens.simulator.exchange import Call
from llm_latency_lens.simulator.provider import Provider
from llm_latency_lens.simulator.script import read_script

MS = 1_000_000
TARGETS = ["/v1/chat/completions", "/v1/responses", "/v1/messages"]


def perform(target=TARGETS[0], *, stream=True, **script):
    provider = Provider(ManualClock(), {"m": read_script({"itl": 5, "ttft": 20, **script})})
    prompt = {"input": "hi"} if "responses" in target else {"messages": []}
    body = json.dumps({"model": "m", "stream": stream, **prompt}).encode()
    return provider.reply(Call(method="POST", target=target, body=body, received_ns=100 * MS))


def sent(reply):
    return b"".join(part.payload for part in reply.parts)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("tokens", [0, 2, 5, 100])
def test_a_fault_comes_after_its_tokens(target, tokens):
    """As many tokens as asked for are sent, at most all, and no end marker."""
    parts = list(perform(target, output_tokens=5, fault={"cut": tokens}).parts)

    assert min(tokens, 5) == sum(part.tokens for part in parts)
    assert not {"done", "finish", "usage"} & {part.kind for part in parts}


@pytest.mark.parametrize("target", TARGETS)
def test_an_error_event_is_the_last(target):
    """The error is due with the token before it, and the reply ends as HTTP wants it."""
    reply = perform(target, output_tokens=5, fault={"error_event": 2, "shape": "error"})
    *_, token, error = reply.parts

    assert ("error", token.due_ns, "whole") == (error.kind, error.due_ns, reply.ending)


@pytest.mark.parametrize(
    ("fault", "wait_ms", "ending"),
    [
        ({"cut": 2}, 25, "cut"),
        ({"stall": 2}, 60_025, "cut"),
        ({"stall": 0}, 60_000, "cut"),
        ({"stall": 2, "lasts": "1s"}, 1_025, "cut"),
        ({"cut": None}, 0, "silent"),
        ({"stall": None, "lasts": 7}, 7, "silent"),
    ],
)
def test_a_broken_reply_ends_with_its_wait(fault, wait_ms, ending):
    """The last part has no bytes; a silent reply has nothing else."""
    reply = perform(fault=fault)
    *parts, last = reply.parts

    assert (100 + wait_ms, b"", ending) == (last.due_ns / MS, last.payload, reply.ending)
    assert (ending == "silent") == (not parts)


def test_a_fault_leaves_no_usage():
    """The record has no usage where its event was not reached."""
    reply = perform(TARGETS[2], fault="no_end")

    assert (None, "no_end") == tuple(reply.entry.as_json()[word] for word in ("usage", "fault"))


@pytest.mark.parametrize("stream", [True, False])
def test_an_empty_answer_has_no_bytes(stream):
    """Streamed or not, the head is all there is."""
    reply = perform(fault="empty", stream=stream)

    assert (200, b"", "whole") == (reply.status, sent(reply), reply.ending)


def test_a_page_is_html_after_the_latency():
    """A page instead of an answer waits like an error."""
    reply = perform(fault="not_json", latency=3)
    (part,) = reply.parts

    assert (103, b"<!DOCTYPE") == (part.due_ns / MS, part.payload[:9])
    assert dict(reply.headers)["content-type"].startswith("text/html")


def test_a_redirect_leads_to_the_same_address():
    """The status is 307, in the record too."""
    reply = perform(TARGETS[2] + "?beta=true", fault="redirect")

    assert (307, TARGETS[2] + "?beta=true", 307) == (
        reply.status,
        dict(reply.headers)["location"],
        reply.entry.as_json()["status"],
    )


@pytest.mark.parametrize("fault", [{"error_event": 1}, "no_end"])
def test_faults_of_streams_leave_other_answers_alone(fault):
    """An answer in one piece has no events to leave out or to add."""
    assert (
        sent(perform(stream=False, output_tokens=3))[40:]
        == (sent(perform(stream=False, output_tokens=3, fault=fault))[40:])
    )


def test_a_failing_status_comes_before_a_fault():
    """Where the status fails, the fault is not played."""
    reply = perform(status=429, fault={"cut": None})

    assert (429, "whole") == (reply.status, reply.ending)


@pytest.mark.parametrize("stream", [True, False])
def test_compression_changes_the_bytes_alone(stream):
    """Headers say how to read it, the length is that of what is sent."""
    reply = perform(stream=stream, encoding="deflate", text="hello", latency=1)
    headers, body = dict(reply.headers), sent(reply)

    assert "deflate" == headers["content-encoding"]
    assert headers.get("content-length", str(len(body))) == str(len(body))
    assert b"hello" in zlib.decompress(body)


def test_a_cut_stream_is_cut_in_its_compression():
    """The end of the compressed data is not sent either."""
    reader = zlib.decompressobj(31)
    reader.decompress(sent(perform(encoding="gzip", fault={"cut": 1})))

    assert not reader.eof


@pytest.fixture
def body(tmp_path):
    """A recorded stream of two events."""
    path = tmp_path / "body"
    path.write_bytes(b"data: 1\n\ndata: 2\n\n")
    return path


def test_a_replay_has_its_own_moments(body):
    """The head goes out at once, every event after its delay; none is a token."""
    reply = perform(replay={"path": body, "delays": {"list": [10, 5]}})

    assert [(100, "", 0), (110, "piece", 0), (115, "piece", 0)] == [
        (part.due_ns / MS, part.kind, part.tokens) for part in reply.parts
    ]


def test_a_replay_has_the_recorded_headers(body):
    """Recorded headers replace those of the API, but for the id of the request."""
    headers = {"x-request-id": "masked", "server": "them"}
    reply = perform(replay={"path": body, "headers": headers, "status": 503})

    assert {
        "x-request-id": reply.entry.as_json()["id"],
        "server": "them",
        "content-type": "text/event-stream",
    } == dict(reply.headers)
    assert 503 == reply.status


def test_a_replay_without_headers_has_those_of_the_api(body):
    """Where nothing was recorded the API's own headers are sent."""
    assert "openai-version" in dict(perform(replay={"path": body}).headers)


@pytest.mark.parametrize(("fault", "pieces"), [({"cut": 1}, 1), ({"stall": 9}, 2)])
def test_a_fault_counts_the_events_of_a_replay(body, fault, pieces):
    """A replay is broken off after so many pieces."""
    reply = perform(replay={"path": body}, fault=fault)

    assert pieces == sum(part.kind == "piece" for part in reply.parts)
    assert "cut" == reply.ending


def test_an_answer_in_one_piece_is_broken_in_the_middle():
    """Half of the body goes out under the length of the whole, compressed or not."""
    reply = perform(stream=False, encoding="gzip", fault={"cut": 3})
    length = int(dict(reply.headers)["content-length"])

    assert (length // 2, "cut") == (len(sent(reply)), reply.ending)
