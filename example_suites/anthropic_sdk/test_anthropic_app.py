"""
Budgets for an async application on the Anthropic SDK, wide enough for the public internet.

`cost` is a cap: no run of the body starts once the test has spent that much.
"""

from functools import partial

import pytest
from anthropic_app import MODEL, ROUTER, handle, reply

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.latency(provider="anthropic", error_rate="0%", cost="$0.03"),
]

LETTER = "I was charged twice for one pair of shoes."


@pytest.mark.latency(
    p50="8s",
    max="30s",
    ttft_p50="4s",
    min_tokens_per_second=5,
    cost_per_call="$0.002",
    iterations=5,
)
async def test_reply(anthropic_sdk_client):
    assert "".join([piece async for piece in reply(anthropic_sdk_client, LETTER)])


@pytest.mark.latency(calls=2, run_p50="15s", iterations=3)
@pytest.mark.latency(model=ROUTER, p50="8s", cost_per_call="$0.008")
@pytest.mark.latency(model=MODEL, ttft_p50="4s", cost_per_call="$0.002")
async def test_agent(anthropic_sdk_client):
    team, text = await handle(anthropic_sdk_client, LETTER)

    assert team in {"billing", "shipping", "other"}
    assert text


async def test_three_letters_at_once(lens, anthropic_sdk_client):
    result = await lens.aprofile(
        partial(handle, anthropic_sdk_client, LETTER), iterations=3, concurrency=3
    )

    assert result.calls == 6
    assert result.reliability.success_rate == 1
    assert result.cost.total < 0.02
