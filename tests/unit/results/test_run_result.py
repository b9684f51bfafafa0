"""RunResult: a session as reports receive it."""

import itertools
from decimal import Decimal

import pytest

from llm_latency_lens.budgets import Evidence, Ruling, Verdict
from llm_latency_lens.metrics import Aggregate
from llm_latency_lens.results import NOTHING_SAVED, RunResult, Saving, TestResult
from llm_latency_lens.samples import Phase


def test_groups_are_by_provider_and_requested_model(make_sample):
    """In that order; the answer's own name of the model makes no group."""
    samples = (
        make_sample(requested_model="b"),
        make_sample(requested_model="a", model="a-2"),
        make_sample(requested_model="a", model="a-1"),
        make_sample(provider="anthropic", requested_model="z"),
    )

    assert [("anthropic", "z", 1), ("openai", "a", 2), ("openai", "b", 1)] == [
        (one.provider, one.model, one.aggregate.calls) for one in RunResult(samples).groups
    ]


def test_groups_hold_calls_of_test_bodies(make_sample):
    """Fixtures and warm-up are in no group."""
    samples = tuple(make_sample(phase=phase) for phase in Phase)

    assert [1] == [one.aggregate.calls for one in RunResult(samples).groups]


def test_total_holds_every_call(make_sample):
    """Fixtures and warm-up included."""
    assert 4 == RunResult(tuple(make_sample(phase=phase) for phase in Phase)).total.calls


def test_total_is_that_of_all_calls_at_once(make_sample):
    """Merged of what the groups and the other phases amount to."""
    samples = tuple(
        make_sample(phase=phase, requested_model=model, latency=latency, ttft=100)
        for latency, (phase, model) in enumerate(itertools.product(Phase, "ab"), start=200)
    )

    assert Aggregate.of(samples) == RunResult(samples).total


def test_rulings_are_counted_over_tests():
    """Every budget of every test counts."""
    kept, broken = (
        Verdict("p95", ruling, "1s", "ms", 1000) for ruling in (Ruling.KEPT, Ruling.BROKEN)
    )
    tests = (TestResult("a", "failed", 1, (kept, broken)), TestResult("b", "passed", 1, (kept,)))

    assert [2, 1, 0, 0, 0] == [RunResult(tests=tests).count(ruling) for ruling in Ruling]


def test_savings_of_all_tests_are_added():
    """Runs and money; an unknown part leaves the sum unknown."""
    known = TestResult("a", "passed", 1, saved=Saving(3, Decimal("0.1")))
    unknown = TestResult("b", "passed", 1, saved=Saving(2, None))

    assert Saving(6, Decimal("0.2")) == RunResult(tests=(known, known)).saved
    assert Saving(5, None) == RunResult(tests=(known, unknown)).saved


def test_saving_of_nothing_costs_nothing():
    """A test that made all its runs does not leave the money of the others unknown."""
    assert NOTHING_SAVED == Saving.of(Evidence((), (1, 2), 2))


def test_risk_of_a_family_is_at_most_the_sum():
    """Plain verdicts have none, and no risk is above one."""
    sure = Verdict("p95", Ruling.KEPT, "1s", "ms", 1000, confidence=0.95)
    plain = Verdict("p95", Ruling.KEPT, "1s", "ms", 1000)

    def risk_of(*verdicts):
        return RunResult(tests=(TestResult("a", "passed", 1, verdicts),)).family_risk

    assert (2, pytest.approx(0.1)) == risk_of(sure, plain, sure)
    assert (30, 1.0) == risk_of(*[sure] * 30)
