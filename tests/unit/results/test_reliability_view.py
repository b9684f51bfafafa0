"""The view of reliability: rates of attempts."""

import pytest

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.metrics import Aggregate
from llm_latency_lens.results.views import ReliabilityView


def test_attempt_error_rate_is_of_judged_attempts():
    """Two of four attempts failed; one more was cancelled."""
    seen = Aggregate(calls=2, ok=2, attempts=5, failed_attempts=2, cancelled_attempts=1)

    assert 0.5 == ReliabilityView(seen).attempt_error_rate


def test_attempt_error_rate_shows_its_evidence():
    """A failed assert tells over how many attempts the rate is."""
    seen = Aggregate(calls=2, ok=2, attempts=5, failed_attempts=2, cancelled_attempts=1)

    assert "n=4" == ReliabilityView(seen).attempt_error_rate.evidence


def test_attempt_error_rate_of_nothing_is_refused():
    """Without an attempt there is no rate, least of all a good one."""
    with pytest.raises(EmptyAggregate):
        _ = ReliabilityView(Aggregate()).attempt_error_rate
