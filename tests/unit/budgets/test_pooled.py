"""Pooled judging: which calls of a session belong to one run."""

from llm_latency_lens.budgets import judge_pooled, read_plan

_TWO_CALLS = read_plan({"calls": 2}).budgets


def test_a_test_that_was_executed_again_has_other_runs(make_sample):
    """Its calls count for the execution that they were made in."""
    samples = [make_sample(id=name, node_id="t", run=0) for name in ("a", "b", "c")]

    (together,) = judge_pooled(_TWO_CALLS, samples)
    (apart,) = judge_pooled(_TWO_CALLS, samples, execution_of={"a": 1, "b": 1, "c": 2})

    assert (True, False) == (together.failed, apart.failed)


def test_without_a_budget_there_is_no_verdict(make_sample):
    """However many calls there are."""
    assert () == judge_pooled((), [make_sample()])
