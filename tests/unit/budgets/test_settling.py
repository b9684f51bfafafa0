"""Budgets with a confidence, on known runs."""

from dataclasses import replace

import pytest

from llm_latency_lens.budgets import Evidence, Ruling, describe, judge_all, merge_plans, read_plan
from llm_latency_lens.budgets.settling import why_no_pass
from llm_latency_lens.samples import Cost, Status
from llm_latency_lens.verdicts import sequential

MS = 1_000_000


@pytest.fixture
def rule(make_sample):
    """Return what judges one mark on runs of one call each, slow ones given by number."""

    def rule(words, made, slow=(), *, planned=0, samples=None):
        plan = merge_plans([(None, read_plan({"confidence": 0.95, **words}))])
        calls = samples or [
            make_sample(3000 if run in slow else 1000, run=run) for run in range(made)
        ]
        evidence = Evidence(tuple(calls), (MS,) * made, planned)
        (verdict,) = judge_all(plan.budgets, evidence, plan.certainty)
        return verdict

    return rule


def test_few_slow_calls_settle_as_broken(rule):
    """Three of the first twelve calls over are enough against p95, and the rest is not made."""
    verdict = rule({"p95": "2s"}, 12, {3, 7, 11}, planned=20)

    assert (Ruling.BROKEN, 12, 3, 8) == (verdict.ruling, verdict.n, verdict.k, verdict.unmade)


def test_clean_calls_settle_as_kept(rule):
    """The seventy-first of a hundred clean calls proves p95."""
    verdict = rule({"p95": "2s"}, 71, planned=100)

    assert (Ruling.KEPT, 71, 29) == (verdict.ruling, verdict.n, verdict.unmade)


def test_calls_after_the_answer_are_not_looked_at(rule):
    """What was in flight when it was settled changes nothing."""
    verdict = rule({"p95": "2s"}, 80, set(range(71, 80)), planned=100)

    assert (Ruling.KEPT, 71, 0) == (verdict.ruling, verdict.n, verdict.k)


def test_open_count_is_not_settled(rule):
    """Twenty calls prove no p95; what it would take is told."""
    verdict = rule({"p95": "2s"}, 20, {4})

    assert (Ruling.NOT_SETTLED, 4) == (verdict.ruling, verdict.fails_at)
    assert (0, 59, 99) == (verdict.pass_over, verdict.pass_runs, verdict.pass_runs_next)


def test_what_a_pass_takes_is_more_than_was_made(rule):
    """With two over of a hundred, no number that one over would need is named."""
    verdict = rule({"p95": "2s"}, 100, {9, 49})

    assert (2, 134) == (verdict.pass_over, verdict.pass_runs)


def test_runs_that_were_left_out_are_no_advice(rule):
    """Where another budget ended the test, more iterations would not have helped."""
    verdict = rule({"p95": "2s"}, 12, planned=100)

    assert (Ruling.NOT_SETTLED, None) == (verdict.ruling, verdict.pass_runs)


def test_call_after_the_last_run_counts_in_none(rule, make_sample):
    """It began when the runs were over, so nothing was counted and nothing is settled."""
    verdict = rule({"p95": "2s"}, 1, samples=[make_sample(run=5)])

    assert (Ruling.NOT_SETTLED, 0, None) == (verdict.ruling, verdict.n, verdict.observed)


@pytest.mark.parametrize(("choice", "failed"), [("pass", False), ("fail", True)])
def test_doubt_fails_where_it_is_asked_to(rule, choice, failed):
    """By default a budget that is not settled fails nothing."""
    assert failed == rule({"p95": "2s", "on_inconclusive": choice}, 20).failed


def test_worst_call_of_a_run_counts(rule, make_sample):
    """Two calls a run are one unit, and the message speaks of runs."""
    samples = [make_sample(latency, run=run) for run in range(5) for latency in (1000, 3000)]
    verdict = rule({"p95": "2s"}, 5, samples=samples, planned=20)

    assert (3, 3, Ruling.BROKEN) == (verdict.n, verdict.k, verdict.ruling)
    assert "3 of 3 runs over" in describe(verdict)


def test_cancelled_calls_count_in_neither(rule, make_sample):
    """A run whose calls were all cancelled is as if it had not been."""
    samples = [make_sample(run=run, status=Status.CANCELLED) for run in range(5)]
    samples += [make_sample(run=run) for run in range(5, 10)]

    assert 5 == rule({"p95": "2s"}, 10, samples=samples).n


def test_failed_call_is_over(rule, make_sample):
    """It is infinitely slow, and a percentile that falls on it has no end."""
    samples = [make_sample(run=run, status=Status.ERROR) for run in range(3)]
    verdict = rule({"p95": "2s"}, 3, samples=samples, planned=20)

    assert (Ruling.BROKEN, None) == (verdict.ruling, verdict.observed)


def test_error_rate_is_counted_by_the_same_rule(rule, make_sample):
    """A rate of at most 5 % is a p95 of failures."""
    samples = [
        make_sample(run=run, status=Status.ERROR if run < 4 else Status.OK) for run in range(20)
    ]
    verdict = rule({"error_rate": "5%"}, 20, samples=samples)

    assert (Ruling.BROKEN, 3, 3, 1.0) == (verdict.ruling, verdict.n, verdict.k, verdict.observed)


