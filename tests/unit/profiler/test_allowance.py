"""The allowance: how soon another call may start."""

import pytest

from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler.allowance import Allowance
from llm_latency_lens.samples import RateLimit

S = 1_000_000_000


def test_without_a_limit_everything_may_start():
    """At once."""
    assert 0 == Allowance().wait_ns(5 * S)


def test_an_own_rate_spaces_the_starts():
    """Four a second are a quarter of a second apart."""
    allowance = Allowance(4)
    starts, now_ns = [], 10 * S
    for _ in range(4):
        now_ns += allowance.wait_ns(now_ns)
        allowance.take(now_ns)
        starts.append(now_ns)

    assert [10 * S, 10.25 * S, 10.5 * S, 10.75 * S] == pytest.approx(starts)


def test_what_is_left_may_be_used():
    """A limit with room lets calls through; used up, they wait for it to fill."""
    allowance = Allowance()
    allowance.learn([RateLimit("requests", 60, 2, 58 * S)], 0, 0)
    waits = []
    for _ in range(3):
        waits.append(allowance.wait_ns(0))
        allowance.take(0)

    assert [0, 0, 1 * S] == pytest.approx(waits)


def test_calls_under_way_are_not_counted_yet():
    """What they will use is taken off what is left."""
    allowance = Allowance()
    allowance.learn([RateLimit("requests", 60, 2, 58 * S)], 2, 0)

    assert pytest.approx(1 * S) == allowance.wait_ns(0)


def test_tokens_go_by_what_calls_used():
    """A call is expected to use as many as those before it."""
    allowance = Allowance()
    allowance.spent(100)
    allowance.spent(None)
    allowance.learn([RateLimit("tokens", 6000, 50, 60 * S)], 0, 0)

    assert pytest.approx(50 / (5950 / 60) * S) == allowance.wait_ns(0)


@pytest.mark.parametrize(
    "limit",
    [
        RateLimit("requests", None, 0, S),
        RateLimit("requests", 10, None, S),
        RateLimit("requests", 10, 0, None),
        RateLimit("requests", 10, 10, S),
        RateLimit("tokens", 10, 0, S),
        RateLimit("neurons", 10, 0, S),
    ],
)
def test_a_limit_that_says_too_little_is_left_alone(limit):
    """No rate can be told from it."""
    allowance = Allowance()
    allowance.learn([limit], 0, 0)

    assert 0 == allowance.wait_ns(0)


def test_a_closed_provider_is_waited_for():
    """The later of two moments counts."""
    allowance = Allowance()
    allowance.close(3 * S)
    allowance.close(2 * S)

    assert (2 * S, 0) == (allowance.wait_ns(1 * S), allowance.wait_ns(4 * S))


@pytest.mark.parametrize("rate", [0, -1, True])
def test_a_wrong_rate_is_told(rate):
    """With what is meant."""
    with pytest.raises(UsageError, match="a number above 0"):
        Allowance(rate)
