"""What an error makes of a call."""

import pytest

from llm_latency_lens.protocols import ErrorFacts, classify
from llm_latency_lens.protocols.failures import read_error
from llm_latency_lens.samples import Outcome, Status


@pytest.mark.parametrize(
    ("http_status", "error", "expected"),
    [
        (200, None, Outcome(Status.OK, http_status=200)),
        (500, None, Outcome(Status.ERROR, http_status=500)),
        (429, ErrorFacts("t", "c"), Outcome(Status.ERROR, "t", "c", 429)),
        (200, ErrorFacts("t"), Outcome(Status.ERROR, "t", None, 200)),
        (408, None, Outcome(Status.TIMEOUT, http_status=408)),
        (504, ErrorFacts("t"), Outcome(Status.TIMEOUT, "t", None, 504)),
        (500, ErrorFacts("timeout_error"), Outcome(Status.TIMEOUT, "timeout_error", None, 500)),
        (200, ErrorFacts(None, "504", 504), Outcome(Status.TIMEOUT, None, "504", 200)),
    ],
)
def test_outcome_follows_from_status_and_error(http_status, error, expected):
    """An error inside a 200 is an error; a timeout is told by status or by type."""
    assert expected == classify(http_status, error)


_GOOGLE = {
    "error": {
        "code": 429,
        "message": "Quota exceeded.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.Help", "links": []},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "48.5s"},
        ],
    }
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (_GOOGLE, ("RESOURCE_EXHAUSTED", "429", 429, "Quota exceeded.", 48_500_000_000)),
        ({"id": "1", "message": "Wrong key"}, (None, None, None, "Wrong key", None)),
        ({"error": "no such model"}, (None, None, None, "no such model", None)),
        ({"error": "busy", "error_type": "overloaded"}, ("overloaded", None, None, "busy", None)),
        ({"code": "bad_key", "error": "No."}, (None, "bad_key", None, "No.", None)),
        (
            {"title": "Unauthenticated", "detail": "No token.", "status": 401},
            ("401", None, 401, "No token.", None),
        ),
        ({"statusCode": 401, "message": "No."}, (None, None, 401, "No.", None)),
        ({"error_code": "BUSY", "message": "No."}, (None, "BUSY", None, "No.", None)),
    ],
    ids=["google", "cohere", "ollama", "hugging face", "xai", "replicate", "azure", "databricks"],
)
def test_each_vendor_has_a_shape_of_its_own(body, expected):
    """Type, code, status, text and wait, whatever protocol the endpoint speaks."""
    facts = read_error(body, keep_content=True)

    assert expected == (
        facts.type,
        facts.code,
        facts.http_status,
        facts.message,
        facts.retry_after_ns,
    )


@pytest.mark.parametrize(
    "details",
    [5, [5], [{"retryDelay": 5}], [{"retryDelay": "soon"}], [{}] * 20 + [{"retryDelay": "1s"}]],
)
def test_details_that_tell_no_wait_are_ignored(details):
    """They may be anything; of a flood only the first are read."""
    assert read_error({"error": {"details": details}}).retry_after_ns is None
