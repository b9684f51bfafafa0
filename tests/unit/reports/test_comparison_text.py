"""A comparison on a terminal and in the report."""

import jsonschema
import pytest

from llm_latency_lens.baselines import Baseline, Entry, compare, read_gates
from llm_latency_lens.metrics import Distribution
from llm_latency_lens.reports import list_comparison, make_document, read_schema
from llm_latency_lens.results import RunResult

MS = 1_000_000
_GATES = read_gates(["p95:25%"])
_SHOWN = read_gates(["p50"])
_LONG = f"tests/integration/{'a' * 60}/test_answers.py::test_answer"


def _session(latencies_ms, tests=("t.py::test_answer",), failed=0, **environment):
    times = {"latency": Distribution.of([one * MS for one in latencies_ms], failed)}
    entries = (
        Entry(test, "openai", "gpt-4o-mini", len(latencies_ms) + failed, times) for test in tests
    )
    return Baseline("main", "2026-11-24T10:00:00+00:00", environment, tuple(entries))


def _lines(before, now, *, is_wide=False, **words):
    return list(list_comparison(compare(before, now, _GATES, _SHOWN, **words), is_wide=is_wide))


def _text(*arguments, **words):
    return "\n".join(line for line, _ in _lines(*arguments, **words))


def test_a_slower_percentile_is_told():
    """What was, what is, how many are over, how many may be, and that it fails."""
    text = _text(_session(range(1, 201)), _session([400] * 50))

    assert "compared with baseline main of 2026-11-24\n" in text
    assert "  t.py::test_answer: openai gpt-4o-mini\n" in text
    assert "    p95  190 ms  400 ms  +111 %    50 of 50        2  SLOWER\n" in text
    assert "    p50  100 ms  400 ms  +300 %    50 of 50       25  slower\n" in text
    assert "  1 percentile is SLOWER than allowed: the comparison fails\n" in text


def test_slower_lines_have_a_colour():
    """Red what fails, yellow what is only shown and what is warned about."""
    lines = _lines(_session([*range(1, 201)]), _session([400] * 10, python="3.12"))

    assert {"SLOWER": "red", "slower": "yellow"} == {
        line.split()[-1]: colour for line, colour in lines if line.lower().endswith("slower")
    }
    assert {"yellow"} == {colour for line, colour in lines if "warning" in line}


def test_failed_calls_are_named():
    """A percentile that falls on a failed call has no time and no change."""
    text = _text(_session(range(1, 201)), _session([100] * 10, failed=10))

    assert "    p95  190 ms  failed       -    10 of 20        1  SLOWER\n" in text


@pytest.mark.parametrize("count", [1, 30])
def test_lines_fit_80_columns(count):
    """Long names lose their beginning, long sentences are wrapped."""
    tests = [f"{_LONG}[{number}]" for number in range(count)]
    environment = {f"package-{number}": "1.2.3" for number in range(10)}
    before = _session(range(1, 99), tests, **environment)
    lines = _lines(before, _session([123456] * 19, (*tests, _LONG)))

    assert 80 >= max(len(line) for line, _ in lines)


def test_of_many_rows_only_the_slower_are_shown():
    """Twenty tests that are as ever are one line."""
    tests = [f"t.py::{number}" for number in range(20)]
    text = _text(_session(range(1, 201), tests), _session(range(1, 201), tests))

    assert "  40 within their margin\n" in text
    assert "t.py" not in text


def test_wide_shows_every_row():
    """Asked for everything, nothing is left out."""
    tests = [f"t.py::{number}" for number in range(20)]
    sessions = (_session(range(1, 201), tests), _session(range(1, 201), tests))

    assert 20 == _text(*sessions, is_wide=True).count("t.py")


def test_nothing_in_common_is_told():
    """A comparison without a row says so, and names what is new."""
    text = _text(_session([1], ["a"]), _session([1], ["b", "c", "d", "e"]))

    assert "  no test of this session has calls in the baseline\n" in text
    assert "  4 not in the baseline: b, c, d, ..." in text


@pytest.mark.parametrize(
    ("is_relative", "words"),
    [(False, "2.00 times the baseline"), (True, "2.00 times the baseline, by which limits were")],
)
def test_the_session_as_a_whole_is_told(is_relative, words):
    """The median ratio says how much slower everything was."""
    tests = [f"t.py::{number}" for number in range(5)]
    sessions = (_session(range(2, 202, 2), tests), _session(range(4, 404, 4), tests))

    assert f"  the session as a whole: {words}" in _text(*sessions, is_relative=is_relative)


def test_runs_are_named():
    """Wall times of runs belong to no model."""
    entry = Entry("t.py::a", "", "", 9, {"run": Distribution.of([MS] * 9)})
    baseline = Baseline("main", "", entries=(entry,))
    text = "\n".join(
        line for line, _ in list_comparison(compare(baseline, baseline, read_gates(["run_p50"])))
    )

    assert text.startswith("compared with baseline main\n")
    assert "  t.py::a: runs\n" in text


@pytest.mark.parametrize(("latencies_ms", "failed"), [([400] * 50, 0), ([1], 0), ([100] * 10, 10)])
def test_the_report_holds_the_comparison(latencies_ms, failed):
    """Every row is in the report, which still fulfils its schema."""
    before = _session(range(1, 201), failed=150)
    comparison = compare(before, _session(latencies_ms, failed=failed), _GATES, _SHOWN)
    document = make_document(RunResult(comparison=comparison))
    rows = document["comparison"]["rows"]

    jsonschema.Draft202012Validator(read_schema()).validate(document)
    assert [("p95", True), ("p50", False)] == [(row["budget"], row["gated"]) for row in rows]


def test_a_report_without_a_comparison_says_so():
    """No baseline, no comparison."""
    assert make_document(RunResult())["comparison"] is None
