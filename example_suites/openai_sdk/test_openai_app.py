"""
Budgets for an application on the OpenAI SDK, wide enough for the public internet.

`cost` is a cap: no run of the body starts once the test has spent that much.
"""

import pytest
from openai_app import ANSWERER, PLANNER, answer, ask_shop

pytestmark = pytest.mark.latency(provider="openai", error_rate="0%", cost="$0.01")


@pytest.mark.latency(
    p50="8s",
    max="30s",
    ttft_p50="4s",
    min_tokens_per_second=5,
    cost_per_call="$0.001",
    iterations=5,
)
def test_answer(openai_sdk_client):
    assert "".join(answer(openai_sdk_client, "Are you open on Sunday?"))


@pytest.mark.latency(calls=2, run_p50="15s", iterations=3)
@pytest.mark.latency(model=PLANNER, p50="8s", cost_per_call="$0.002")
@pytest.mark.latency(model=ANSWERER, ttft_p50="4s", cost_per_call="$0.001")
def test_agent(openai_sdk_client):
    assert ask_shop(openai_sdk_client, "Are you open on Sunday?")


def test_first_words_come_before_the_end(lens, openai_sdk_client):
    with lens.observe("answer") as seen:
        assert "".join(answer(openai_sdk_client, "Where do I park?"))

    assert seen.calls == 1
    assert seen.ttft.max < seen.latency.max
    assert seen.cost.total < 0.001
