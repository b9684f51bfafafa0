"""Merging, baselines and many comparisons against the project's own table of expected values."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from llm_latency_lens.baselines import read_gates
from llm_latency_lens.metrics import Distribution
from llm_latency_lens.verdicts import benjamini_hochberg, holm

_SHARED = Path(os.environ.get("LENS_SHARED") or Path(__file__).parents[3] / "shared")
_VECTORS = _SHARED / "statistics-vectors.json"


def _vector(name):
    if not _VECTORS.is_file():
        pytest.skip(f"no {_VECTORS}: set LENS_SHARED to the folder that holds it")
    vectors = json.loads(_VECTORS.read_text())["vectors"]
    return next((one["inputs"], one["expected"]) for one in vectors if one["id"] == name)


def _moments(times):
    return [times.n, times.mean, times.stddev**2 * (times.n - 1)]


def test_moments_merge():
    """Number, mean and squared deviations of two parts are those of Chan's formula."""
    inputs, expected = _vector("welford-merge")
    # Values with the moments of the table: exact sums have no moments to start from.
    one, two = Distribution.of([1, 2, 4]), Distribution.of([5, 6, 7, 12])

    assert pytest.approx(inputs["a"]) == _moments(one)
    assert pytest.approx(inputs["b"]) == _moments(two)
    assert expected == [round(number, 6) for number in _moments(one.merge(two))]


def test_many_comparisons_are_adjusted():
    """Holm's and Benjamini and Hochberg's p-values are those of the table."""
    inputs, expected = _vector("holm-bh")
    found = {"holm": holm(inputs["p"]), "bh": benjamini_hochberg(inputs["p"])}

    assert expected == {name: [round(p, 6) for p in ps] for name, ps in found.items()}


def test_a_baseline_becomes_a_budget():
    """The percentiles of the baseline by nearest rank, widened by 25 %."""
    inputs, expected = _vector("baseline-budget")
    micro = 1_000_000
    times = Distribution.of(round(one * micro) for one in inputs["baseline"])
    gates = {gate.word.name: gate for gate in read_gates(["p50, p95"])}

    assert expected == {
        name: gate.limit_ns(times.quantile(gate.q)) / micro for name, gate in gates.items()
    }


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_showing_is_that_of_scipy(p_values):
    """Benjamini and Hochberg's p-values are scipy's."""
    expected = stats.false_discovery_control(p_values)

    assert pytest.approx(list(expected), abs=1e-12) == benjamini_hochberg(p_values)
