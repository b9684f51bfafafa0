"""Retrying: whether, and after which pause."""

from random import Random

import pytest

from llm_latency_lens.errors import BudgetError, UsageError
from llm_latency_lens.profiler.failures import Failure, FailureKind
from llm_latency_lens.profiler.retrying import RetryPolicy, read_retry

S = 1_000_000_000
BUSY = Failure(FailureKind.RATE_LIMIT)


class _Most(Random):
    """Draws the largest number."""

    def random(self):
        return 1.0


def test_the_longest_pause_doubles():
    """Up to its own limit."""
    policy = RetryPolicy(attempts=6, first_wait_ns=S, longest_wait_ns=5 * S)

    assert [1 * S, 2 * S, 4 * S, 5 * S, 5 * S, None] == [
        policy.wait_ns(made, BUSY, _Most()) for made in range(1, 7)
    ]


def test_jitter_is_full():
    """Pauses are drawn from zero to the longest, evenly."""
    policy = RetryPolicy(first_wait_ns=S)
    random = Random(1)
    waits = sorted(policy.wait_ns(1, BUSY, random) / S for _ in range(4000))

    assert [0, 0.25, 0.5, 0.75, 1] == pytest.approx(
        [waits[0], waits[1000], waits[2000], waits[3000], waits[-1]], abs=0.04
    )


def test_a_delay_of_the_servers_is_kept_to():
    """The jitter comes on top."""
    policy = RetryPolicy(first_wait_ns=S)
    asked = Failure(FailureKind.RATE_LIMIT, retry_after_ns=7 * S)

    assert 8 * S == policy.wait_ns(1, asked, _Most())


def test_a_long_delay_of_the_servers_ends_the_call():
    """To come back sooner would only be refused again."""
    asked = Failure(FailureKind.RATE_LIMIT, retry_after_ns=3600 * S)

    assert RetryPolicy().wait_ns(1, asked, Random(1)) is None


@pytest.mark.parametrize("kind", FailureKind)
def test_what_passes_is_retried(kind):
    """All but a request that is itself at fault."""
    wait_ns = RetryPolicy().wait_ns(1, Failure(kind), Random(1))

    assert (kind is FailureKind.REFUSED) == (wait_ns is None)


def test_a_policy_is_read():
    """From a number of attempts, a mapping, or as it is."""
    policy = read_retry(
        {
            "attempts": 5,
            "first_wait": "10ms",
            "longest_wait": "1s",
            "longest_server_wait": "2s",
            "on": ["timeout", "server"],
        }
    )
    kinds = frozenset({FailureKind.TIMEOUT, FailureKind.SERVER})

    assert RetryPolicy(5, 10_000_000, S, 2 * S, kinds) == policy == read_retry(policy)
    assert RetryPolicy(attempts=1) == read_retry(1)
    assert frozenset({FailureKind.TIMEOUT}) == read_retry({"on": "timeout"}).on


def test_a_policy_is_described():
    """In plain values, times in seconds."""
    assert {
        "attempts": 3,
        "first_wait": 0.5,
        "longest_wait": 30,
        "longest_server_wait": 60,
        "on": ["connection", "overload", "rate-limit", "server", "timeout"],
    } == RetryPolicy().describe()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (0, "retry.attempts=0: a whole number from 1"),
        ("always", "retry.attempts='always'"),
        ({"tries": 3}, "'tries' is unknown; known are attempts"),
        ({"on": ["luck"]}, "retry.on=.*a list of these is expected: rate-limit, overload"),
        ({"on": 7}, "retry.on=7"),
    ],
)
def test_a_wrong_policy_is_told(given, message):
    """With the word and what is known."""
    with pytest.raises(UsageError, match=message):
        read_retry(given)


def test_a_pause_carries_its_unit():
    """As every time does."""
    with pytest.raises(BudgetError, match=r'write retry.first_wait="2ms"'):
        read_retry({"first_wait": 2})
