"""The report document: attempts, and what headers told."""

import jsonschema

from llm_latency_lens.protocols import ollama, openai_times, replicate, server_times
from llm_latency_lens.reports import make_document, read_schema
from llm_latency_lens.results import RunResult
from llm_latency_lens.samples import (
    Attempt,
    Outcome,
    RateLimit,
    Sample,
    ServerTime,
    Status,
    Timeline,
)

_MS = 1_000_000


def _document(**fields):
    sample = Sample(
        id="1",
        provider="openai",
        protocol="openai_chat",
        requested_model="gpt",
        model="gpt-1",
        streamed=False,
        outcome=Outcome(Status.OK),
        timeline=Timeline(0, 900 * _MS),
        wall_ns=0,
        **fields,
    )
    return make_document(RunResult(samples=(sample,)))


def _call(**fields):
    return _document(**fields)["calls"][0]


_RESCUED = (
    Attempt(0, 100 * _MS, Outcome(Status.ERROR)),
    Attempt(600 * _MS, 900 * _MS, Outcome(Status.OK)),
)
_TOLD = {
    "attempts": _RESCUED,
    "rate_limits": (RateLimit("tokens", 9, 8, 7 * _MS), RateLimit("requests", limit=1)),
    "server_times": (ServerTime("server-timing:proxy", 1_500_000, "until headers"),),
    "retry_after_ns": 2 * _MS,
}


def test_call_tells_its_rate_limits():
    """What the server did not tell is null."""
    expected = [
        {"resource": "tokens", "limit": 9, "remaining": 8, "reset_ms": 7.0},
        {"resource": "requests", "limit": 1, "remaining": None, "reset_ms": None},
    ]

    assert expected == _call(**_TOLD)["rate_limits"]


def test_call_tells_the_times_of_its_server():
    """Each with what it covers."""
    expected = [{"name": "server-timing:proxy", "ms": 1.5, "covers": "until headers"}]

    assert expected == _call(**_TOLD)["server_times"]


def test_call_tells_when_to_call_again():
    """In milliseconds, like every time."""
    assert 2.0 == _call(**_TOLD)["retry_after_ms"]


def test_call_tells_what_its_retries_cost():
    """From its start to the start of its last attempt."""
    assert 600.0 == _call(**_TOLD)["retry_ms"]


def test_groups_count_attempts():
    """An attempt that failed shows, though its call succeeded."""
    (model,) = _document(**_TOLD)["models"]

    assert (2, 1) == (model["attempts"], model["failed_attempts"])


def test_document_fulfils_its_schema():
    """With all that headers tell, and with nothing."""
    validator = jsonschema.Draft202012Validator(read_schema())
    for fields in (_TOLD, {}):
        validator.validate(_document(**fields))


def test_schema_lists_all_that_a_server_time_covers():
    """The words of the readers are those of the schema."""
    covers = read_schema()["$defs"]["call"]["properties"]["server_times"]["items"]["properties"][
        "covers"
    ]["enum"]

    told = {
        *server_times._COVERS.values(),
        *openai_times._GROQ.values(),
        *openai_times._GPUSTACK.values(),
        *openai_times._LLAMA.values(),
        *ollama._TIMES.values(),
        *replicate._TIMES.values(),
        "queue",
    }

    assert told == set(covers)
