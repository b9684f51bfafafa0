"""Comparing: one session held against an earlier one."""

import pytest

from llm_latency_lens.baselines import Baseline, Entry, compare, read_gates
from llm_latency_lens.metrics import EXACT, Distribution

MS = 1_000_000
_P95 = read_gates(["p95"])
_SHOWN = read_gates(["p50, p95, ttft_p95"])


def _entry(latencies_ms, test="t.py::a", failed=0, model="gpt", **others):
    times = {"latency": Distribution.of((one * MS for one in latencies_ms), failed)}
    times |= {name: Distribution.of(one * MS for one in some) for name, some in others.items()}
    return Entry(test, "openai", model, len(latencies_ms) + failed, times)


def _session(*entries, name="main", **environment):
    return Baseline(name, "2026-11-24", environment, entries)


_BEFORE = _session(_entry(range(1, 201)))


def test_the_widened_percentile_is_the_limit():
    """p95 of 200 values is the 190th; with 25 % more it is what the later session may take."""
    (row,) = compare(_BEFORE, _session(_entry(range(1, 51))), _P95).rows

    assert (190, 237.5, 200, 50) == (row.before_ms, row.limit_ms, row.before_n, row.n)
    assert (0, 2, 1.0) == (row.over, row.allowed, row.p_value)


def test_a_slower_session_fails_its_gate():
    """Twenty of fifty calls above the limit are no chance."""
    now = _session(_entry([*range(1, 31), *[400] * 20]))
    found = compare(_BEFORE, now, _P95)
    (row,) = found.rows

    assert (20, 400, True) == (row.over, row.now_ms, row.is_slower)
    assert 1e-9 > row.p_value
    assert (row,) == found.failed


def test_what_is_only_shown_fails_nothing():
    """A percentile without a gate is told to be slower, and that is all."""
    found = compare(_BEFORE, _session(_entry([400] * 50)), (), _SHOWN)

    assert ["p50", "p95"] == [row.word for row in found.slower]
    assert () == found.failed


def test_a_gate_is_not_shown_twice():
    """A percentile that is gated is not compared a second time with another margin."""
    rows = compare(_BEFORE, _session(_entry([1] * 50)), read_gates(["p95:50%"]), _SHOWN).rows

    assert [("p95", 0.5, True), ("p50", 0.25, False)] == [
        (row.word, row.margin, row.is_gated) for row in rows
    ]


def test_few_calls_over_are_chance():
    """Three of fifty above a limit that allows two break it plainly, and may be chance."""
    found = compare(_BEFORE, _session(_entry([*[1] * 47, *[400] * 3])), _P95)

    assert (3, 2) == (found.rows[0].over, found.rows[0].allowed)
    assert () == found.failed


def test_many_gates_are_adjusted():
    """What fails alone need not fail among twenty."""
    slow = [*[1] * 44, *[400] * 6]
    one = compare(_BEFORE, _session(_entry(slow)), _P95)
    tests = [f"t.py::{number}" for number in range(20)]
    before = _session(*(_entry(range(1, 201), test) for test in tests))
    now = _session(_entry(slow, tests[0]), *(_entry([1] * 50, test) for test in tests[1:]))
    many = compare(before, now, _P95)

    assert (1, 0) == (len(one.failed), len(many.failed))
    assert pytest.approx(20 * one.rows[0].p_value) == many.rows[0].p_adjusted


def test_failed_calls_are_over_every_limit():
    """A session whose calls fail is slower, without a finite percentile."""
    (row,) = compare(_BEFORE, _session(_entry([1] * 30, failed=20)), _P95).rows

    assert (20, None, None, True) == (row.over, row.now_ms, row.change, row.is_slower)


def test_a_baseline_of_failures_limits_nothing():
    """Where the percentile of before fell on a failed call, there is nothing to exceed."""
    before = _session(_entry([1] * 10, failed=10))
    (row,) = compare(before, _session(_entry([400] * 50)), _P95).rows

    assert (None, None, 0, 1.0) == (row.before_ms, row.limit_ms, row.over, row.p_value)


