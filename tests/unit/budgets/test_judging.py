"""Judging: each budget on small, known evidence."""

from dataclasses import replace

import pytest

from llm_latency_lens.budgets import Evidence, Ruling, describe, judge, judge_all, read_plan
from llm_latency_lens.samples import Phase, Status, Taint, Usage

MS = 1_000_000


@pytest.fixture
def rule(make_sample):
    """Return what judges one mark on samples, each run one call unless said otherwise."""

    def rule(words, samples, run_ns=None, *, inherited=False):
        (budget,) = read_plan(words, inherited=inherited).budgets
        runs = [MS] * len({one.run for one in samples}) if run_ns is None else run_ns
        return judge(budget, Evidence(tuple(samples), tuple(runs)))

    return rule


@pytest.mark.parametrize(
    ("slow", "ruling"), [(0, Ruling.KEPT), (1, Ruling.KEPT), (2, Ruling.BROKEN)]
)
def test_p95_of_20_calls_allows_one(rule, make_sample, slow, ruling):
    """Nearest rank: of 20 calls one may be above the limit."""
    samples = [make_sample(3000 if n < slow else 1000) for n in range(20)]

    verdict = rule({"p95": "2s"}, samples)

    assert (ruling, 20, slow, 1) == (verdict.ruling, verdict.n, verdict.k, verdict.allowed)


def test_failed_call_is_infinite(rule, make_sample):
    """A failed call is over every limit, and a percentile that falls on it has no end."""
    samples = [make_sample(), make_sample(status=Status.ERROR, http_status=500)]

    verdict = rule({"p95": "2s"}, samples)

    assert (Ruling.BROKEN, None, 1) == (verdict.ruling, verdict.observed, verdict.k)


def test_mean_breaks_on_a_failed_call(rule, make_sample):
    """The mean of what succeeded would flatter, so one failure breaks it."""
    samples = [make_sample(), make_sample(status=Status.TIMEOUT, http_status=None)]

    verdict = rule({"mean": "2s"}, samples)

    assert Ruling.BROKEN == verdict.ruling
    assert "1 of 2 calls failed" in verdict.reason


@pytest.mark.parametrize(("limit", "ruling"), [("1s", Ruling.KEPT), ("999ms", Ruling.BROKEN)])
def test_mean_is_compared_exactly(rule, make_sample, limit, ruling):
    """A mean at its limit holds."""
    assert ruling == rule({"mean": limit}, [make_sample(500), make_sample(1500)]).ruling


def test_cancelled_call_has_no_latency(rule, make_sample):
    """Where each call was cancelled no latency was measured."""
    verdict = rule({"p95": "2s"}, [make_sample(status=Status.CANCELLED)])

    assert Ruling.BROKEN == verdict.ruling
    assert "cancelled" in verdict.reason


def test_cancelled_call_has_a_ttft(rule, make_sample):
    """A call that was cancelled after its first token counts there."""
    assert Ruling.KEPT == rule({"ttft": "1s"}, [make_sample(status=Status.CANCELLED)]).ruling


@pytest.mark.parametrize(
    ("words", "fields", "reason"),
    [
        ({"ttft": "1s"}, {"streamed": False}, "not streamed"),
        ({"ttft": "1s"}, {"ttft": None}, "no token arrived"),
        ({"ttfo_p95": "1s"}, {"ttft": None}, "no answer held an output token"),
        ({"itl_p95": "1s"}, {}, "no gaps between single tokens"),
        ({"tpot_p95": "1s"}, {"usage": Usage()}, "a known number of tokens"),
        ({"min_tokens_per_second": 1}, {"streamed": False}, "not streamed"),
    ],
)
def test_what_was_not_measured_breaks(rule, make_sample, words, fields, reason):
    """A budget on something that nobody measured does not hold, and says why."""
    verdict = rule(words, [make_sample(**fields)])

    assert Ruling.BROKEN == verdict.ruling
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("inherited", "ruling"), [(False, Ruling.BROKEN), (True, Ruling.NOT_JUDGED)]
)
def test_no_call_is_no_pass(rule, inherited, ruling):
    """Without a call a test's own budget breaks; an inherited one is not judged."""
    verdict = rule({"p95": "2s"}, [], [MS], inherited=inherited)

    assert ruling == verdict.ruling
    assert "no provider call was seen" in verdict.reason


