"""Embeddings in the four protocols: whose calls they are, what they count, how little is read."""

import json

import pytest

from llm_latency_lens.protocols import PROTOCOLS, RequestFacts
from llm_latency_lens.samples import Usage
from llm_latency_lens.testing import check_decoder

VECTOR = [0.25, -1.5e-3]
BODIES = {
    "openai": {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": VECTOR}],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    },
    "openai, in base64": {
        "data": [{"embedding": "mpnpPZqZ" * 1000, "index": 0}],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    },
    "voyage": {"data": [{"embedding": VECTOR}], "model": "m", "usage": {"total_tokens": 8}},
    "cohere": {
        "id": "e1",
        "embeddings": {"float": [VECTOR]},
        "texts": ["hello"],
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 8}},
    },
    "gemini, one": {"embedding": {"values": VECTOR}, "usageMetadata": {"promptTokenCount": 8}},
    "gemini, several": {
        "embeddings": [{"values": VECTOR}, {"values": VECTOR}],
        "usageMetadata": {"promptTokenCount": 8, "totalTokenCount": 8},
    },
    "vertex": {
        "predictions": [
            {"embeddings": {"values": VECTOR, "statistics": {"token_count": 5}}},
            {"embeddings": {"values": VECTOR, "statistics": {"token_count": 3.0}}},
        ]
    },
    "ollama": {
        "model": "m",
        "embeddings": [VECTOR],
        "total_duration": 3_000_000,
        "load_duration": 1_000_000,
        "prompt_eval_count": 8,
    },
}
OF = {"voyage": "openai", "vertex": "gemini"}


def _protocol(case):
    vendor = case.partition(",")[0]
    return f"{OF.get(vendor, vendor)}_embeddings"


def _decode(protocol, body, **options):
    decoder = PROTOCOLS[protocol].decoder(**options)
    decoder.feed(body if isinstance(body, bytes) else json.dumps(body).encode(), 7)
    return decoder.finish()


@pytest.mark.parametrize("case", BODIES)
def test_tokens_go_in_and_none_come_out(case):
    """However the network cuts the answer."""
    body = json.dumps(BODIES[case]).encode()
    answer = _decode(_protocol(case), body)

    assert (8, 0, "", (), True, False) == (
        answer.usage.input_tokens,
        answer.usage.output_tokens,
        answer.note,
        answer.token_at_ns,
        answer.complete,
        answer.streamed,
    )
    check_decoder(
        _protocol(case), body, {"usage": {"input_tokens": 8}, "framing": "json", "text": ""}
    )


@pytest.mark.parametrize("case", BODIES)
def test_an_answer_that_counts_nothing_is_unknown(case):
    """Not zero."""
    counts = {"usage", "meta", "usageMetadata", "prompt_eval_count"}
    body = {word: value for word, value in BODIES[case].items() if word not in counts}
    if case == "vertex":
        body["predictions"] = [{"embeddings": {"values": VECTOR}}]

    assert Usage() == _decode(_protocol(case), body).usage


def test_cohere_is_billed_for_what_it_says():
    """Counted and billed are kept apart where both are told."""
    meta = {"tokens": {"input_tokens": 9}, "billed_units": {"input_tokens": 8}}
    usage = _decode("cohere_embeddings", {"embeddings": {}, "meta": meta}).usage

    assert (9, Usage(8, 0)) == (usage.input_tokens, usage.billed)


def test_cohere_bills_pictures_apart():
    """At another price: what they cost is unknown, so the tokens are."""
    meta = {"billed_units": {"input_tokens": 8, "images": 1}}

    assert Usage() == _decode("cohere_embeddings", {"embeddings": {}, "meta": meta}).usage


def test_ollama_tells_its_times():
    """As with its chat."""
    answer = _decode("ollama_embeddings", BODIES["ollama"])

    assert {"whole call": 3_000_000, "load": 1_000_000} == {
        time.covers: time.nanoseconds for time in answer.server_times
    }


