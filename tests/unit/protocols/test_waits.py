"""Waits as headers spell them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llm_latency_lens.protocols.waits import read_number, read_wait, server_now_ns

_S = 1_000_000_000
_MS = 1_000_000
_NOW = datetime(2026, 8, 19, 14, 34, 12, tzinfo=UTC)
_NOW_NS = int(_NOW.timestamp()) * _S
_YEAR_10000 = "9" * 40


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (0, "0"),
        (2 * _S, "2"),
        (59_560 * _MS, " 59.56 "),
        (6 * _MS, "6ms"),
        (1182 * _MS, "1.182s"),
        (360 * _S, "6m0s"),
        (3723 * _S, "1h2m3s"),
        (1500, "1.5us"),
        (2000, "2µs"),
        (2000, "2\u03bcs"),
        (7, "7ns"),
        (10 * _S, "2026-08-19T14:34:22Z"),
        (10 * _S + 5 * _MS, "2026-08-19T16:34:22.005+02:00"),
        (10 * _S, "2026-08-19T14:34:22"),
        (10 * _S, "Wed, 19 Aug 2026 14:34:22 GMT"),
        (10 * _S, str(int(_NOW.timestamp()) + 10)),
        (10 * _S, str(int(_NOW.timestamp() + 10) * 1000)),
    ],
)
def test_wait_has_many_spellings(expected, text):
    """Seconds, Go durations, RFC 3339 and HTTP dates, and seconds and milliseconds of the epoch."""
    assert expected == read_wait(text, _NOW_NS)


@pytest.mark.parametrize(
    "text", ["2026-08-19T14:34:02Z", "Wed, 19 Aug 2026 14:34:02 GMT", "1700000000"]
)
def test_moment_that_passed_is_no_wait(text):
    """What is over needs no waiting."""
    assert 0 == read_wait(text, _NOW_NS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "-1",
        "1e3",
        "inf",
        "5 s",
        "6m0",
        "1d",
        "\u0665",
        "100000000000000",
        "9999999h",
        "2999-01-01T00:00:00Z",
        "2026-08-19T14:34:12+99:99",
        "6 Nov 99999999999 08:49:37 GMT",
        "1" * 100,
    ],
)
def test_wait_that_cannot_be_read_is_unknown(text):
    """No time is made up."""
    assert read_wait(text, _NOW_NS) is None


@given(st.text(max_size=80), st.integers())
@example("0001-01-01T00:00:00+23:59", 0)
@example("9999-12-31T23:59:59-23:59", 0)
@example("Sun, 06 Nov 1994 08:49:37 +9999999999", 0)
def test_no_text_breaks_the_reading(text, now_ns):
    """Whatever a server sends is a wait of bounded length, or unknown."""
    wait = read_wait(text, now_ns)

    assert wait is None or 0 <= wait <= 10**18


@given(st.integers(0, 10**18 // _MS).map(lambda ms: timedelta(milliseconds=ms)))
def test_go_duration_loses_nothing(wait):
    """Hours, minutes, seconds and milliseconds add up exactly."""
    minutes, seconds = divmod(wait // timedelta(seconds=1), 60)
    text = f"{minutes // 60}h{minutes % 60}m{seconds}s{wait.microseconds // 1000}ms"

    assert wait // timedelta(milliseconds=1) * _MS == read_wait(text, 0)


def test_number_has_its_unit():
    """A plain number counts units."""
    assert 1_250_000 == read_number(" 1.25", _MS)


@pytest.mark.parametrize("text", ["", "5ms", "-5", "nan", _YEAR_10000, "1" * 100])
def test_number_that_cannot_be_read_is_unknown(text):
    """What is no plain number, or larger than any time, is left out."""
    assert read_number(text, _MS) is None


def test_server_has_a_clock_of_its_own():
    """Its date is the time that its moments are to be compared with."""
    headers = [("x", "y"), ("Date", "Wed, 19 Aug 2026 14:34:12 GMT")]

    assert _NOW_NS == server_now_ns(headers, 7)


@pytest.mark.parametrize("date", ["", "today", "1" * 100])
def test_without_a_date_the_clock_is_ours(date):
    """A server that does not tell its time is taken to have ours."""
    assert 7 == server_now_ns([("date", date)], 7)
