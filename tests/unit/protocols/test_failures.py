"""What an error makes of a call."""

import pytest

from llm_latency_lens.protocols import ErrorFacts, classify
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
