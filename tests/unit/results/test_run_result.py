"""RunResult: a session as reports receive it."""

from llm_latency_lens.budgets import Ruling, Verdict
from llm_latency_lens.results import RunResult, TestResult
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


def test_rulings_are_counted_over_tests():
    """Every budget of every test counts."""
    kept, broken = (
        Verdict("p95", ruling, "1s", "ms", 1000) for ruling in (Ruling.KEPT, Ruling.BROKEN)
    )
    tests = (TestResult("a", "failed", 1, (kept, broken)), TestResult("b", "passed", 1, (kept,)))

    assert [2, 1, 0, 0, 0] == [RunResult(tests=tests).count(ruling) for ruling in Ruling]
