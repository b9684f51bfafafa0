"""Evidence: what each kind of budget may look at."""

from decimal import Decimal

from llm_latency_lens.budgets import Evidence
from llm_latency_lens.samples import Phase


def test_body_has_no_fixture_and_no_warm_up(make_sample):
    """Calls of the test body alone."""
    samples = tuple(make_sample(id=phase.value, phase=phase) for phase in Phase)

    assert ["call"] == [one.id for one in Evidence(samples).body]


def test_every_phase_is_spent(make_sample):
    """Fixtures and warm-up cost money like any other call; an unknown price adds nothing."""
    samples = tuple(make_sample(phase=phase) for phase in Phase)

    assert Decimal("0.004") == Evidence((*samples, make_sample(usd=None))).spent_usd


def test_filter_keeps_the_runs(make_sample):
    """Runs belong to no model."""
    evidence = Evidence((make_sample(),), (1, 2))

    assert Evidence((), (1, 2)) == evidence.only(lambda _: False)


def test_nothing_has_no_busy_run():
    """Without a call no run made one."""
    assert 0 == Evidence(run_ns=(1,)).most_calls_in_a_run


def test_calls_of_a_warm_up_make_no_run_busy(make_sample):
    """Only calls of the body are counted by run."""
    samples = (make_sample(phase=Phase.WARMUP), make_sample())

    assert 1 == Evidence(samples, (1,)).most_calls_in_a_run


def test_runs_that_were_not_made_are_saved(make_sample):
    """With their money, at the mean of those that were made; fixtures are no part of it."""
    samples = (
        make_sample(usd="1", phase=Phase.SETUP),
        *(make_sample(usd=usd, run=run) for run, usd in enumerate(("0.001", "0.003"))),
    )
    evidence = Evidence(samples, (1, 1), planned=10)

    assert (8, Decimal("0.016"), 10) == (evidence.saved_runs, evidence.saved_usd, evidence.n_max)


def test_unknown_price_leaves_the_saving_unknown(make_sample):
    """Nothing is guessed."""
    assert Evidence((make_sample(usd=None),), (1,), planned=10).saved_usd is None


def test_nothing_is_saved_where_all_was_made(make_sample):
    """Nor where nothing was asked for."""
    evidence = Evidence((make_sample(),), (1,))

    assert (0, None, 1, 1) == (
        evidence.saved_runs,
        evidence.saved_usd,
        evidence.n_max,
        Evidence().n_max,
    )
