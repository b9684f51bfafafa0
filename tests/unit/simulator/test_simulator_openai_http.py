"""Headers and errors that all OpenAI APIs share."""

import json

import pytest

from llm_latency_lens.simulator.dialect import Ticket
from llm_latency_lens.simulator.openai_http import openai_error, openai_headers


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, "invalid_request_error", "invalid_api_key"),
        (404, "invalid_request_error", "model_not_found"),
        (408, "timeout", None),
        (409, "invalid_request_error", "conflict"),
        (418, "invalid_request_error", None),
        (429, "tokens", "rate_limit_exceeded"),
        (500, "server_error", None),
        (503, "service_unavailable_error", None),
        (529, "server_error", None),
    ],
)
def test_every_status_has_its_error(status, kind, code):
    """An error has type and code of its status; unknown ones fall back by class."""
    error = json.loads(openai_error(status))["error"]

    assert (kind, code, None) == (error["type"], error["code"], error["param"])


def test_an_error_may_have_words_of_its_own():
    """A given message replaces the usual one."""
    assert "so" == json.loads(openai_error(400, "so"))["error"]["message"]


def test_the_headers_have_id_and_processing_time():
    """The ticket's id and wait are in the headers."""
    headers = dict(openai_headers(Ticket("req_1", "m", 0, 40)))

    assert ("req_1", "40") == (headers["x-request-id"], headers["openai-processing-ms"])
