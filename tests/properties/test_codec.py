"""Samples as JSON and back."""

from dataclasses import MISSING, fields, replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.codec import decode_samples, encode_samples
from llm_latency_lens.samples import (
    Attempt,
    Cost,
    Outcome,
    Phase,
    RateLimit,
    Sample,
    ServerTime,
    Status,
    Taint,
    Timeline,
    Usage,
)

_amounts = st.decimals(min_value=0, max_value=1000, allow_nan=False, allow_infinity=False)
_costs = st.builds(Cost, input_usd=_amounts, output_usd=_amounts, total_usd=_amounts)
_samples = st.builds(
    Sample,
    usage=st.from_type(Usage),
    finish_reason=st.none() | st.text(),
    request_id=st.none() | st.text(),
    gaps_ns=st.lists(st.integers()).map(tuple),
    token_events=st.integers(),
    reasoning_events=st.integers(),
    attempts=st.lists(st.from_type(Attempt), max_size=2).map(tuple),
    cost=st.none() | _costs,
    node_id=st.text(),
    run=st.integers(),
    taints=st.lists(st.sampled_from(Taint), unique=True).map(tuple),
    rate_limits=st.lists(st.from_type(RateLimit), max_size=2).map(tuple),
    server_times=st.lists(st.from_type(ServerTime), max_size=2).map(tuple),
    retry_after_ns=st.none() | st.integers(),
)
_bare = Sample(
    id="1",
    provider="openai",
    protocol="openai-chat",
    requested_model="gpt",
    model="gpt-1",
    streamed=False,
    outcome=Outcome(Status.OK),
    timeline=Timeline(0, 1),
    wall_ns=0,
)


@given(st.lists(_samples, max_size=2).map(tuple))
def test_samples_survive_the_way(samples):
    """Decoding returns what was encoded."""
    assert samples == decode_samples(encode_samples(samples))


def test_each_field_travels():
    """None is forgotten: here each has a value that it has not by itself."""
    told = {
        "finish_reason": "stop",
        "request_id": "req-1",
        "response_id": "r-1",
        "usage": Usage(1, 2, 3, 4, 5, 6, 7),
        "gaps_ns": (1, 2),
        "token_events": 3,
        "reasoning_events": 1,
        "attempts": (Attempt(0, 1, Outcome(Status.TIMEOUT, "slow", "very", 504)),),
        "cost": Cost(Decimal(1), Decimal(2), Decimal(3), "book"),
        "node_id": "test_a.py::test_a",
        "run": 2,
        "phase": Phase.WARMUP,
        "label": "here",
        "taints": (Taint.COLD, Taint.CACHED),
        "note": "not decoded: empty body",
        "rate_limits": (RateLimit("requests", 3, 2, 1),),
        "server_times": (ServerTime("queue", 1, "queue"),),
        "retry_after_ns": 5,
    }
    sample = replace(_bare, **told)
    bare, full = (_fields(one) for one in (_bare, sample))
    has_default = {one.name for one in fields(Sample) if one.default is not MISSING}

    assert has_default | {"usage"} == {name for name in bare if bare[name] != full[name]}
    assert (sample,) == decode_samples(encode_samples([sample]))


def test_money_keeps_its_digits():
    """An amount comes back with its trailing zeros, as no float would bring it."""
    amount = Decimal("0.00012000")
    sample = Sample(**_fields(_bare) | {"cost": Cost(amount, amount, amount, "book")})
    (back,) = decode_samples(encode_samples([sample]))

    assert "0.00012000" == str(back.cost.total_usd)


def test_text_is_plain_ascii():
    """What travels survives any encoding of the channel."""
    sample = Sample(**_fields(_bare) | {"node_id": "test_ü[\u2028]"})

    assert encode_samples([sample]).isascii()


def test_nothing_is_an_empty_array():
    """No samples are an empty array, and that is no sample."""
    assert ("[]", ()) == (encode_samples([]), decode_samples("[]"))


def _fields(sample):
    return {one.name: getattr(sample, one.name) for one in fields(sample)}
