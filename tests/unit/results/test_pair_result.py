"""PairResult: what is between two callables."""

import math

import pytest

from llm_latency_lens.baselines import read_gates
from llm_latency_lens.errors import EmptyAggregate, UsageError
from llm_latency_lens.reports import explain_pair
from llm_latency_lens.results import PairResult, ProfileResult
from llm_latency_lens.samples import Status

MS = 1_000_000
_GATES = read_gates(["p95:25%"])


@pytest.fixture
def make_pair(make_sample):
    """A pair whose latencies (and runs) are given in milliseconds; None is a failed call."""

    def side(latencies_ms, **fields):
        samples = [
            make_sample(one or 1, 1, status=Status.OK if one else Status.ERROR, **fields)
            for one in latencies_ms
        ]
        return ProfileResult(samples, [(one or 1) * MS for one in latencies_ms])

    def pair(before, after, gates=(), **fields):
        return PairResult(side(before), side(after, **fields), ("a", "b"), gates)

    return pair


def test_a_ratio_divides_percentiles(make_pair):
    """B is twice as slow as a at its median, three times at its p95."""
    result = make_pair([100] * 20, [200] * 10 + [300] * 10)

    assert (2, 3) == (result.ratio("p50"), result.ratio("p95"))
    assert "ratio(p50) = 2 (b by a, 20 runs in turns)" == result.ratio("p50").explanation


def test_a_ratio_knows_aliases(make_pair):
    """Ttft is ttft_p95, as in a mark."""
    assert "ratio(ttft_p95)" == make_pair([100], [200]).ratio("ttft").name


@pytest.mark.parametrize(
    ("before", "after", "expected"), [([100], [None], math.inf), ([None], [100], math.nan)]
)
def test_a_ratio_of_failed_calls_is_no_number(make_pair, before, after, expected):
    """Infinitely slower where b failed; not comparable where a did."""
    assert repr(expected) == repr(float(make_pair(before, after).ratio("p95")))


@pytest.mark.parametrize("word", ["mean", "cost", "p96", "min_tokens_per_second"])
def test_a_ratio_is_that_of_a_percentile(make_pair, word):
    """Other words are refused, with the way to write one."""
    with pytest.raises(UsageError, match="names no percentile: write one such as 'p95'"):
        make_pair([100], [100]).ratio(word)


def test_the_run_ratio_is_that_of_pairs(make_pair):
    """A drift that hits both of a pair is in no ratio."""
    result = make_pair([100, 200, 400], [110, 220, 440])

    assert pytest.approx(1.1) == result.run_ratio


def test_the_run_ratio_has_an_interval(make_pair):
    """Six pairs bound the median on both sides, five do not."""
    six = make_pair([100] * 6, [110, 120, 130, 140, 150, 160])

    assert (1.1, 1.6) == six.run_ratio_interval
    assert (None, None) == make_pair([100] * 5, [100] * 5).run_ratio_interval


def test_a_ratio_of_nothing_is_refused(make_pair):
    """Without a run there is nothing between the two."""
    with pytest.raises(EmptyAggregate, match="nothing was run"):
        _ = make_pair([], []).run_ratio


def test_sides_may_ask_different_models(make_pair):
    """Calls are compared with calls, whichever model answered."""
    result = make_pair([100] * 50, [400] * 50, _GATES, requested_model="gpt-4o", node_id="t")

    assert [("p95", True)] == [(row.word, row.is_slower) for row in result.comparison.failed]
    assert "<PairResult: b beside a, 50 runs>" == repr(result)


def test_the_message_tells_both(make_pair):
    """The rows, the limit, and the ratio of runs beside each other, at 80 columns."""
    text = explain_pair(make_pair([100] * 50, [400] * 50, _GATES))

    assert text.startswith("b is slower than a: 50 runs of each, in turns\n")
    assert "  openai" not in text
    assert "    p95       100 ms  400 ms  +300 %    50 of 50        2  SLOWER\n" in text
    assert "  a run of b took 4.00 times that of a beside it (4.00 to 4.00, 95 %)" in text
    assert 80 >= max(map(len, text.splitlines()))
    assert "(? to ?, 95 %)" in explain_pair(make_pair([100] * 5, [400] * 5, _GATES))
