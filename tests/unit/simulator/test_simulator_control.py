"""The control API without sockets."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import json
import os

import pytest

from llm_latency_lens.clock import ManualClock
from llm_latency_lens.simulator.control import is_control, steer
from llm_latency_lens.simulator.exchange import Call
from llm_latency_lens.simulator.provider import Provider


def asked(provider, method, target, body=b""):
    reply = steer(provider, Call(method=method, target=target, body=body))
    return reply.status, json.loads(b"".join(part.payload for part in reply.parts))


def played(*models):
    provider = Provider(ManualClock())
    for model in models:
        body = json.dumps({"model": model, "messages": []}).encode()
        provider.reply(Call(method="POST", target="/v1/messages", body=body))
    return provider


def test_control_has_its_own_root():
    """Only paths under /_simulator/ are control."""
    assert is_control(Call(method="GET", target="/_simulator/health"))
    assert not is_control(Call(method="GET", target="/v1/models"))


def test_health_names_the_process():
    """Health tells the process and what it has spent."""
    status, health = asked(played(), "GET", "/_simulator/health")

    assert (200, "ok", os.getpid()) == (status, health["status"], health["pid"])
    assert 0 <= health["cpu_ms"]


def test_a_script_is_set_for_a_quoted_model():
    """The model may hold slashes; its next request follows the script."""
    provider = played()
    body = json.dumps({"status": 503}).encode()
    asked(provider, "PUT", "/_simulator/scripts/meta%2Fllama%203", body)
    request = json.dumps({"model": "meta/llama 3", "messages": []}).encode()

    assert 503 == provider.reply(Call(method="POST", target="/v1/messages", body=request)).status


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"ttf": 1}'])
def test_a_bad_script_is_refused_with_its_reason(body):
    """A script that cannot be read is a 400 with a message."""
    status, answer = asked(played(), "PUT", "/_simulator/scripts/m", body)

    assert 400 == status
    assert answer["error"]["message"]


@pytest.mark.parametrize(
    ("query", "models"), [("", ["a", "b", "a"]), ("?model=a", ["a", "a"]), ("?model=c", [])]
)
def test_records_are_listed_by_model(query, models):
    """The listing is one JSON list, of all models or of one."""
    _, records = asked(played("a", "b", "a"), "GET", f"/_simulator/records{query}")

    assert models == [record["model"] for record in records]


@pytest.mark.parametrize(("query", "left"), [("", []), ("?model=a", ["b"])])
def test_records_are_forgotten_by_model(query, left):
    """Deleting forgets all records or those of one model."""
    provider = played("a", "b", "a")
    asked(provider, "DELETE", f"/_simulator/records{query}")

    assert left == [entry.model for entry in provider.journal.entries()]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/_simulator/health"),
        ("PUT", "/_simulator/scripts/"),
        ("GET", "/_simulator/scripts/m"),
        ("GET", "/_simulator/"),
    ],
)
def test_what_control_does_not_know_is_refused(method, target):
    """An unknown path or method under the root is a 404."""
    assert 404 == asked(played(), method, target)[0]
