"""Readings: plain numbers that explain themselves."""

import math

import pytest

from llm_latency_lens.results import ProfileResult, Reading
from llm_latency_lens.samples import Status


def test_reading_is_a_float():
    """It compares and computes as one."""
    assert 3.0 == Reading(1.5, "latency.p95", "ms", "n=1") * 2


@pytest.mark.parametrize(
    ("value", "unit", "line"),
    [
        (2103.4567, "ms", "x = 2103.46 ms (n=20)"),
        (0.5, "", "x = 0.5 (n=20)"),
        (math.inf, "ms", "x = inf ms (n=20)"),
    ],
)
def test_explanation_is_one_line(value, unit, line):
    """Name, number, unit and evidence."""
    assert line == Reading(value, "x", unit, "n=20").explanation


def test_infinite_reading_is_below_nothing(make_sample):
    """No limit is above a percentile that fell on a failed call."""
    reading = ProfileResult([make_sample(status=Status.TIMEOUT)]).latency.p95

    assert [math.inf, False] == [reading, reading < 10**9]


def test_failed_calls_are_part_of_the_evidence(make_sample):
    """A percentile says how many of its calls failed."""
    result = ProfileResult([make_sample(), make_sample(status=Status.TIMEOUT)])

    assert "n=2, 1 failed" == result.latency.p50.evidence


def test_price_that_is_missing_is_explained(make_sample):
    """What is known of a cost stays exact beside what is not."""
    result = ProfileResult([make_sample(usd="0.1"), make_sample(usd="0.2"), make_sample(usd=None)])

    assert ("0.3", 1) == (str(result.cost.known), result.cost.unpriced)


def test_aggregate_follows_its_samples(make_sample):
    """Samples that come later are in the numbers."""
    result = ProfileResult([make_sample(1000)])
    before = result.latency.max
    result.samples = (make_sample(2000),)

    assert (1000, 2000) == (before, result.latency.max)
