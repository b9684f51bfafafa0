"""Merging, baselines and many comparisons against the project's own table of expected values."""

import json
import os
from pathlib import Path

import pytest

from llm_latency_lens.metrics import Distribution

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
    given, expected = _vector("welford-merge")
    # Values with the moments of the table: exact sums have no moments to start from.
    one, two = Distribution.of([1, 2, 4]), Distribution.of([5, 6, 7, 12])

    assert pytest.approx(given["a"]) == _moments(one)
    assert pytest.approx(given["b"]) == _moments(two)
    assert expected == [round(number, 6) for number in _moments(one.merge(two))]
