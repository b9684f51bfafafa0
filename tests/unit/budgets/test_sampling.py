"""When no further run is wanted."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.budgets import Sampling, read_plan
from llm_latency_lens.samples import Status
from llm_latency_lens.verdicts import sequential

MS = 1_000_000
_SURE = {"confidence": 0.95}


def _sampling(n_max=100, **words):
    plan = read_plan(words)
    return Sampling(plan.budgets, plan.certainty, n_max)


@pytest.fixture
def settles(make_sample):
    """Return at which run, in the order of start, a sampling is settled; None for never."""

    def settles(sampling, slow, made=100, **fields):
        for run in range(made):
            sampling.ended(run, MS, [make_sample(3000 if run in slow else 1000, **fields)])
            if sampling.is_settled():
                return run + 1
        return None

    return settles


def test_without_a_confidence_every_run_is_wanted(settles):
    """Plain verdicts are given at the end."""
    assert settles(_sampling(p95="2s"), set(range(100))) is None


@given(st.sets(st.integers(0, 99), max_size=12))
def test_it_ends_where_the_rule_does(settles_by, slow):
    """Run for run as the rule counts."""
    rule = sequential("0.95", 0.95, 100)
    count = rule.count(run in slow for run in range(100))

    assert (count.n if count.side else None) == settles_by(slow)


@pytest.fixture(scope="module")
def settles_by():
    """Return at which run wall times settle a p95."""

    def settles(slow):
        sampling = _sampling(run_p95="2s", **_SURE)
        for run in range(100):
            sampling.ended(run, 3000 * MS if run in slow else MS, [])
            if sampling.is_settled():
                return run + 1
        return None

    return settles


def test_all_that_count_must_be_settled(settles):
    """A p90 is proven before a p95; the later one decides."""
    alone, both = _sampling(p90="2s", **_SURE), _sampling(p90="2s", p95="2s", **_SURE)

    assert 71 == settles(both, ()) > settles(alone, ())


def test_one_broken_budget_is_enough(settles):
    """Whatever else is open."""
    assert 4 == settles(_sampling(p95="2s", error_rate="5%", **_SURE), set(range(100)))


@pytest.mark.parametrize("words", [{"max": "2s"}, {"run_max": "1us"}, {"calls": 1, "max": "2s"}])
def test_hard_limit_ends_it_at_once(settles, words):
    """One call breaks it, and then no more are needed."""
    assert 1 == settles(_sampling(**words, **_SURE), {0})


def test_no_failure_at_all_is_a_hard_limit(settles):
    """So it is with an error rate of zero."""
    sampling = _sampling(error_rate="0%", **_SURE)

    assert 1 == settles(sampling, (), status=Status.ERROR)


def test_hard_limits_and_means_hold_up_nothing(settles):
    """A p95 that is proven ends it, although a later call could still be above the maximum."""
    sampling = _sampling(p95="2s", max="5s", mean="2s", cost="$9", **_SURE)

    assert 71 == settles(sampling, ())


def test_hard_limits_alone_are_never_settled(settles):
    """No number of calls proves a maximum."""
    assert settles(_sampling(max="5s", **_SURE), ()) is None


def test_run_without_a_call_that_counts_is_passed_over(make_sample):
    """It is known, and counts in neither."""
    sampling = _sampling(p95="2s", **_SURE)
    for run in range(80):
        status = Status.CANCELLED if run < 5 else Status.OK
        sampling.ended(run, MS, [make_sample(status=status)])
        if sampling.is_settled():
            break

    assert 75 == run


def test_only_the_known_prefix_counts(make_sample):
    """Fast runs behind one that is open count when it has ended, not before."""
    sampling = _sampling(p95="2s", **_SURE)
    for run in range(1, 80):
        sampling.ended(run, MS, [make_sample()])
    before = sampling.is_settled()
    sampling.ended(0, MS, [make_sample()])

    assert (False, True) == (before, sampling.is_settled())


def test_call_in_flight_beyond_its_limit_is_over():
    """It is known at its start plus the limit, without waiting for its end."""
    sampling = _sampling(p95="2s", **_SURE)
    calls = {run: [0] for run in range(4)}

    assert (False, True) == (
        sampling.is_settled(2000 * MS, calls=calls),
        sampling.is_settled(2001 * MS, calls=calls),
    )


def test_run_in_flight_beyond_its_limit_is_over():
    """So it is with a budget on runs."""
    sampling = _sampling(run_p95="2s", **_SURE)
    runs = dict.fromkeys(range(4), 0)

    assert (False, True) == (
        sampling.is_settled(2000 * MS, runs=runs),
        sampling.is_settled(2001 * MS, runs=runs),
    )


def test_what_was_over_in_flight_stays_over(make_sample):
    """Its end does not make it fast, nor is it counted twice."""
    sampling = _sampling(p95="2s", **_SURE)
    sampling.is_settled(2001 * MS, calls={0: [0]})
    sampling.ended(0, MS, [make_sample(1000)])
    sampling.is_settled(9000 * MS, calls={0: [0]})
    for run in range(1, 80):
        sampling.ended(run, MS, [make_sample(1000)])

    assert not sampling.is_settled()


@pytest.mark.parametrize("words", [{"ttft": "2s"}, {"p95": "2s", "model": "gpt-4o-mini"}])
def test_call_in_flight_may_be_unknown(words):
    """Its first token may have come unread, and whose model it is its answer tells."""
    sampling = _sampling(**words, **_SURE)

    assert not sampling.is_settled(9000 * MS, calls={run: [0] for run in range(9)})


def test_run_that_could_cross_the_cap_is_not_wanted(make_sample):
    """The next could cost what the dearest did."""
    sampling = _sampling(cost="$0.01")
    sampling.spent([make_sample(usd="0.001")], is_run=False)
    sampling.spent([make_sample(usd="0.003")], is_run=True)
    first = sampling.may_cost()
    sampling.spent([make_sample(usd="0.004")], is_run=True)

    assert (True, True, False) == (first, sampling.has_caps, sampling.may_cost())
    assert sampling.is_capped


def test_runs_in_flight_have_their_part_reserved(make_sample):
    """Three at $0.003 each fit below $0.01, four do not."""
    sampling = _sampling(cost="$0.01")
    sampling.spent([make_sample(usd="0.003")], is_run=True)

    assert (True, False) == (sampling.may_cost(1), sampling.may_cost(2))


def test_unknown_cost_is_not_counted(make_sample):
    """Nor is that of calls which the budget does not look at."""
    sampling = _sampling(cost="$0.01", provider="anthropic")
    sampling.spent([make_sample(usd=None), make_sample(usd="1")], is_run=True)

    assert sampling.may_cost()


def test_without_a_cap_money_is_no_matter():
    """Nothing is refused."""
    sampling = _sampling(p95="2s")

    assert (False, True, False) == (sampling.has_caps, sampling.may_cost(), sampling.is_capped)


def test_money_is_exact(make_sample):
    """A cap that is just reached is kept."""
    sampling = _sampling(cost="$0.3")
    sampling.spent([make_sample(usd=str(Decimal("0.1")))], is_run=True)

    assert (True, False) == (sampling.may_cost(1), sampling.may_cost(2))
