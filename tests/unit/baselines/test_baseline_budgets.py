"""Baselines as budgets of a test: what they limit, and how they are judged."""

from fractions import Fraction

import pytest

from llm_latency_lens.baselines import Baseline, Entry, baseline_budgets, read_gates
from llm_latency_lens.budgets import Evidence, describe, judge, read_plan
from llm_latency_lens.budgets.certainty import PLAIN, Certainty
from llm_latency_lens.errors import MissingBaseline
from llm_latency_lens.metrics import Distribution
from llm_latency_lens.samples import Taint

MS = 1_000_000
_P95 = read_gates(["p95"])


def _entry(latencies_ms, test="t.py::a", failed=0, model="gpt-4o-mini", provider="openai"):
    times = Distribution.of((one * MS for one in latencies_ms), failed)
    metric = "latency" if provider else "run"
    return Entry(test, provider, model, times.n, {metric: times})


def _session(*entries):
    return Baseline("main", "", {}, entries)


_BEFORE = _session(_entry(range(1, 201)), _entry(range(1, 201), model="", provider=""))


def _budget(**words):
    (budget,) = baseline_budgets(_BEFORE, "t.py::a", _P95, **words)
    return budget


def _judge(make_sample, slow, certainty=PLAIN, **words):
    """Fifty calls, so many of them slow; p95 of the baseline is 190 ms, its limit 237.5."""
    calls = [make_sample(400 if at < slow else 100, 50, run=at) for at in range(50)]
    return judge(_budget(**words), Evidence(tuple(calls), (MS,) * 50), certainty)


def test_a_baseline_sets_budgets():
    """Each gate of each model is a budget, said in words that name the baseline."""
    before = _session(_entry(range(1, 201), model="gpt"), _entry(range(1, 101), model="gpt-b"))
    budgets = baseline_budgets(before, "t.py::a", read_gates(["p50, p95:50%"]))

    assert [
        ("p50", 125 * MS, "gpt"),
        ("p95", 285 * MS, "gpt"),
        ("p50", round(62.5 * MS), "gpt-b"),
        ("p95", round(142.5 * MS), "gpt-b"),
    ] == [(one.word.name, one.limit, one.model) for one in budgets]
    assert "50 % above baseline main (190 ms)" == budgets[1].written


@pytest.mark.parametrize(
    ("test", "gate"), [("t.py::other", "p95"), ("t.py::a", "ttft_p95"), ("t.py::failed", "p95")]
)
def test_a_test_that_the_baseline_lacks_is_an_error(test, gate):
    """No calls, no such times or none that succeeded: the command that makes them is named."""
    before = _session(_entry(range(1, 201)), _entry([], "t.py::failed", failed=5))

    with pytest.raises(MissingBaseline, match="'pytest --lens-save main' over all tests"):
        baseline_budgets(before, test, read_gates([gate]))


def test_a_baseline_of_runs_limits_runs():
    """Wall times of runs have no provider and no model."""
    (budget,) = baseline_budgets(_BEFORE, "t.py::a", read_gates(["run_p95"]))

    assert ("run_p95", "", "") == budget.key


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ({"provider": "OpenAI"}, 2),
        ({"model": "gpt-b"}, 1),
        ({"provider": "openai", "model": "gpt-4o-mini"}, 1),
    ],
)
def test_a_mark_narrows_what_is_compared(words, count):
    """Provider and model of the mark choose among the models of the baseline."""
    before = _session(_entry(range(1, 201)), _entry(range(1, 201), model="gpt-b"))
    against = read_plan({"baseline": "main", **words}).against

    assert count == len(baseline_budgets(before, "t.py::a", _P95, against.pattern))


def test_a_mark_says_which_calls_to_leave_out():
    """Taints, doubles and where the mark stands are those of the mark."""
    words = {"baseline": "main", "exclude": "cold", "allow_mocked": True}
    budget = _budget(pattern=read_plan(words, inherited=True).against.pattern)

    assert ((Taint.COLD,), True, True) == (budget.exclude, budget.allow_mocked, budget.inherited)


@pytest.mark.parametrize(
    ("confidence", "calls", "expected"),
    [
        (None, 200, Fraction(5, 100)),
        (Fraction(99, 100), 200, None),
        (Fraction(99, 100), 201, Fraction(1, 100)),
    ],
)
def test_who_judges(confidence, calls, expected):
    """Call by call beyond chance; run by run where the test has a confidence and one call a run."""
    runs = _entry(range(200), model="", provider="")
    before = _session(_entry(range(1, calls + 1)), runs)
    (budget,) = baseline_budgets(before, "t.py::a", _P95, confidence=confidence)

    assert expected == budget.chance_below


@pytest.mark.parametrize(
    ("slow", "expected"), [(0, "kept"), (2, "kept"), (3, "not settled"), (6, "broken")]
)
def test_only_what_is_beyond_chance_breaks(make_sample, slow, expected):
    """2 of 50 are allowed; 3 to 5 may be chance, 6 are not: P(Bin(50, 0.05) >= 6) = 3.8 %."""
    assert expected == _judge(make_sample, slow).ruling.value


def test_what_may_be_chance_fails_where_that_is_asked(make_sample):
    """on_inconclusive="fail" means a comparison as well."""
    assert _judge(make_sample, 3, Certainty(fails_unsettled=True)).failed
    assert not _judge(make_sample, 3).failed


def test_a_verdict_names_its_baseline(make_sample):
    """The sentence says whence the limit comes, whether it is broken or left open."""
    assert (
        "p95 latency of openai gpt-4o-mini 400 ms > 238 ms, 25 % above baseline main (190 ms) "
        "(+68 %): 10 of 50 calls over, 2 allowed; "
    ) in describe(_judge(make_sample, 10))
    assert "above by chance? not settled at 95 % (on_inconclusive=pass)" in describe(
        _judge(make_sample, 3)
    )


def test_with_a_confidence_runs_are_counted(make_sample):
    """The engine of any other budget settles it, and names the baseline too."""
    sure = Fraction(95, 100)
    verdict = _judge(make_sample, 10, Certainty(sure), confidence=sure)

    assert "broken" == verdict.ruling.value
    assert "over 238 ms, 25 % above baseline main (190 ms), 1 in 20 allowed" in describe(verdict)


def test_no_call_breaks_it():
    """A test that stopped calling, or did not run, is not as fast as before."""
    (of_runs,) = baseline_budgets(_BEFORE, "t.py::a", read_gates(["run_p95"]))
    verdicts = [judge(budget, Evidence()) for budget in (_budget(), of_runs)]

    assert [("broken", "main")] * 2 == [(one.ruling.value, one.baseline) for one in verdicts]


def test_runs_are_judged_beyond_chance():
    """Wall times go the same way as calls."""
    (budget,) = baseline_budgets(_BEFORE, "t.py::a", read_gates(["run_p95"]))
    few, many = ((400 * MS,) * slow + (100 * MS,) * (50 - slow) for slow in (3, 6))

    assert ["not settled", "broken"] == [
        judge(budget, Evidence((), run_ns)).ruling.value for run_ns in (few, many)
    ]
