"""Sampling: what a call's last answer told in its headers."""

from types import SimpleNamespace

import pytest

from llm_latency_lens.capture.calls import Call, Place
from llm_latency_lens.capture.sampling import sample_of
from llm_latency_lens.capture.scope import Scope
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.protocols import PROTOCOLS, Answer, ErrorFacts
from llm_latency_lens.providers import Destination
from llm_latency_lens.samples import Attempt, Outcome, Phase, RateLimit, ServerTime, Status

_S = 1_000_000_000
_MS = 1_000_000


def _sample(*headers, headers_ns=2 * _S, answer=None):
    request = SimpleNamespace(
        url=SimpleNamespace(path="/v1/chat/completions"), content=b'{"model": "m"}'
    )
    destination = Destination("openai", PROTOCOLS["openai_chat"], is_named=True)
    watch = Watch(request, destination, None, None, None)
    watch.wall_ns, watch.started_ns, watch.headers_ns = 10 * _S, _S, headers_ns
    watch.headers = headers
    attempt = Attempt(_S, 3 * _S, Outcome(Status.ERROR))
    place = Place(Scope("test_it.py::test_it"), 0, Phase.CALL, (1, 1))
    call = Call(place, _S, 10 * _S, attempts=[attempt], last=watch, answer=answer, id="1")
    return sample_of(call)


def test_rate_limits_are_on_the_sample():
    """They are those of the last answer."""
    expected = (RateLimit("requests", remaining=4999),)

    assert expected == _sample(("X-RateLimit-Remaining-Requests", "4999")).rate_limits


def test_server_times_are_on_the_sample():
    """They are those of the last answer."""
    expected = (ServerTime("openai-processing-ms", 73 * _MS, "until headers"),)

    assert expected == _sample(("openai-processing-ms", "73")).server_times


@pytest.mark.parametrize(("expected", "headers_ns"), [(9 * _S, 2 * _S), (10 * _S, None)])
def test_waits_count_from_the_arrival_of_the_headers(expected, headers_ns):
    """Without a date of the server's; where the arrival was not seen, from the start."""
    sample = _sample(("retry-after", "Thu, 01 Jan 1970 00:00:20 GMT"), headers_ns=headers_ns)

    assert expected == sample.retry_after_ns


def test_silent_headers_leave_the_sample_empty():
    """Nothing is made up."""
    sample = _sample(("content-type", "text/event-stream"))

    assert ((), (), None) == (sample.rate_limits, sample.server_times, sample.retry_after_ns)


@pytest.mark.parametrize(("headers", "expected"), [((), 48 * _S), ([("retry-after", "7")], 7 * _S)])
def test_a_wait_in_the_body_counts_where_no_header_tells_one(headers, expected):
    """Google tells it in the error."""
    answer = Answer(error=ErrorFacts("RESOURCE_EXHAUSTED", retry_after_ns=48 * _S))

    assert expected == _sample(*headers, answer=answer).retry_after_ns
