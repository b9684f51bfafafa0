"""Embeddings as the simulator writes them, read as plain JSON."""

import base64
import json
import math
import struct

import pytest

from llm_latency_lens.simulator.answer import compose
from llm_latency_lens.simulator.dialect import Ticket
from llm_latency_lens.simulator.routes import route
from llm_latency_lens.simulator.script import read_script

ANSWER = compose(read_script({"input_tokens": 9}), None, show_reasoning=False).without_words()
GEMINI = "/v1beta/models/m"
VERTEX = "/v1beta1/projects/p/locations/l/publishers/google/models/m:predict"
REQUESTS = {
    "/v1/embeddings": {"model": "m", "input": ["a", "b"], "dimensions": 4},
    "/v2/embed": {"model": "m", "texts": ["a", "b"], "output_dimension": 4},
    f"{GEMINI}:batchEmbedContents": {"requests": [{"outputDimensionality": 4}, {}]},
    VERTEX: {"instances": [{}, {}], "parameters": {"outputDimensionality": 4}},
    "/api/embed": {"model": "m", "input": ["a", "b"], "dimensions": 4},
}
READ = {
    "/v1/embeddings": lambda body: (
        [one["embedding"] for one in body["data"]],
        body["usage"]["prompt_tokens"],
    ),
    "/v2/embed": lambda body: (
        body["embeddings"]["float"],
        body["meta"]["billed_units"]["input_tokens"],
    ),
    f"{GEMINI}:batchEmbedContents": lambda body: (
        [one["values"] for one in body["embeddings"]],
        body["usageMetadata"]["promptTokenCount"],
    ),
    VERTEX: lambda body: (
        [one["embeddings"]["values"] for one in body["predictions"]],
        sum(one["embeddings"]["statistics"]["token_count"] for one in body["predictions"]),
    ),
    "/api/embed": lambda body: (body["embeddings"], body["prompt_eval_count"]),
}


def _asked(target, fields):
    dialect, of_path = route(target)
    return dialect, dialect.asked(fields | of_path)


def _body(target, fields, usage=ANSWER.usage):
    dialect, asked = _asked(target, fields)
    ticket = Ticket("req_1", "m", 1_700_000_000, 40, asked.vectors)
    assert [] == [*dialect.events(ticket, ANSWER, usage)]
    return json.loads(dialect.body(ticket, ANSWER, usage))


@pytest.mark.parametrize("target", REQUESTS)
def test_there_is_a_vector_for_each_text(target):
    """Of as many numbers as were asked for, and of length 1; the input is counted."""
    vectors, tokens = READ[target](_body(target, REQUESTS[target]))

    assert [4, 4] == [len(one) for one in vectors]
    assert vectors[0] != vectors[1]
    assert pytest.approx([1.0, 1.0]) == [math.hypot(*one) for one in vectors]
    assert 9 == tokens


@pytest.mark.parametrize("target", REQUESTS)
def test_usage_can_be_left_out(target):
    """As from servers that do not count."""
    body = _body(target, REQUESTS[target], usage=None)

    assert not {"usage", "meta", "usageMetadata", "prompt_eval_count"} & body.keys()


@pytest.mark.parametrize("target", REQUESTS)
def test_nothing_is_streamed(target):
    """Whatever the request says."""
    _, asked = _asked(target, {**REQUESTS[target], "stream": True})

    assert not asked.is_streamed


@pytest.mark.parametrize("target", REQUESTS)
def test_errors_are_those_of_the_vendor(target):
    """An error of the embeddings is one of the chat."""
    dialect, _ = route(target)
    ticket = Ticket("req_1", "m", 1_700_000_000, 40)

    assert {"error", "message"} & json.loads(dialect.error(ticket, 429)).keys()
    assert isinstance(dialect.headers(ticket), list)


def test_one_content_has_one_vector():
    """The method for one takes an object."""
    body = _body(f"{GEMINI}:embedContent", {"content": {}, "outputDimensionality": 3})

    assert 3 == len(body["embedding"]["values"])
    assert {"promptTokenCount": 9} == body["usageMetadata"]


def test_base64_is_what_the_sdk_asks_for():
    """Four bytes a number, of which the SDK makes numbers again."""
    fields = {"model": "m", "input": [1, 2, 3], "dimensions": 2, "encoding_format": "base64"}
    (item,) = _body("/v1/embeddings", fields)["data"]
    values = struct.unpack("<2f", base64.b64decode(item["embedding"]))

    assert pytest.approx(1) == math.hypot(*values)


@pytest.mark.parametrize(
    "wrong",
    [
        {"input": None},
        {"input": []},
        {"input": ["a"] * 3000},
        {"dimensions": 0},
        {"encoding_format": "hex"},
    ],
)
def test_a_wrong_request_is_refused(wrong):
    """With a sentence that names the mistake."""
    with pytest.raises(ValueError, match=r"nput|dimensions|hex"):
        _asked("/v1/embeddings", {"model": "m", "input": "a", **wrong})
