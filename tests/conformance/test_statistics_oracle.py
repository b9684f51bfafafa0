"""
Our statistics against scipy, numpy and the project's own table of expected values.

Apart from the unit tests, because importing scipy takes longer than all of them.
"""

import itertools
import json
import math
import os
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.mstats import hdquantiles

from llm_latency_lens import verdicts
from llm_latency_lens.metrics import Distribution, rank
from llm_latency_lens.verdicts.binomial import at_least, at_most

_SHARED = Path(os.environ.get("LENS_SHARED") or Path(__file__).parents[3] / "shared")
_VECTORS = _SHARED / "statistics-vectors.json"
_MICRO = 1_000_000

_few = settings(max_examples=100, deadline=None)
# With these a float is exact, so that numpy finds the right rank.
_dyadic = st.integers(1, 64).map(lambda parts: Fraction(parts, 64))


def _vectors():
    if not _VECTORS.is_file():
        reason = f"no {_VECTORS}: set LENS_SHARED to the folder that holds it"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="absent")]
    return [
        pytest.param(one, id=one["id"])
        for one in json.loads(_VECTORS.read_text())["vectors"]
        if one["id"].startswith(tuple(_COMPUTED))
    ]


def _distribution(samples):
    finite = [round(float(one) * _MICRO) for one in samples if one != "inf"]
    return Distribution.of(finite, infinite=len(samples) - len(finite))


def _ranks(q, n):
    return {"rank": rank(q, n), "allowed": verdicts.allowed(q, n)}


def _quantiles(samples):
    seen = _distribution(samples)
    found = {f"p{q}": seen.quantile(Fraction(q, 100)) for q in (50, 90, 95, 99)}
    return {name: "inf" if one is None else one / _MICRO for name, one in found.items()}


def _tails(q, n, k):
    share = float(1 - Fraction(q))
    return {
        "p_fail": at_least(k, n, share) if k else 1.0,
        "p_pass": at_most(k, n, share),
    }


def _share_interval(k, n, confidence):
    return dict(zip(("low", "high"), verdicts.clopper_pearson(k, n, confidence), strict=True))


def _percentile_interval(samples, q, confidence):
    values = sorted(samples)
    ranks = verdicts.interval_ranks(q, len(values), confidence)
    found = [None if one is None else values[one - 1] for one in ranks]
    return dict(zip(("low", "high"), found, strict=True))


def _fewest_to_prove(k):
    """Return the fewest calls that prove a quantile by one test at the end."""
    found = {}
    for q in ("0.5", "0.9", "0.95", "0.99"):
        for sure in ("0.9", "0.95", "0.99"):
            share, risk = float(1 - Fraction(q)), 1 - float(sure)
            tails = [partial(at_most, one, share=share) for one in k]
            found[f"q={q} conf={sure}"] = [
                next(n for n in range(1, 1000) if tail(n) <= risk + 1e-12) for tail in tails
            ]
    return found


def _boundary(q, confidence, n_max, tolerance):
    rule = verdicts.sequential(q, confidence, n_max, tolerance)
    share = float(1 - Fraction(q))
    multiples = {name: rule.rates(share * float(name[:-1])) for name in _MULTIPLES}
    never = (n_max + 1,) * (n_max + 1), (-1,) * (n_max + 1)
    return {
        "f": _changes([least if least <= n else None for n, least in enumerate(rule.fail_at)]),
        "g": _changes([None if most < 0 else most for most in rule.pass_at]),
        # Each side alone.
        "error_fail": verdicts.Rule(rule.fail_at, never[1]).rates(share).fails,
        "error_pass": verdicts.Rule(never[0], rule.pass_at).rates(tolerance * share).passes,
        "operating_characteristics": {
            name: {"p_fail": one.fails, "p_pass": one.passes, "mean_n": one.mean_n}
            for name, one in multiples.items()
        },
    }


def _changes(values):
    return [
        [n, value]
        for n, (before, value) in enumerate(itertools.pairwise(values), start=1)
        if value is not None and value != before
    ]


def _first_settled(q, confidence, n_max):
    found = verdicts.sequential(q, confidence, n_max).count([False] * n_max)
    return {"n": found.n, "verdict": found.side.value}


def _curtailed(q, n_max, flags, all_within):
    rule = verdicts.curtailed(q, n_max)
    sides = [rule.side(n, sum(flags[:n])) for n in range(1, len(flags) + 1)]
    return {
        "flags_verdicts": [side and side.value for side in sides],
        "all_within_settles_at": rule.count([not all_within] * n_max).n,
    }


def _clustering(cases):
    return [verdicts.burst_chance(one == "1" for one in case) for case in cases]


