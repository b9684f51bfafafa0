"""
Budgets that break, each for another reason.

Every test is expected to fail, so that the suite as a whole passes. To see what they say:

    pytest quickstart/test_budgets_break.py --runxfail
"""

from contextlib import suppress

import openai
import pytest
from support_desk import Desk, answer, answer_in_short, answer_whole

breaks_on_purpose = pytest.mark.xfail(reason="breaks on purpose", strict=True)
pytestmark = breaks_on_purpose

QUESTION = "How do I reset my password?"


@pytest.fixture
def bad_day(lens_simulator):
    """Every fourth answer is slow to start."""
    lens_simulator.script(
        "gpt-4o-mini", ttft={"list": [30, 30, 30, 250]}, itl=1, input_tokens=40, output_tokens=24
    )


@pytest.mark.usefixtures("bad_day")
@pytest.mark.latency(p95="2s", ttft="150ms", cost_per_call="$0.002", iterations=20)
def test_first_token_is_late(openai_client):
    """5 of 20 calls are above 150 ms; p95 allows one."""
    assert answer(openai_client, QUESTION)


@pytest.mark.latency(cost_per_call="$0.00001", ttft="800ms", iterations=3)
def test_call_is_too_expensive(openai_client):
    assert answer(openai_client, QUESTION)


@pytest.mark.latency(calls=1)
def test_code_calls_more_often_than_thought(openai_client, anthropic_client):
    assert answer_in_short(openai_client, anthropic_client, QUESTION)


@pytest.fixture
def unreliable(lens_simulator):
    lens_simulator.script("gpt-4o-mini", status=[200, 200, 503])


@pytest.mark.usefixtures("unreliable")
@pytest.mark.latency(error_rate="10%", p50="2s", iterations=6)
def test_calls_fail(openai_client):
    """The code copes with errors; the budget still sees them. A failed call is infinitely slow."""
    with suppress(openai.InternalServerError):
        answer(openai_client.with_options(max_retries=0), QUESTION)


@pytest.mark.latency(min_tokens_per_second=100_000)
def test_tokens_come_too_slowly(openai_client):
    assert answer(openai_client, QUESTION)


@pytest.mark.latency(ttft="800ms")
def test_nothing_was_streamed(openai_client):
    """There is no time to first token, so its budget does not hold."""
    assert answer_whole(openai_client, QUESTION)


@pytest.fixture
def desk(openai_client):
    return Desk(openai_client)


@pytest.mark.latency(p95="2s", iterations=3)
def test_answer_comes_from_a_cache(desk):
    """Only the first of three runs made a call: too little evidence to pass."""
    assert desk.answer(QUESTION)


@pytest.mark.latency(p95="2s")
def test_no_call_at_all():
    """A budget that measured nothing does not hold."""


def test_plain_assert(lens, openai_client):
    """Plain asserts explain themselves as well."""
    result = lens.profile(lambda: answer(openai_client, QUESTION), iterations=5)

    assert result.latency.p95 < 10


def test_profile_with_a_budget(lens, openai_client):
    lens.profile(lambda: answer(openai_client, QUESTION), iterations=5, ttft="1ms")