def test_rate_is_a_lower_quantile(rule):
    """Tokens per second are counted by what is slower, and the tenth percentile is shown."""
    # Eleven tokens in 0.8 and in 2.8 seconds after the first.
    verdict = rule({"min_tokens_per_second": 5}, 20, {2, 4, 6, 8})

    assert Ruling.BROKEN == verdict.ruling
    assert describe(verdict).endswith("p10 = 3.57 tokens/s (nearest rank, n=9)")


def test_runs_are_counted_by_their_wall_time(make_sample):
    """A budget on runs needs no call."""
    plan = read_plan({"run_p50": "2ms", "confidence": 0.95})
    evidence = Evidence((make_sample(),), (MS,) * 20)
    (verdict,) = judge_all(plan.budgets, evidence, plan.certainty)

    found = sequential("0.5", 0.95, 20).count([False] * 20)
    assert (Ruling.KEPT, found.n, 1.0) == (verdict.ruling, verdict.n, verdict.observed)


def test_stray_calls_cannot_be_counted(rule, make_sample):
    """A call of nobody knows which run leaves the order of runs unknown."""
    verdict = rule({"p95": "2s"}, 3, samples=[make_sample(run=-1)])

    assert (Ruling.ERROR, True) == (verdict.ruling, "1 of 1 calls cannot" in verdict.reason)


@pytest.mark.parametrize("words", [{"max": "2s"}, {"error_rate": "0%"}, {"calls": 1}])
def test_hard_limits_are_compared_as_ever(rule, words):
    """One call breaks them, however sure one wants to be."""
    verdict = rule(words, 20)

    assert (Ruling.KEPT, None) == (verdict.ruling, verdict.confidence)


@pytest.mark.parametrize(
    ("limit", "slow", "ruling"),
    [
        ("3s", (), Ruling.KEPT),
        ("900ms", (), Ruling.BROKEN),
        ("1010ms", {5}, Ruling.NOT_SETTLED),
    ],
)
def test_mean_above_its_limit_may_be_chance(rule, limit, slow, ruling):
    """Below the limit it is kept, surely above broken, else not settled."""
    assert ruling == rule({"mean": limit}, 20, slow).ruling


def test_single_value_settles_no_mean(rule):
    """It has no spread."""
    assert Ruling.NOT_SETTLED == rule({"mean": "900ms"}, 1).ruling


def test_mean_of_runs_may_be_chance(rule):
    """Wall times that are all the same leave no doubt."""
    assert Ruling.BROKEN == rule({"run_mean": "900us"}, 5).ruling


def test_mean_with_a_failed_call_is_broken(rule, make_sample):
    """It has no end, so there is no doubt about it."""
    samples = [make_sample(run=0), make_sample(run=1, status=Status.ERROR)]

    assert Ruling.BROKEN == rule({"mean": "2s"}, 2, samples=samples).ruling


def test_mean_cost_may_be_chance(rule, make_sample):
    """One dear call among cheap ones is not sure to be the rule."""
    samples = [make_sample(run=run, usd="0.001" if run else "0.02") for run in range(10)]

    assert Ruling.NOT_SETTLED == rule({"cost_per_call": "$0.002"}, 10, samples=samples).ruling


def test_cost_above_its_limit_with_one_price_known(rule, make_sample):
    """What is known is above the limit already; the unknown only adds to it."""
    samples = [
        make_sample(run=0, usd="1"),
        make_sample(run=1, usd="1"),
        make_sample(run=2, usd=None),
    ]

    assert Ruling.BROKEN == rule({"cost_per_call": "$0.002"}, 3, samples=samples).ruling


def test_unknown_prices_settle_nothing(rule, make_sample):
    """Without a price the budget is in error, as ever."""
    samples = [replace(make_sample(run=0), cost=None)]

    assert Ruling.ERROR == rule({"cost_per_call": "$0.002"}, 1, samples=samples).ruling


def test_cost_of_free_calls_is_kept(rule, make_sample):
    """Nothing is below every limit."""
    free = Cost(0, 0, 0, "test")
    samples = [replace(make_sample(run=run), cost=free) for run in range(3)]

    assert Ruling.KEPT == rule({"cost_per_call": "$0.002"}, 3, samples=samples).ruling


def test_budget_that_never_passes_says_what_it_takes():
    """Told before the first run; where a pass is possible there is nothing to tell."""
    plan = read_plan({"p95": "2s", "confidence": 0.95})
    (budget,) = plan.budgets

    assert "a pass takes iterations=59 with none over" in why_no_pass(budget, plan.certainty, 20)
    assert "" == why_no_pass(budget, plan.certainty, 60)


def test_hard_limit_can_always_pass():
    """It needs no proof."""
    plan = read_plan({"max": "2s", "confidence": 0.95})

    assert "" == why_no_pass(plan.budgets[0], plan.certainty, 1)