_MULTIPLES = ("0.2x", "0.5x", "1x", "2x", "5x")
_COMPUTED = {
    "rank-": _ranks,
    "quantile-with-timeout": _quantiles,
    "binom-": _tails,
    "clopper-pearson-": _share_interval,
    "quantile-ci-": _percentile_interval,
    "min-n-to-pass": _fewest_to_prove,
    "boundary-": _boundary,
    "sequence-pass": _first_settled,
    "curtail-plain": _curtailed,
    "harrell-davis-": lambda samples, q: verdicts.harrell_davis(q, sorted(samples)),
    "clustering": _clustering,
}


def _as_told(expected):
    """Return the expected value with each number to its six digits."""
    if isinstance(expected, dict):
        return {name: _as_told(one) for name, one in expected.items()}
    if isinstance(expected, list):
        return [_as_told(one) for one in expected]
    return pytest.approx(expected, rel=0, abs=1e-6) if isinstance(expected, float) else expected


@pytest.mark.parametrize("vector", _vectors())
def test_table_of_expected_values(vector):
    """Each line of the shared table is met to its six digits."""
    kind = next(kind for kind in _COMPUTED if vector["id"].startswith(kind))
    found = _COMPUTED[kind](**vector["inputs"])

    assert _as_told(vector["expected"]) == found


@_few
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=50), st.integers(0, 5), _dyadic)
def test_quantile_is_inverted_cdf(values, infinite, q):
    """A quantile is numpy's by the method "inverted_cdf"."""
    floats = [*map(float, values), *[math.inf] * infinite]
    expected = np.quantile(floats, float(q), method="inverted_cdf")
    found = Distribution.of(values, infinite).quantile(q)

    assert expected == (math.inf if found is None else found)


@_few
@given(
    st.integers(1, 100_000),
    st.floats(0, 1),
    st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.999]),
)
def test_share_interval_is_exact(n, share, confidence):
    """The interval of a share is scipy's by the method "exact"."""
    k = round(share * n)
    expected = stats.binomtest(k, n).proportion_ci(confidence, method="exact")

    assert tuple(expected) == pytest.approx(verdicts.clopper_pearson(k, n, confidence), abs=1e-9)


@_few
@given(
    st.integers(1, 2000),
    st.integers(1, 999).map(lambda thousandths: thousandths / 1000),
    st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]),
)
def test_percentile_interval_is_that_of_the_quantile_test(n, q, confidence):
    """The ranks are those of scipy's quantile test; its NaN is our None."""
    seen = stats.quantile_test(np.arange(1, n + 1), p=q).confidence_interval(confidence)
    expected = tuple(None if math.isnan(one) else int(one) for one in seen)

    assert expected == verdicts.interval_ranks(q, n, confidence)


@_few
@given(
    st.lists(st.floats(0.001, 1000), min_size=2, max_size=300),
    st.integers(1, 99).map(lambda hundredths: hundredths / 100),
)
def test_smooth_estimate_is_that_of_harrell_and_davis(values, q):
    """The estimate is scipy's, to what floats leave."""
    expected = float(hdquantiles(values, [q])[0])

    assert expected == pytest.approx(verdicts.harrell_davis(q, sorted(values)), rel=1e-6)


@_few
@given(st.floats(-10, 10), st.floats(0.01, 10), st.integers(2, 2000))
def test_chance_of_a_mean_is_students(excess, stddev, n):
    """The p-value is that of scipy's t distribution."""
    expected = float(stats.t.sf(excess / stddev * math.sqrt(n), n - 1))

    assert expected == pytest.approx(verdicts.mean_chance(excess, stddev, n), rel=1e-6, abs=1e-12)


@_few
@given(
    st.sampled_from(["0.5", "0.9", "0.95", "0.99"]),
    st.sampled_from([0.9, 0.95, 0.99]),
    st.integers(1, 150),
)
def test_boundaries_are_binomial_tails_below_one_level(q, confidence, n_max):
    """One z explains every step of each side, with the tails of scipy's binomial."""
    rule, share = verdicts.sequential(q, confidence, n_max), float(1 - Fraction(q))
    n = np.arange(1, n_max + 1)

    def z_of(tails):
        return -stats.norm.ppf(tails) * (n / n_max) ** 0.25

    fail_at, pass_at = (np.array(side[1:]) for side in (rule.fail_at, rule.pass_at))
    # What the rule takes lies at that z or beyond, what it leaves lies below it.
    taken = z_of(stats.binom.sf(fail_at - 1, n, share))
    left = z_of(stats.binom.sf(fail_at - 2, n, share))[fail_at > 2]
    passed = z_of(stats.binom.cdf(pass_at, n, share))[pass_at >= 0]
    refused = z_of(stats.binom.cdf(pass_at + 1, n, share))

    assert max(left, default=0) <= min(taken) + 1e-6
    assert not passed.size or max(refused) <= min(passed) + 1e-6
