"""Server times of response headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.protocols import read_server_times
from llm_latency_lens.protocols.server_times import MOST_TIMES
from llm_latency_lens.samples import ServerTime

_MS = 1_000_000


def _read(*headers):
    return read_server_times(headers)


def _timing(value):
    return {one.name: one.nanoseconds for one in _read(("server-timing", value))}


def test_no_headers_tell_no_time():
    """Nothing is made up."""
    assert () == _read()


@pytest.mark.parametrize(
    ("covers", "name"),
    [
        ("until headers", "OpenAI-Processing-Ms"),
        ("until headers", "x-envoy-upstream-service-time"),
        ("until headers", "x-kong-upstream-latency"),
        ("inference", "x-inference-time"),
        ("queue", "x-queue-time"),
        ("one token", "x-time-per-token"),
        ("whole call", "x-total-time"),
        ("validation", "x-validation-time"),
    ],
)
def test_each_header_covers_its_own(covers, name):
    """Times are milliseconds; what they cover is told, so that nobody compares unlike ones."""
    assert (ServerTime(name.lower(), 384 * _MS, covers),) == _read((name, "384"))


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ({"server-timing:proxy": 750 * _MS}, "proxy;dur=750"),
        ({"server-timing:gfet4t7": 391 * _MS}, "gfet4t7; dur=391"),
        ({"server-timing:a": 1_500_000, "server-timing:b": 2 * _MS}, 'a;DUR="1.5" , b ; dur = 2'),
        ({"server-timing:a": 3 * _MS}, r'a;desc="x, y;dur=9 \" ,z;dur=9";dur=3'),
        ({"server-timing:b": 4 * _MS}, "miss, cache;desc=hit, ,;dur=1, b;dur=4, c;dur=no"),
        ({}, 'a;desc="never ends, b;dur=1'),
        ({}, "no name;dur=1"),
        ({}, ";, ;dur=1"),
        ({}, ""),
        ({}, "a;dur=1" + ", b" * 1000),
    ],
)
def test_server_timing_is_a_list_of_metrics(expected, value):
    """Each metric with a duration is a time; the others, and what cannot be read, are none."""
    assert expected == _timing(value)


def test_server_timing_covers_until_headers():
    """It was written with them."""
    assert "until headers" == _read(("Server-Timing", "proxy;dur=750"))[0].covers


def test_server_timing_may_come_in_several_lines():
    """Proxies add their own; the first of each name counts."""
    times = _read(("server-timing", "a;dur=1"), ("server-timing", "a;dur=2, b;dur=3"))

    assert [_MS, 3 * _MS] == [one.nanoseconds for one in times]


@pytest.mark.parametrize("value", ["", "soon", "-1", "1e9", "1" * 30])
def test_time_that_cannot_be_read_is_left_out(value):
    """No time is made up."""
    assert () == _read(("openai-processing-ms", value))


def test_flood_of_times_is_cut():
    """Only the first are kept."""
    flood = [("server-timing", f"m{number};dur=1") for number in range(5000)]

    assert MOST_TIMES == len(_read(*flood))


@given(st.text(max_size=60) | st.text(alphabet='a;=",\\ dur1.', max_size=60))
def test_no_timing_breaks_the_reading(value):
    """Whatever a server sends, the times are not negative."""
    assert all(time >= 0 for time in _timing(value).values())
