"""Tallies: made over whole columns, and what a look at each sample would say."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.metrics import Aggregate, CostSum, Distribution, Tally, TokenSum
from llm_latency_lens.samples import Attempt, Cost, Outcome, Sample, Status, Timeline, Usage

_METRICS = ("latency", "ttft", "ttfo", "wire_ttft", "tpot", "itl")
_PLAIN = Sample(
    id="1",
    provider="openai",
    protocol="openai-chat",
    requested_model="gpt",
    model="gpt-1",
    streamed=True,
    outcome=Outcome(Status.OK),
    timeline=Timeline(100, 1000, None, None, 150, 200, 300, 300, 900),
    wall_ns=0,
    usage=Usage(input_tokens=9, output_tokens=7),
    gaps_ns=(100,) * 6,
    token_events=7,
    attempts=(Attempt(100, 1000, Outcome(Status.OK)),),
    cost=Cost(Decimal("0.1"), Decimal("0.20"), Decimal("0.3"), "book"),
)


def _stamped(**stamps):
    return replace(_PLAIN, timeline=replace(_PLAIN.timeline, **stamps))


# What turns the arithmetic over a whole column into a look at each sample.
_ODD = {
    "failed": replace(_PLAIN, outcome=Outcome(Status.ERROR)),
    "mute": replace(_stamped(first_token_ns=None), outcome=Outcome(Status.CUT)),
    "cancelled": replace(_PLAIN, outcome=Outcome(Status.CANCELLED)),
    "whole": replace(_PLAIN, streamed=False),
    "no first": _stamped(first_token_ns=None, first_output_ns=None),
    "no output": _stamped(first_output_ns=None),
    "no last": _stamped(last_token_ns=None),
    "not sent": _stamped(sent_ns=None),
    "reasoned": _stamped(first_output_ns=500),
    "hidden": replace(_PLAIN, usage=Usage(9, 7, None, None, 4)),
    "one event": replace(_PLAIN, token_events=1),
    "one token": replace(_PLAIN, usage=Usage(9, 1)),
    "no usage": replace(_PLAIN, usage=Usage()),
    "no attempt": replace(_PLAIN, attempts=()),
    "no price": replace(_PLAIN, cost=None),
}


def _looked_at(samples):
    """Every time of every sample, as the sample itself says it."""
    failed = [one for one in samples if one.outcome.failed]
    succeeded = [one for one in samples if one.outcome.status is Status.OK]
    lost = [one for one in failed if one.streamed]
    mute = sum(one.timeline.first_token_ns is None for one in lost)
    paces = [one.tpot_ns for one in succeeded if one.streamed]
    values = {
        "latency": ([one.latency_ns for one in succeeded], len(failed)),
        "ttft": ([one.ttft_ns for one in samples], mute),
        "ttfo": ([one.ttfo_ns for one in samples], sum(one.ttfo_ns is None for one in lost)),
        "wire_ttft": ([one.wire_ttft_ns for one in samples], mute),
        "tpot": ([None if pace is None else round(pace) for pace in paces], len(lost)),
        "itl": ([gap for one in samples for gap in one.gaps_ns], 0),
    }
    return {
        name: Distribution.of([value for value in some if value is not None], infinite)
        for name, (some, infinite) in values.items()
    }


@pytest.mark.parametrize("odd", _ODD)
def test_one_odd_sample_among_plain_ones_is_seen(odd):
    """Its place in a column does not matter, and the others stay what they are."""
    for samples in ([_ODD[odd], _PLAIN, _PLAIN], [_PLAIN, _PLAIN, _ODD[odd]]):
        tally = Tally(samples)

        assert _looked_at(samples) == {name: tally.times(name) for name in _METRICS}


@given(st.lists(st.sampled_from([_PLAIN, *_ODD.values()]), max_size=6))
def test_a_tally_says_what_its_samples_say(samples):
    """Whatever is beside what."""
    tally = Tally(samples)

    assert _looked_at(samples) == {name: tally.times(name) for name in _METRICS}
    assert (TokenSum.of(samples), CostSum.of(samples)) == (
        tally.counts["tokens"],
        tally.counts["cost"],
    )


def test_an_output_with_a_limit_of_its_own_is_counted_apart():
    """Though it is the first token, and the times are the same."""
    tally = Tally([_PLAIN], {"ttft": (50,), "ttfo": (500,)})

    assert (((50, 1),), ((500, 0),)) == (tally.times("ttft").counted, tally.times("ttfo").counted)


def test_an_aggregate_is_made_of_a_tally():
    """All parts of it."""
    samples = [_PLAIN, *_ODD.values()]

    assert Aggregate.of(samples) == Aggregate.of_tally(Tally(samples))


@given(st.lists(st.sampled_from(["0.10", "1E-7", "0E-9", "3"]), max_size=6))
def test_shared_costs_add_up_as_others_do(amounts):
    """To the last digit shown, though the sum is a product where calls share their cost."""
    shared = {text: Cost(Decimal(text), Decimal(text), Decimal(text), "book") for text in amounts}
    equal = [replace(shared[text]) for text in amounts]

    assert repr(CostSum.of_costs(equal)) == repr(CostSum.of_costs([shared[one] for one in amounts]))
    assert repr(sum(map(Decimal, amounts), Decimal(0))) == repr(CostSum.of_costs(equal).total_usd)
