"""
Our statistics against scipy, numpy and the project's own table of expected values.

Apart from the unit tests, because importing scipy takes longer than all of them.
"""

import json
import math
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from llm_latency_lens import verdicts
from llm_latency_lens.metrics import Distribution, rank
from llm_latency_lens.verdicts.binomial import at_least, at_most

_SHARED = Path(os.environ.get("LENS_SHARED") or Path(__file__).parents[3] / "shared")
_VECTORS = _SHARED / "statistics-vectors.json"
_KINDS = ("rank-", "quantile-with-timeout", "binom-", "clopper-pearson-", "quantile-ci-")
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
        if one["id"].startswith(_KINDS)
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


_COMPUTED = dict(
    zip(_KINDS, (_ranks, _quantiles, _tails, _share_interval, _percentile_interval), strict=True)
)


@pytest.mark.parametrize("vector", _vectors())
def test_table_of_expected_values(vector):
    """Each line of the shared table is met to its six digits."""
    kind = next(kind for kind in _KINDS if vector["id"].startswith(kind))
    found = _COMPUTED[kind](**vector["inputs"])

    assert vector["expected"] == {
        name: round(one, 6) if isinstance(one, float) else one for name, one in found.items()
    }


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