def test_no_call_to_the_named_model_tells_the_others(rule, make_sample):
    """A filter that nothing matched names what was called instead."""
    verdict = rule({"p95": "2s", "provider": "anthropic", "model": "claude"}, [make_sample()])

    assert (
        "no call to anthropic claude was seen; seen were openai gpt-4o-mini-2024-07-18"
        == verdict.reason
    )


def test_run_without_a_call_breaks(rule, make_sample):
    """An answer from a cache is no evidence."""
    verdict = rule({"p95": "2s"}, [make_sample(run=0)], [MS, MS, MS])

    assert Ruling.BROKEN == verdict.ruling
    assert "2 of 3 runs made no provider call" in verdict.reason


def test_runs_that_cannot_be_told_apart_are_not_counted(rule, make_sample):
    """Where several runs went on at once in threads of their own, none is missing."""
    assert Ruling.KEPT == rule({"p95": "2s"}, [make_sample(run=-1)], [MS, MS]).ruling


def test_run_time_needs_no_call(rule):
    """Budgets on runs look at runs alone."""
    kept, broken = (rule({"run_max": limit}, [], [2 * MS]) for limit in ("2ms", "1ms"))

    assert (Ruling.KEPT, Ruling.BROKEN) == (kept.ruling, broken.ruling)


def test_warm_up_and_fixtures_count_for_total_cost_only(rule, make_sample):
    """What was spent was spent; latency looks at the body alone."""
    samples = [
        make_sample(9000, phase=Phase.SETUP),
        make_sample(9000, phase=Phase.WARMUP),
        make_sample(1000),
    ]

    total, mean, latency = (
        rule(words, samples) for words in ({"cost": "$1"}, {"cost_per_call": "$1"}, {"max": "2s"})
    )

    assert (3, 0.003) == (total.n, total.observed)
    assert (1, 0.001) == (mean.n, mean.observed)
    assert Ruling.KEPT == latency.ruling


def test_unknown_price_never_keeps(rule, make_sample):
    """A cost budget over a call without a price is an error that says how to give one."""
    verdict = rule({"cost": "$1"}, [make_sample(), make_sample(usd=None)])

    assert (Ruling.ERROR, None) == (verdict.ruling, verdict.observed)
    assert "the cost of 1 of 2 calls is unknown: no price is known" in verdict.reason


def test_known_part_can_break_the_budget(rule, make_sample):
    """What is known to be too much is too much, whatever the rest cost."""
    verdict = rule({"cost": "$0.0005"}, [make_sample(), make_sample(usd=None)])

    assert Ruling.BROKEN == verdict.ruling


@pytest.mark.parametrize(
    ("words", "statuses", "ruling", "hits"),
    [
        ({"error_rate": "50%"}, [Status.OK, Status.CUT], Ruling.KEPT, 1),
        ({"error_rate": "49%"}, [Status.OK, Status.CUT], Ruling.BROKEN, 1),
        ({"error_rate": 0}, [Status.OK, Status.CANCELLED], Ruling.KEPT, 0),
        ({"timeout_rate": 0}, [Status.OK, Status.ERROR], Ruling.KEPT, 0),
        ({"timeout_rate": 0}, [Status.OK, Status.TIMEOUT], Ruling.BROKEN, 1),
    ],
)
def test_rates_are_shares_of_finished_calls(rule, make_sample, words, statuses, ruling, hits):
    """Errors, timeouts and cuts count; cancelled calls are in no rate."""
    verdict = rule(words, [make_sample(status=status) for status in statuses])

    assert (ruling, hits) == (verdict.ruling, verdict.k)


