"""The control API under ``/_simulator/``: scripts in, records out."""

import os
from collections.abc import Iterator
from itertools import islice
from urllib.parse import parse_qs, unquote

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.dialect import read_fields, to_json
from llm_latency_lens.simulator.exchange import JSON_TYPE, Call, Reply, json_reply, refusal
from llm_latency_lens.simulator.pacing import Part
from llm_latency_lens.simulator.provider import Provider
from llm_latency_lens.simulator.records import Entry
from llm_latency_lens.simulator.script import read_script

__all__ = ["is_control", "steer"]

_ROOT = "/_simulator/"
_SCRIPTS = "/_simulator/scripts/"
_OK = 200
_BAD_REQUEST = 400
_NOT_FOUND = 404


def is_control(call: Call) -> bool:
    """Return whether *call* is meant for the simulator and not for the provider it plays."""
    return call.target.startswith(_ROOT)


def steer(provider: Provider, call: Call) -> Reply:
    """Return the reply to a call of the control API."""
    path, _, query = call.target.partition("?")
    asked = parse_qs(query).get("model")
    model = asked[0] if asked else None
    match call.method, path:
        case "GET", "/_simulator/health":
            spent = os.times()
            cpu_ms = round(1000 * (spent.user + spent.system))
            health = {"status": "ok", "pid": os.getpid(), "cpu_ms": cpu_ms}
            return json_reply(call, _OK, health)
        case "GET", "/_simulator/records":
            return Reply(_OK, [JSON_TYPE], _listing(provider.journal.entries(model)))
        case "DELETE", "/_simulator/records":
            provider.journal.clear(model)
            return json_reply(call, _OK, {"status": "ok"})
        case "PUT", _ if path.startswith(_SCRIPTS) and path != _SCRIPTS:
            return _stage(provider, call, unquote(path.removeprefix(_SCRIPTS)))
    return refusal(call, _NOT_FOUND, f"the control API knows no {call.method} {path}")


def _stage(provider: Provider, call: Call, model: str) -> Reply:
    try:
        provider.stage(model, read_script(read_fields(call.body), model))
    except (ConfigurationError, ValueError) as error:
        return refusal(call, _BAD_REQUEST, str(error))
    return json_reply(call, _OK, {"status": "ok"})


def _listing(entries: Iterator[Entry]) -> Iterator[Part]:
    # Part by part, so that a long listing does not hold up the streams of others.
    yield Part(0, "", 0, b"[")
    for entry in islice(entries, 1):
        yield Part(0, "", 0, to_json(entry.as_json()))
    for entry in entries:
        yield Part(0, "", 0, b"," + to_json(entry.as_json()))
    yield Part(0, "", 0, b"]")
