"""Samples for the unit tests: one streamed call that went well, changed as asked."""

import gc
from dataclasses import replace
from decimal import Decimal

import pytest

from llm_latency_lens.samples import Attempt, Cost, Outcome, Sample, Status, Timeline, Usage

MS = 1_000_000


def pytest_collection_finish():
    """Leave modules and tests out of collecting garbage, which some tests ask for."""
    gc.freeze()


@pytest.fixture
def make_sample():
    """Return a maker: latency and TTFT in milliseconds, cost in USD; the rest by field name."""

    def make(latency=1000, ttft=200, *, status=Status.OK, http_status=200, usd="0.001", **fields):
        outcome = Outcome(status, http_status=http_status)
        streamed = fields.setdefault("streamed", True)
        has_token = streamed and ttft is not None
        first = ttft * MS if has_token else None
        timeline = Timeline(
            started_ns=0,
            ended_ns=latency * MS,
            sent_ns=MS,
            headers_ns=2 * MS,
            first_token_ns=first,
            first_output_ns=first,
            last_token_ns=latency * MS if has_token else None,
        )
        sample = Sample(
            id="s",
            provider="openai",
            protocol="openai_chat",
            requested_model="gpt-4o-mini",
            model="gpt-4o-mini-2024-07-18",
            streamed=streamed,
            outcome=outcome,
            timeline=timeline,
            wall_ns=1_790_000_000_000_000_000,
            usage=Usage(input_tokens=10, output_tokens=11),
            token_events=11 if has_token else 0,
            attempts=(Attempt(0, latency * MS, outcome),),
            cost=None if usd is None else Cost(Decimal(0), Decimal(usd), Decimal(usd), "test"),
        )
        return replace(sample, **fields)

    return make