def test_change_is_relative():
    """From 190 to 209 ms are ten percent."""
    (row,) = compare(_BEFORE, _session(_entry([209] * 50)), _P95).rows

    assert pytest.approx(0.1) == row.change


def test_only_common_times_are_compared():
    """A metric that one session lacks has no row."""
    before = _session(_entry([1] * 100, ttft=[1] * 100), _entry([1] * 100, "t.py::b"))
    now = _session(_entry([1] * 100), _entry([1] * 100, "t.py::b", ttft=[1] * 100))

    assert {"p50", "p95"} == {row.word for row in compare(before, now, (), _SHOWN).rows}


def test_new_tests_are_named():
    """A test that the baseline does not know is listed, once."""
    now = _session(_entry([1] * 50), *(_entry([1], "t.py::new", model=one) for one in "ab"))

    assert ("t.py::new",) == compare(_BEFORE, now).new


def test_very_many_values_meet_the_limit_in_cells():
    """Beyond the exact size values above the limit are counted to within 0.4 %."""
    now = _session(_entry([*[1] * EXACT, *[400] * 1000], failed=5))

    assert 1005 == compare(_BEFORE, now, _P95).rows[0].over


def _alike(count, factor):
    """A session of so many tests, all of them slower by one factor."""
    tests = [f"t.py::{number}" for number in range(count)]
    return _session(*(_entry([one * factor for one in range(1, 101)], test) for test in tests))


def test_the_session_has_a_ratio():
    """With five tests in common the median ratio of their medians is told."""
    assert 2.0 == compare(_alike(5, 1), _alike(5, 2)).ratio
    assert compare(_alike(4, 1), _alike(4, 2)).ratio is None


def test_a_session_of_failures_has_no_ratio():
    """Tests without a finite median on both sides say nothing about the session as a whole."""
    failed = _session(*(_entry([], f"t.py::{number}", failed=3) for number in range(5)))

    assert compare(_alike(5, 1), failed).ratio is None


def test_a_relative_comparison_follows_the_session():
    """Where everything is twice as slow, nothing is slower than the rest."""
    before, now = _alike(5, 1), _alike(5, 2)

    assert 5 == len(compare(before, now, _P95).failed)
    assert 0 == len(compare(before, now, _P95, is_relative=True).failed)


def test_one_slow_test_stands_out_in_a_relative_comparison():
    """What is slower than the session as a whole still fails."""
    now = _session(*_alike(6, 2).entries[:5], _entry([one * 8 for one in range(1, 101)], "t.py::5"))
    (row,) = compare(_alike(6, 1), now, _P95, is_relative=True).failed

    assert "t.py::5" == row.test


def test_too_few_tests_are_no_session_as_a_whole():
    """A relative comparison of less than five tests is told to be none."""
    found = compare(_alike(4, 1), _alike(4, 2), _P95, is_relative=True)

    assert not found.is_relative
    assert "fewer than 5 tests in common" in found.warnings[0]
    assert 4 == len(found.failed)


def test_few_samples_are_warned_about():
    """Less than 100 calls in the baseline or 20 in the session say little."""
    before = _session(_entry([1] * 99), _entry([1] * 200, "t.py::b"))
    now = _session(_entry([1] * 20), _entry([1] * 19, "t.py::b"))

    assert [
        "main has as few as 99 calls of a test, 1 of 2 have fewer than 100",
        "main has as few as 19 calls of a test, 1 of 2 have fewer than 20",
    ] == [warning.partition(":")[0] for warning in compare(before, now).warnings]


def test_another_environment_is_warned_about():
    """Versions that differ are named, those that are alike are not."""
    before = _session(_entry([1] * 100), python="3.11", openai="3.0", httpx="0.28")
    now = _session(_entry([1] * 100), python="3.12", openai="3.0", anthropic="2.0")

    assert (
        "another environment: anthropic none -> 2.0, httpx 0.28 -> none, python 3.11 -> 3.12",
    ) == compare(before, now).warnings


def test_enough_samples_of_one_environment_are_no_matter():
    """Nothing is warned about where nothing is wrong."""
    assert () == compare(_BEFORE, _session(_entry([1] * 50))).warnings
