"""Recorded bodies, replayed to the real SDKs."""

import json

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator import start_simulator

openai = pytest.importorskip("openai")


def _chunk(text):
    delta = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**chunk, 'choices': [delta]})}\n\n"


HELLO = [{"role": "user", "content": "hello"}]
BODY = _chunk("one") + _chunk(" two") + "data: [DONE]\n\n"


@pytest.fixture(scope="module")
def simulator():
    """One simulator for all tests; every test has a model of its own."""
    with start_simulator() as started:
        yield started


@pytest.fixture
def model(request):
    """A model of its own for every test."""
    return f"tests/{request.node.name}"


@pytest.fixture
def chat(simulator):
    """Chat Completions of the real SDK, pointed at the simulator."""
    with openai.OpenAI(base_url=simulator.base_url, api_key="none", max_retries=0) as client:
        yield client.chat.completions


@pytest.fixture
def recorded(tmp_path):
    """A recorded stream of three events."""
    path = tmp_path / "recorded.sse"
    path.write_text(BODY)
    return path


def test_a_recorded_stream_is_read(simulator, model, chat, recorded):
    """The SDK sees the recorded events, each after its delay."""
    simulator.script(model, replay={"path": str(recorded), "delays": {"list": [10, 5, 1]}})
    with chat.create(model=model, messages=HELLO, stream=True) as stream:
        text = "".join(chunk.choices[0].delta.content for chunk in stream)
    (record,) = simulator.records(model)

    assert "one two" == text
    assert [10, 15, 16] == [
        round((event.due_ns - record.received_ns) / 1e6) for event in record.events
    ]
    assert all(event.due_ns <= event.sent_ns for event in record.events)


def test_a_path_is_that_of_the_caller(simulator, model, chat, recorded, monkeypatch):
    """A relative path is looked up where the test runs, not where the server does."""
    monkeypatch.chdir(recorded.parent)
    simulator.script(model, replay={"path": "recorded.sse"})
    with chat.create(model=model, messages=HELLO, stream=True) as stream:
        seen = len(list(stream))

    assert 2 == seen


def test_a_missing_recording_is_named(simulator, model, tmp_path):
    """A body that is not there is the caller's error."""
    with pytest.raises(ConfigurationError, match=r"replay\.path=.*none\.sse.*No such file"):
        simulator.script(model, replay={"path": tmp_path / "none.sse"})


def test_a_recorded_error_is_the_error_of_the_sdk(simulator, model, chat, tmp_path):
    """Status, headers and body of a recording reach the SDK, under a request id of our own."""
    path = tmp_path / "429.json"
    path.write_text('{"error": {"message": "slow down", "type": "tokens", "code": "x"}}')
    replay = {
        "path": path,
        "content_type": "application/json",
        "status": 429,
        "headers": [["x-request-id", "<MASKED>"], ["retry-after", "7"]],
    }
    simulator.script(model, replay=replay)
    with pytest.raises(openai.RateLimitError, match="slow down") as raised:
        chat.create(model=model, messages=HELLO)
    (record,) = simulator.records(model)

    assert ("7", record.id, 429) == (
        raised.value.response.headers["retry-after"],
        raised.value.request_id,
        record.status,
    )


def test_a_replay_can_be_cut(simulator, model, chat, recorded):
    """A fault counts the events of a replay."""
    simulator.script(model, replay={"path": recorded}, fault={"cut": 1})
    with (
        chat.create(model=model, messages=HELLO, stream=True) as stream,
        pytest.raises(openai.APIConnectionError),
    ):
        list(stream)
    (record,) = simulator.records(model)

    assert (1, False) == (len(record.events), record.is_complete)


@pytest.mark.parametrize("chunk_bytes", [1, 7, 10_000])
def test_events_may_be_split_over_chunks(simulator, model, chat, recorded, chunk_bytes):
    """However the bytes are cut, the SDK reads the same events, compressed too."""
    simulator.script(model, replay={"path": recorded, "chunk_bytes": chunk_bytes}, encoding="gzip")
    with chat.create(model=model, messages=HELLO, stream=True) as stream:
        text = "".join(chunk.choices[0].delta.content for chunk in stream)

    assert "one two" == text
