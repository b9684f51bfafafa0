"""
One suite for both: pytest-benchmark times your own code, the lens the calls to providers.

pytest-benchmark decides how often it runs a function, and under pytest-xdist it runs it once.
What calls a provider is better repeated by the lens.
"""

import pytest
from support_desk import answer

pytest.importorskip("pytest_benchmark", reason="pytest-benchmark is not installed")


def words(text):
    return text.split()


def test_splitting(benchmark):
    """Thousands of rounds, no provider: pytest-benchmark alone."""
    assert benchmark(words, "How do I reset my password? " * 20)


@pytest.mark.latency(p95="2s", ttft="800ms", iterations=5)
def test_answering(openai_client):
    """The provider, and no statistics on a function: the lens alone."""
    assert words(answer(openai_client, "How do I reset my password?"))


def test_both(benchmark, lens, openai_client):
    """Each times its own part. Only the lens calls the provider, so that calls are counted."""
    questions = lens.profile(lambda: answer(openai_client, "Name three questions."), iterations=5)
    benchmark(words, answer(openai_client, "Name three questions."))

    assert questions.ttft.p95 < 800