def test_rate_of_cancelled_calls_is_unknown(rule, make_sample):
    """Without a call that ended there is no rate."""
    assert Ruling.BROKEN == rule({"error_rate": 1}, [make_sample(status=Status.CANCELLED)]).ruling


@pytest.mark.parametrize(("limit", "ruling"), [(2, Ruling.KEPT), (1, Ruling.BROKEN)])
def test_calls_are_counted_by_run(rule, make_sample, limit, ruling):
    """The run with the most calls decides."""
    verdict = rule({"calls": limit}, [make_sample(run=n) for n in (0, 1, 1)])

    assert (ruling, 2) == (verdict.ruling, verdict.observed)


@pytest.mark.parametrize(("rate", "ruling"), [(12, Ruling.KEPT), (13, Ruling.BROKEN)])
def test_tokens_per_second_is_a_floor(rule, make_sample, rate, ruling):
    """11 tokens, of which 10 in 800 ms after the first: 12.5 a second."""
    verdict = rule({"min_tokens_per_second": rate}, [make_sample(1000, 200)])

    assert (ruling, 12.5) == (verdict.ruling, verdict.observed)


def test_failed_stream_has_no_speed(rule, make_sample):
    """A failed call streams no token a second."""
    verdict = rule({"min_tokens_per_second": 1}, [make_sample(status=Status.CUT)])

    assert (Ruling.BROKEN, 0) == (verdict.ruling, verdict.observed)


def test_excluded_calls_are_counted(rule, make_sample):
    """A call left out by name is in no number but the one that tells so."""
    samples = [make_sample(9000, taints=(Taint.COLD,)), make_sample(1000)]

    verdict = rule({"max": "2s", "exclude": "cold"}, samples)

    assert (Ruling.KEPT, 1, 1) == (verdict.ruling, verdict.n, verdict.excluded)


def test_all_excluded_is_no_pass(rule, make_sample):
    """When every call is left out nothing was judged."""
    verdict = rule({"max": "2s", "exclude": "cold"}, [make_sample(taints=(Taint.COLD,))])

    assert (Ruling.BROKEN, "every call is excluded, 1 in all (cold)") == (
        verdict.ruling,
        verdict.reason,
    )


@pytest.mark.parametrize(("allowed", "ruling"), [(True, Ruling.KEPT), (False, Ruling.ERROR)])
def test_doubles_keep_nothing_unless_allowed(rule, make_sample, allowed, ruling):
    """What a double answered says nothing about a provider."""
    verdict = rule({"max": "2s", "allow_mocked": allowed}, [make_sample(taints=(Taint.MOCKED,))])

    assert ruling == verdict.ruling


def test_verdicts_come_in_order(make_sample):
    """Each budget gets its verdict, in the order given."""
    budgets = read_plan({"p95": "2s", "ttft": "1s"}).budgets

    verdicts = judge_all(budgets, Evidence((make_sample(),), (MS,)))

    assert ["p95", "ttft_p95"] == [verdict.word for verdict in verdicts]


@pytest.mark.parametrize(("over", "ruling"), [(600, Ruling.KEPT), (601, Ruling.BROKEN)])
def test_very_many_gaps_are_judged_exactly(rule, make_sample, over, ruling):
    """Beyond what is kept one by one, each gap above the limit still counts, by a nanosecond."""
    gaps = (2 * MS + 1,) * over + (2 * MS,) * (12_000 - over)
    verdict = rule({"itl_p95": "2ms"}, [make_sample(gaps_ns=gaps)])

    assert (ruling, 12_000, over, 600) == (
        verdict.ruling,
        verdict.n,
        verdict.k,
        verdict.allowed,
    )


def test_itl_is_judged_on_gaps(rule, make_sample):
    """Gaps of all calls are pooled."""
    verdict = rule({"itl_max": "2ms"}, [make_sample(gaps_ns=(MS, 3 * MS))])

    assert (Ruling.BROKEN, 1, 2) == (verdict.ruling, verdict.k, verdict.n)


