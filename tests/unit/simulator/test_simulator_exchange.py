"""Replies."""

import json

from llm_latency_lens.simulator.exchange import Call, json_reply, refusal


def test_a_json_reply_is_due_at_once_and_has_its_length():
    """A value is sent as JSON as soon as the call was read."""
    reply = json_reply(Call(method="GET", target="/", received_ns=9), 200, {"a": 1})
    (part,) = reply.parts

    assert (9, b'{"a":1}', "7") == (
        part.due_ns,
        part.payload,
        dict(reply.headers)["content-length"],
    )


def test_a_refusal_has_an_error_body():
    """A refusal has status and message, and leaves no record."""
    reply = refusal(Call(method="GET", target="/"), 404, "no such thing")
    (part,) = reply.parts

    assert (404, None) == (reply.status, reply.entry)
    assert "no such thing" == json.loads(part.payload)["error"]["message"]
