"""The line of progress: what a run has come to so far."""

import pytest

from llm_latency_lens.cli.progress import SoFar
from llm_latency_lens.samples import Status


def _told(samples):
    so_far = SoFar()
    for sample in samples:
        so_far.pay(sample)
        so_far.add(sample)
    return str(so_far)


def test_percentiles_and_money(make_sample):
    """Of the calls so far, whatever their order."""
    samples = [make_sample(latency) for latency in (3000, 1000, 2000)]

    assert "p50 2 s  p95 3 s  $0.003" == _told(samples)


def test_failed_calls_are_infinitely_slow(make_sample):
    """And counted."""
    failed = make_sample(status=Status.ERROR)

    assert "p50 1 s  p95 failed  1 failed  $0.002" == _told([make_sample(), failed])


@pytest.mark.parametrize(
    ("prices", "told"),
    [(["0.001", None], ">$0.001"), ([None], "cost unknown"), ([], "$0")],
)
def test_money_that_is_not_known(make_sample, prices, told):
    """Is not guessed."""
    assert _told(make_sample(usd=usd) for usd in prices).endswith(told)