@pytest.mark.parametrize(
    ("inherited", "ruling"), [(False, Ruling.BROKEN), (True, Ruling.NOT_JUDGED)]
)
@pytest.mark.parametrize("word", ["run_p95", "run_mean"])
def test_no_run_is_no_pass(rule, word, inherited, ruling):
    """A budget on runs needs a run."""
    assert ruling == rule({word: "1s"}, [], [], inherited=inherited).ruling


def test_total_cost_needs_no_call_in_each_run(rule, make_sample):
    """What fixtures spent is a total too, and a run that spent nothing adds nothing."""
    verdict = rule({"cost": "$1"}, [make_sample(phase=Phase.SETUP)], [MS])

    assert (Ruling.KEPT, 0.001) == (verdict.ruling, verdict.observed)


def test_latency_of_fixtures_is_not_judged(rule, make_sample):
    """Calls of fixtures are no evidence for a budget on latency."""
    assert Ruling.BROKEN == rule({"p95": "2s"}, [make_sample(phase=Phase.SETUP)], [MS]).ruling


def test_calls_of_a_run_that_was_not_timed_are_judged(rule, make_sample):
    """More runs with calls than times of runs means no run without a call."""
    samples = [make_sample(run=n) for n in range(2)]

    assert Ruling.KEPT == rule({"p95": "2s"}, samples, [MS]).ruling


def test_run_that_called_another_model_is_no_run_without_call(rule, make_sample):
    """A filter leaves calls out, it makes no cached run of them."""
    other = make_sample(run=1, model="gpt-5", requested_model="gpt-5")

    verdict = rule({"p95": "2s", "model": "gpt-4o-mini"}, [make_sample(run=0), other])

    assert (Ruling.KEPT, 1) == (verdict.ruling, verdict.n)


def test_cancelled_call_is_in_no_percentile_of_latency(rule, make_sample):
    """Beside calls that ended it counts neither as fast nor as slow."""
    samples = [make_sample(1000), make_sample(9000, status=Status.CANCELLED)]

    verdict = rule({"max": "2s"}, samples)

    assert (Ruling.KEPT, 1, 0) == (verdict.ruling, verdict.n, verdict.k)


def test_ttft_of_a_cut_call_is_real(rule, make_sample):
    """A call that was cut after its first token is infinite in latency only."""
    samples = [make_sample(status=Status.CUT)]

    ttft, latency = (rule({word: "20s"}, samples) for word in ("ttft", "p95"))

    assert (Ruling.KEPT, Ruling.BROKEN) == (ttft.ruling, latency.ruling)


def test_known_mean_can_break_beside_an_unknown_price(rule, make_sample):
    """Divided by all calls, the known part is a lower bound of the mean."""
    samples = [make_sample(usd="1"), make_sample(usd=None)]

    broken, unknown = (rule({"cost_per_call": limit}, samples) for limit in ("$0.4", "$0.6"))

    assert (Ruling.BROKEN, Ruling.ERROR) == (broken.ruling, unknown.ruling)


def test_excluded_call_is_paid_all_the_same(rule, make_sample):
    """A total leaves nothing out."""
    verdict = rule({"cost": "$1", "exclude": "cold"}, [make_sample(taints=(Taint.COLD,))])

    assert (Ruling.KEPT, 1, 0) == (verdict.ruling, verdict.n, verdict.excluded)


def test_double_that_breaks_a_budget_breaks_it(rule, make_sample):
    """What a double answered too slowly is no error of evidence."""
    assert Ruling.BROKEN == rule({"max": "1ms"}, [make_sample(taints=(Taint.MOCKED,))]).ruling


def test_verdict_names_the_calls_that_it_is_on(rule, make_sample):
    """Filters are part of the verdict."""
    verdict = rule({"p95": "2s", "provider": "openai", "model": "gpt-4o-mini"}, [make_sample()])

    assert ("openai", "gpt-4o-mini") == (verdict.provider, verdict.model)


