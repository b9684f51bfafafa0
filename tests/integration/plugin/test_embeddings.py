"""Tests that embed: latency, tokens and cost are budgeted, a first token cannot be."""

import pytest

pytest.importorskip("openai", reason="needs the openai SDK")

SUITE = """
import pytest

@pytest.fixture
def embed(client, simulator):
    def embed(texts, model="text-embedding-3-small"):
        return client.embeddings.create(model=model, input=texts).data
    return embed

@pytest.mark.latency(p95="20s", cost_per_call="$1", calls=1, error_rate="0%")
def test_kept(embed):
    first, second = embed(["one", "two"])
    assert len(first.embedding) == 1536

@pytest.mark.latency(p95="20s", cost="$0.00000001")
def test_dear(embed):
    embed(["one"])

@pytest.mark.latency(ttft="20s")
def test_first_token(embed):
    embed(["one"])

@pytest.mark.latency(ttft="20s", calls=2)
def test_looks_up_and_answers(embed, stream):
    embed(["one"])
    stream()

@pytest.mark.latency(p95="20s")
def test_many(embed):
    assert 200 == len(embed(["text"] * 200))
"""


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite, under a cap that no call comes near."""
    return run_inner(SUITE, "--lens-report", "--lens-max-cost=$1", "-p", "no:xdist")


@pytest.mark.parametrize("name", ["test_kept", "test_looks_up_and_answers", "test_many"])
def test_budgets_that_hold_pass(inner, name):
    """Of a test that also streams, the stream has the first token."""
    assert "passed" == inner.outcome(name), inner.failure(name)


def test_a_first_token_is_refused_in_a_sentence(inner):
    """It never turns green, and the message says what to budget instead."""
    assert "failed" == inner.outcome("test_first_token")
    assert "each call asked for embeddings" in inner.sentences("test_first_token")


def test_a_cost_is_told(inner):
    """By the price of its tokens that went in."""
    assert "failed" == inner.outcome("test_dear")
    assert "cost" in inner.failure("test_dear")


def test_the_report_has_tokens_and_costs(inner):
    """None came out, also of the call that brought megabytes."""
    calls = [one for one in inner.report()["calls"] if "embedding" in one["protocol"]]

    assert {(12, 0, None, False, "", 12 * 0.02 / 1e6)} == {
        (
            one["input_tokens"],
            one["output_tokens"],
            one["ttft_ms"],
            one["streamed"],
            one["note"],
            one["cost_usd"],
        )
        for one in calls
    }
    assert 5 == len(calls)
