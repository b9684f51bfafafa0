"""The vocabulary: every word that DESIGN promises, its unit and what it is judged on."""

from fractions import Fraction

import pytest

from llm_latency_lens.budgets import ALIASES, OPTIONS, WORDS
from llm_latency_lens.budgets.units import Unit
from llm_latency_lens.budgets.words import Metric

_QUANTILES = {
    "p50": Fraction(1, 2),
    "p75": Fraction(3, 4),
    "p90": Fraction(9, 10),
    "p95": Fraction(19, 20),
    "p99": Fraction(99, 100),
    "mean": None,
    "max": Fraction(1),
}
_PREFIXES = {
    "": Metric.LATENCY,
    "ttft_": Metric.TTFT,
    "ttfo_": Metric.TTFO,
    "itl_": Metric.ITL,
    "tpot_": Metric.TPOT,
    "run_": Metric.RUN,
}
_SINGLE = {
    "min_tokens_per_second": (Metric.TPOT, Unit.RATE),
    "cost_per_call": (Metric.COST, Unit.MONEY),
    "cost": (Metric.COST, Unit.MONEY),
    "error_rate": (Metric.RELIABILITY, Unit.SHARE),
    "timeout_rate": (Metric.RELIABILITY, Unit.SHARE),
    "calls": (Metric.CALLS, Unit.COUNT),
}


@pytest.mark.parametrize("prefix", _PREFIXES)
@pytest.mark.parametrize("statistic", _QUANTILES)
def test_every_time_has_every_statistic(prefix, statistic):
    """Six times by seven statistics, each a duration."""
    word = WORDS[prefix + statistic]

    assert (_PREFIXES[prefix], Unit.TIME, _QUANTILES[statistic]) == (
        word.metric,
        word.unit,
        word.quantile,
    )


@pytest.mark.parametrize("name", _SINGLE)
def test_every_other_word_has_its_unit(name):
    """Rates, costs and counts are counted in units of their own."""
    assert _SINGLE[name] == (WORDS[name].metric, WORDS[name].unit)


def test_there_is_no_word_beside_them():
    """What is listed here is the whole vocabulary."""
    assert {p + s for p in _PREFIXES for s in _QUANTILES} | _SINGLE.keys() == WORDS.keys()


def test_ttft_is_its_p95():
    """The one short form."""
    assert {"ttft": "ttft_p95"} == ALIASES


def test_no_name_means_two_things():
    """Words, aliases and options do not overlap."""
    assert len({*WORDS, *ALIASES, *OPTIONS}) == len(WORDS) + len(ALIASES) + len(OPTIONS)


def test_every_word_has_a_meaning():
    """The reference page is made from this table."""
    assert all([word.meaning for word in WORDS.values()] + list(OPTIONS.values()))