def test_20_of_20_calls_over_is_told(rule, make_sample):
    """The sentence of a budget that no call kept."""
    verdict = rule({"p95": "1s"}, [make_sample(2000)] * 20)

    assert (
        "p95 latency 2 s > 1 s (+100 %): 20 of 20 calls over, 1 allowed; "
        "true share 83.2-100.0 % (95 %)"
    ) == describe(verdict)


@pytest.mark.parametrize("words", [{"ttft": "1s"}, {"itl_p95": "1s"}, {"tpot_mean": "1s"}])
def test_embeddings_have_no_tokens_to_wait_for(rule, make_sample, words):
    """A budget on their tokens breaks, and says what to budget instead."""
    verdict = rule(words, [make_sample(streamed=False, protocol="openai_embeddings")])

    assert Ruling.BROKEN == verdict.ruling
    assert "each call asked for embeddings" in verdict.reason
    assert "p95" in verdict.reason


def test_embeddings_beside_a_stream_leave_its_first_token(rule, make_sample):
    """A test that looks something up and then answers is judged on the answer."""
    looked_up = make_sample(streamed=False, protocol="openai_embeddings")

    verdict = rule({"ttft": "1s"}, [looked_up, make_sample(streamed=True)])

    assert (Ruling.KEPT, 1) == (verdict.ruling, verdict.n)


def test_not_streamed_is_told(rule, make_sample):
    """The sentence names the way out."""
    verdict = rule({"ttft": "800ms"}, [make_sample(streamed=False)])

    assert (
        "p95 TTFT <= 800 ms: not streamed: the answers came whole, so tokens have no times; "
        "ask for a stream"
    ) == describe(verdict)


def test_percentile_has_an_interval(rule, make_sample):
    """By order statistics; the upper end of p50 exists from six calls on."""
    verdict = rule({"p50": "2s"}, [make_sample(1000 + n) for n in range(10)])

    assert (1001, 1008, 6) == (
        verdict.percentile_low,
        verdict.percentile_high,
        verdict.calls_to_bound,
    )


def test_interval_of_a_rate_is_turned_around(rule, make_sample):
    """The slowest call is its lower end, which takes 36 calls; few have an upper one."""
    verdict = rule({"min_tokens_per_second": 1}, [make_sample(1000 + n) for n in range(20)])

    assert (None, 36) == (verdict.percentile_low, verdict.calls_to_bound)
    assert verdict.percentile_high == pytest.approx(10 / 0.814)


def test_maximum_has_no_interval(rule, make_sample):
    """Nothing that was seen bounds what never was."""
    assert rule({"max": "2s"}, [make_sample()] * 10).calls_to_bound is None


def test_slow_calls_in_a_row_are_a_burst(rule, make_sample):
    """Four of twenty together have a chance of 0.35 %; they are judged in order of start."""
    samples = [make_sample(3000 if n < 4 else 1000) for n in range(20)]
    started = [
        replace(one, timeline=replace(one.timeline, started_ns=n, ended_ns=one.latency_ns + n))
        for n, one in enumerate(samples)
    ]

    assert pytest.approx(0.003509, abs=1e-6) == rule({"p95": "2s"}, started[::-1]).burst_chance


def test_gaps_are_in_no_burst(rule, make_sample):
    """Those of one stream hang together anyway."""
    verdict = rule({"itl_p50": "2ms"}, [make_sample(gaps_ns=(MS, MS))])

    assert verdict.burst_chance is None


def test_cap_that_left_runs_out_is_broken(make_sample):
    """Below its limit, but not all that was asked for was made."""
    (budget,) = read_plan({"cost": "$1"}).budgets
    verdict = judge(budget, Evidence((make_sample(),), (MS,), planned=50, is_capped=True))

    assert (Ruling.BROKEN, True) == (verdict.ruling, "1 of 50 runs" in verdict.reason)
