"""
Real inference: the server of llama.cpp or of llama-cpp-python, with a model of random numbers.

Nobody scripted when a token comes. What is compared is what the server measured itself (llama.cpp
tells how long the prompt and the answer took) and what the code saw that made the call.
"""

from statistics import median

import pytest

from llm_latency_lens import wiring
from llm_latency_lens.capture import Scope, hooks, open_scope
from llm_latency_lens.clock import SystemClock
from llm_latency_lens.samples import Status

openai = pytest.importorskip("openai", reason="needs the openai SDK")

MS = 1_000_000
# Ten times what two shared cores needed.
SLACK_MS = 100
CALLS = 7
TOKENS = 24
# A token for each byte, so that there is something to do before the first one comes.
PROMPT = "What is the time? " * 60


@pytest.fixture(scope="module")
def scope(llama):
    """A scope around all calls of the module."""
    _, host = llama
    observer = wiring.make_observer([f"{host} = ollama"])
    with hooks(observer.begin), open_scope(Scope("llama")) as opened:
        yield opened, observer


@pytest.fixture(scope="module")
def client(llama):
    """The SDK of OpenAI, pointed at it."""
    with openai.OpenAI(base_url=f"http://{llama[1]}/v1", api_key="none", max_retries=0) as made:
        yield made


@pytest.fixture(scope="module")
def streamed(scope, client):
    """Streamed calls: their samples, and what the caller saw of each: pieces, time to the first."""
    seen = []
    for number in range(CALLS):
        started_ns, pieces, first_ns = SystemClock.now_ns(), 0, None
        # Another beginning each time, so that nothing of the prompt is in the cache.
        messages = [{"role": "user", "content": f"{number} {PROMPT}"}]
        with client.chat.completions.create(
            model="tiny",
            messages=messages,
            max_tokens=TOKENS,
            extra_body={"ignore_eos": True},  # llama.cpp's word
            stream=True,
            stream_options={"include_usage": True},
        ) as stream:
            for chunk in stream:
                if chunk.choices and chunk.choices[0].delta.content:
                    first_ns = first_ns or SystemClock.now_ns()
                    pieces += 1
        seen.append((pieces, first_ns - started_ns))
    opened, observer = scope
    observer.settle(opened)
    return opened.take(), seen


def test_every_call_is_one_sample(streamed):
    """Streamed, well, and nothing in it odd to decode."""
    samples, _ = streamed

    assert [(True, Status.OK, "", "openai_chat")] * CALLS == [
        (one.streamed, one.outcome.status, one.note, one.protocol) for one in samples
    ]
    # Random numbers may end an answer early.
    assert {one.finish_reason for one in samples} <= {"length", "stop"}


def test_token_events_are_the_pieces_that_the_caller_got(streamed):
    """Of bytes that are no text yet a server sends empty pieces, which are none."""
    samples, seen = streamed

    assert [pieces for pieces, _ in seen] == [one.token_events for one in samples]


def test_the_first_token_came_before_the_caller_saw_it(streamed):
    """And shortly before: what the SDK needs to read it."""
    samples, seen = streamed
    late_ms = [
        (seen_ns - one.ttft_ns) / MS for one, (_, seen_ns) in zip(samples, seen, strict=True)
    ]

    assert min(late_ms) > 0
    assert median(late_ms) < SLACK_MS


def test_the_first_token_comes_when_the_prompt_has_been_read(llama, streamed):
    """Not before the server says that it had read the prompt, and soon after."""
    if llama[0] != "llama.cpp":
        pytest.skip("llama-cpp-python tells no times")
    samples, _ = streamed
    waits_ms = [
        (one.ttft_ns - time.nanoseconds) / MS
        for one in samples
        for time in one.server_times
        if time.covers == "prompt"
    ]

    assert CALLS == len(waits_ms)
    assert min(waits_ms) > 0
    assert median(waits_ms) < SLACK_MS


def test_usage_is_told_where_the_server_counts(llama, streamed):
    """llama-cpp-python does not, in a stream."""
    samples, _ = streamed
    counted = [one.usage.output_tokens for one in samples if one.finish_reason == "length"]

    assert [TOKENS if llama[0] == "llama.cpp" else None] * len(counted) == counted


def test_a_whole_answer_has_usage(scope, client):
    """From either server, and no first token."""
    opened, observer = scope
    opened.take()
    client.chat.completions.create(
        model="tiny", messages=[{"role": "user", "content": "hello"}], max_tokens=4
    )
    observer.settle(opened)
    (sample,) = opened.take()

    assert (Status.OK, False, None) == (sample.outcome.status, sample.streamed, sample.ttft_ns)
    assert sample.usage.output_tokens >= 4


def test_embeddings_are_counted(llama, scope, client):
    """As many tokens as the server says that it read."""
    if llama[0] != "llama.cpp":
        pytest.skip("llama-cpp-python serves either chat or embeddings")
    opened, observer = scope
    opened.take()
    answer = client.embeddings.create(model="tiny", input=["hello", "you"])
    observer.settle(opened)
    (sample,) = opened.take()

    assert 2 == len(answer.data)
    assert ("openai_embeddings", Status.OK, "") == (
        sample.protocol,
        sample.outcome.status,
        sample.note,
    )
    assert (answer.usage.prompt_tokens, 0) == (
        sample.usage.input_tokens,
        sample.usage.output_tokens,
    )
