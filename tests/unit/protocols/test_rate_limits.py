"""Rate limits and retry-after of response headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.protocols import read_rate_limits, read_retry_after
from llm_latency_lens.protocols.rate_limits import MOST_LIMITS
from llm_latency_lens.samples import RateLimit

_S = 1_000_000_000
_MS = 1_000_000


def _read(*headers):
    return read_rate_limits(headers, 0)


def _retry(*headers):
    return read_retry_after(headers, 0)


def test_no_headers_tell_no_limit():
    """Nothing is made up."""
    assert () == _read()


def test_openai_tells_requests_and_tokens():
    """Resets are Go durations; the order is that of the headers."""
    limits = _read(
        ("x-ratelimit-limit-requests", "5000"),
        ("x-ratelimit-limit-tokens", "2000000"),
        ("x-ratelimit-remaining-requests", "4999"),
        ("x-ratelimit-remaining-tokens", "1999417"),
        ("x-ratelimit-reset-requests", "12ms"),
        ("x-ratelimit-reset-tokens", "6m0s"),
    )

    assert (
        RateLimit("requests", 5000, 4999, 12 * _MS),
        RateLimit("tokens", 2000000, 1999417, 360 * _S),
    ) == limits


def test_anthropic_counts_from_the_date_of_the_answer():
    """Its reset is a moment of the server's clock."""
    limits = _read(
        ("date", "Wed, 19 Aug 2026 14:34:10 GMT"),
        ("anthropic-ratelimit-input-tokens-limit", "10000000"),
        ("anthropic-ratelimit-input-tokens-remaining", "9998000"),
        ("anthropic-ratelimit-input-tokens-reset", "2026-08-19T14:34:12Z"),
    )

    assert (RateLimit("input-tokens", 10000000, 9998000, 2 * _S),) == limits


def test_without_a_date_the_reset_counts_from_the_arrival():
    """The caller's wall clock stands in."""
    limits = read_rate_limits(
        [("anthropic-ratelimit-tokens-reset", "1970-01-01T00:00:09Z")], 4 * _S
    )

    assert (RateLimit("tokens", reset_ns=5 * _S),) == limits


def test_azure_resets_in_seconds():
    """A plain number is seconds."""
    assert (RateLimit("tokens", reset_ns=10 * _S),) == _read(("x-ratelimit-reset-tokens", "10"))


def test_openrouter_resets_at_a_millisecond():
    """A number too large for a wait is a moment."""
    limits = _read(
        ("date", "Thu, 06 Mar 2025 23:59:00 GMT"), ("X-RateLimit-Reset", "1741305600000")
    )

    assert (RateLimit("requests", reset_ns=60 * _S),) == limits


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("requests", "x-ratelimit-limit"),
        ("requests", "ratelimit-limit"),
        ("requests", "X-Rate-Limit-Limit"),
        ("requests-minute", "x-ratelimit-limit-minute"),
        ("requests-10-second", "x-ratelimit-limit-req-10-second"),
        ("requests", "x-ratelimit-limit-req"),
        ("tokens-month", "x-ratelimit-limit-tokens-month"),
        ("tokens", "ratelimitbysize-limit"),
        ("tokens-minute", "x-ratelimitbysize-limit-minute"),
        ("tokens", "x-tokenlimit-limit"),
        ("tokens_usage_based", "x-ratelimit-limit-tokens_usage_based"),
        ("input-images", "x-ratelimit-limit-input-images"),
        ("output-tokens", "anthropic-ratelimit-output-tokens-limit"),
        ("requests-trial", "x-trial-endpoint-call-limit"),
        ("requests-month", "x-endpoint-monthly-call-limit"),
    ],
)
def test_resource_is_in_the_name(expected, name):
    """Each vendor's names lead to one vocabulary; where they name nothing it is requests."""
    assert (RateLimit(expected, limit=40),) == _read((name, "40"))


@pytest.mark.parametrize(
    "name",
    [
        "x-limit",
        "x-ratelimit",
        "x-ratelimit-",
        "x-ratelimit-over-limits",
        "ratelimitbysize-query-cost",
        "other-ratelimit-limit",
        "x-ratelimit-limit-" + "a" * 100,
    ],
)
def test_other_names_are_no_limits(name):
    """What is no limit, remaining or reset is left out."""
    assert () == _read((name, "40"))


@pytest.mark.parametrize("text", ["100, 100;w=60", " 100 ;w=60", "100"])
def test_policy_may_follow_the_number(text):
    """The IETF's draft appends the windows; the first number is the limit."""
    assert (RateLimit("requests", limit=100),) == _read(("ratelimit-limit", text))


@pytest.mark.parametrize("text", ["", "many", "-1", "1.5", "1" * 30])
def test_count_that_cannot_be_read_is_left_out(text):
    """A limit of which nothing can be read is no limit."""
    assert () == _read(("x-ratelimit-limit", text), ("x-ratelimit-reset", "soon"))


def test_part_told_twice_counts_once():
    """The first of two headers of one name wins."""
    limits = _read(("x-ratelimit-limit", "1"), ("x-ratelimit-limit", "2"))

    assert (RateLimit("requests", limit=1),) == limits


def test_flood_of_limits_is_cut():
    """Only the first resources are kept, and they whole."""
    flood = [(f"x-ratelimit-limit-r{number}", "1") for number in range(5000)]
    limits = _read(*flood, ("x-ratelimit-remaining-r0", "0"))

    assert (MOST_LIMITS, RateLimit("r0", 1, 0)) == (len(limits), limits[0])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["x-ratelimit-limit", "x-ratelimit-reset", "retry-after", "date"])
            | st.text(max_size=20),
            st.text(max_size=40),
        ),
        max_size=5,
    ),
    st.integers(),
)
def test_no_headers_break_the_reading(headers, wall_ns):
    """Whatever a server sends, the waits are not negative."""
    waits = [one.reset_ns for one in read_rate_limits(headers, wall_ns)]

    assert all(wait is None or wait >= 0 for wait in [*waits, read_retry_after(headers, wall_ns)])


@pytest.mark.parametrize(
    ("expected", "headers"),
    [
        (None, []),
        (2 * _S, [("Retry-After", "2")]),
        (5 * _S, [("retry-after", "Thu, 01 Jan 1970 00:00:05 GMT")]),
        (1500 * _MS, [("retry-after-ms", "1500"), ("retry-after", "2")]),
        (0, [("retry-after", "1"), ("retry-after-ms", "0")]),
        (2 * _S, [("retry-after-ms", "soon"), ("retry-after", "2")]),
        (None, [("retry-after", "soon")]),
    ],
)
def test_retry_after_is_seconds_a_date_or_milliseconds(expected, headers):
    """The finer header wins where it can be read, as in the SDKs."""
    assert expected == _retry(*headers)


def test_retry_date_counts_from_the_date_of_the_answer():
    """Both are of the server's clock."""
    headers = [
        ("date", "Wed, 19 Aug 2026 14:34:10 GMT"),
        ("retry-after", "Wed, 19 Aug 2026 14:34:40 GMT"),
    ]

    assert 30 * _S == _retry(*headers)