def test_an_error_is_read_as_ever():
    """Type and code, and the message where content is kept."""
    body = {"error": {"message": "no", "type": "invalid_request_error", "code": "bad"}}
    error = _decode("openai_embeddings", body, http_status=400, keep_content=True).error

    assert ("invalid_request_error", "bad", "no") == (error.type, error.code, error.message)


def test_a_long_message_of_an_error_stays_whole():
    """Only answers are thinned."""
    body = {"error": {"message": "no " * 200, "type": "invalid_request_error"}}
    error = _decode("gemini_embeddings", body, http_status=429, keep_content=True).error

    assert "no " * 200 == error.message


def test_an_event_is_no_answer():
    """Nobody streams embeddings; an error that is streamed is one all the same."""
    body = b'data: {"x":1}\n\ndata: {"error":{"type":"overloaded"}}\n\n'
    answer = _decode("openai_embeddings", body)

    assert ("overloaded", False, Usage()) == (answer.error.type, answer.complete, answer.usage)


REQUESTS = [
    ("openai", "/v1/embeddings", {"model": "m", "input": "hello"}, "m"),
    ("openai", "/v1/embeddings", {"model": "m", "input": [[1, 2]]}, "m"),
    ("openai", "/openai/deployments/small/embeddings", {"input": "hello"}, "small"),
    ("cohere", "/v2/embed", {"model": "m", "texts": ["hello"], "input_type": "x"}, "m"),
    ("cohere", "/v1/embed", {"model": "m", "texts": ["hello"]}, "m"),
    ("gemini", "/v1beta/models/m:embedContent", {"content": {"parts": []}}, "m"),
    ("gemini", "/v1beta/models/m:batchEmbedContents", {"requests": [{}]}, "m"),
    ("gemini", "/v1/p/models/text-embedding-005:predict", {"instances": []}, "text-embedding-005"),
    ("ollama", "/api/embed", {"model": "m", "input": ["hello"]}, "m"),
    ("ollama", "/api/embeddings", {"model": "m", "prompt": "hello"}, "m"),
]


@pytest.mark.parametrize(("vendor", "path", "body", "model"), REQUESTS)
def test_a_request_is_a_call(vendor, path, body, model, read_request):
    """It names its model, is never streamed and can bring no output."""
    protocol = PROTOCOLS[f"{vendor}_embeddings"]
    facts = read_request(protocol, json.dumps(body).encode(), path)

    assert protocol.is_call("POST", path)
    assert not protocol.is_call("GET", path)
    assert RequestFacts(model, max_output_tokens=0) == facts


@pytest.mark.parametrize(
    ("vendor", "path", "body", "model"), [one for one in REQUESTS if "deployments" not in one[1]]
)
def test_a_request_is_recognised_where_nobody_named_the_server(
    vendor, path, body, model, recognises
):
    """By its path and what stands in it; anything else is no call."""
    protocol = PROTOCOLS[f"{vendor}_embeddings"]

    assert recognises(protocol, path, json.dumps(body).encode())
    assert not recognises(protocol, path, b'{"query": "hello"}')
    assert not recognises(protocol, "/v1/else", json.dumps(body).encode())


def test_other_predictions_of_vertex_are_no_embeddings():
    """Older models that draw have the same verb."""
    path = "/v1/publishers/google/models/imagen-4:predict"

    assert not PROTOCOLS["gemini_embeddings"].is_call("POST", path)


def test_a_long_request_is_read(recognises, read_request):
    """What is to be embedded may be megabytes; the model stands behind them."""
    body = json.dumps({"input": ["word " * 10_000] * 100, "model": "m"}).encode()

    assert len(body) > 4_000_000
    assert "m" == read_request(PROTOCOLS["openai_embeddings"], body).model
    assert recognises(PROTOCOLS["openai_embeddings"], "/v1/embeddings", body)
