"""The summary: 80 columns, and silent when there is nothing to say."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from llm_latency_lens.budgets import Ruling, Verdict
from llm_latency_lens.metrics import Aggregate, TokenSum
from llm_latency_lens.reports import summarise
from llm_latency_lens.results import Group, RunResult, Saving, TestResult
from llm_latency_lens.samples import Phase, Status, Usage


def _lines(result, **options):
    return [line for line, _ in summarise(result, **options)]


def _verdict(ruling, **fields):
    return Verdict("p95", ruling, "1s", "ms", 1000, **fields)


def test_nothing_recorded_is_silent():
    """Without a call and a budget there is no line."""
    assert [] == _lines(RunResult())


def test_models_have_a_line_each(make_sample):
    """One line a model, then the totals."""
    samples = (make_sample(), make_sample(requested_model="b", usd=None, usage=Usage()))

    assert [
        "model        calls  failed  p50  p95  TTFT p95  tok/s     cost",
        "b                1       0  1 s  1 s    200 ms      -  unknown",
        "gpt-4o-mini      1       0  1 s  1 s    200 ms   12.5   $0.001",
        "2 calls | tokens 10 in, 11 out | >$0.001",
    ] == _lines(RunResult(samples))


def test_failures_and_asides_are_told(make_sample):
    """Failed calls and calls beside the body are in the totals."""
    samples = (make_sample(status=Status.ERROR, usd=None), make_sample(phase=Phase.WARMUP))

    lines = _lines(RunResult(samples))

    assert "failed  failed" in lines[1]
    assert lines[-1].startswith("2 calls (1 in warm-up and fixtures) | 1 failed | ")


def test_answers_that_could_not_be_read_are_told(make_sample):
    """They look sound and may be anything; a failure tells of itself."""
    page = replace(make_sample(), note="not decoded: no JSON")
    other = replace(make_sample(), note="not decoded: empty body")
    failed = replace(make_sample(status=Status.ERROR, usd=None), note="not decoded: no JSON")

    assert "1 answer not decoded: no JSON" == _lines(RunResult((page, failed)))[-1]
    assert (
        "3 answers not decoded: no JSON (and other reasons: 1)"
        == (_lines(RunResult((page, other, page)))[-1])
    )


def test_only_fixture_calls_have_no_table(make_sample):
    """Calls of fixtures alone make no table of models."""
    lines = _lines(RunResult((make_sample(phase=Phase.SETUP, streamed=False),)))

    assert 1 == len(lines)


@pytest.mark.parametrize("ruling", [Ruling.BROKEN, Ruling.ERROR, Ruling.NOT_JUDGED])
def test_budgets_that_did_not_hold_are_listed(ruling):
    """Each is named with its test and its reason; kept ones are only counted."""
    verdicts = (_verdict(Ruling.KEPT, observed=1.0), _verdict(ruling, reason="because"))
    result = RunResult(tests=(TestResult("t.py::test_a", "failed", 1, verdicts),))

    lines = _lines(result)

    assert "  t.py::test_a" == lines[-2]
    assert lines[-1].startswith(f"    {ruling}: p95 latency")


def test_kept_budgets_are_counted():
    """When all hold one line says so."""
    kept = (_verdict(Ruling.KEPT, observed=1.0),)
    result = RunResult(tests=(TestResult("t", "passed", 1, kept),))

    assert "budgets: 1 kept" == _lines(result)[-1]


def test_80_columns_are_enough(make_sample):
    """Long names, long messages and large numbers stay within 80 columns."""
    samples = tuple(
        make_sample(599_999, 399_999, requested_model="m" * 60, usage=Usage(10**9, 10**9))
        for _ in range(3)
    )
    verdict = _verdict(Ruling.BROKEN, reason="word " * 60)
    result = RunResult(samples, (TestResult("t.py::" + "x" * 200, "failed", 1, (verdict,)),))

    assert max(map(len, _lines(result))) <= 80


def test_wide_shows_more(make_sample):
    """Wide has provider, more percentiles and whole names."""
    verdict = _verdict(Ruling.BROKEN, reason="word " * 60)
    result = RunResult((make_sample(),), (TestResult("t" * 200, "failed", 1, (verdict,)),))

    lines = _lines(result, is_wide=True)

    assert "openai gpt-4o-mini" == lines[1][:18]
    assert {"p99", "max", "retries"} <= set(lines[0].split())
    assert "  " + "t" * 200 in lines


@pytest.mark.parametrize(("last", "shown"), [(200, "-"), (210, "1000"), (10_200, "1")])
def test_rates_have_no_exponent(make_sample, last, shown):
    """Tokens per second are plain numbers, however many."""
    lines = _lines(RunResult((make_sample(last, 200),)))

    assert shown == lines[1].split()[-2]


def test_80_columns_are_enough_for_large_numbers(make_sample):
    """Columns that grow take their room from the names; the totals go on in a second line."""
    huge = Aggregate.of([make_sample(59_900_000, 59_800_000, usd="12345.67")])
    huge = replace(
        huge,
        calls=1_000_000,
        errors=900_000,
        cost=replace(huge.cost, unpriced=1, total_usd=Decimal("1234567.891")),
        tokens=TokenSum(10**12, 10**12),
    )
    result = _Result(huge, (make_sample(requested_model="m" * 60),))

    lines = _lines(result)

    assert max(map(len, lines)) <= 80


@dataclass(frozen=True)
class _Result(RunResult):
    """A session of a million calls, without having made them."""

    huge: Aggregate = field(default_factory=Aggregate)

    def __init__(self, huge, samples):
        super().__init__(samples)
        object.__setattr__(self, "huge", huge)

    @property
    def groups(self):
        return (Group("openai", "m" * 60, self.huge),)

    @property
    def total(self):
        return self.huge


@pytest.mark.parametrize(
    ("ruling", "colour"),
    [(Ruling.BROKEN, "red"), (Ruling.ERROR, "red"), (Ruling.NOT_JUDGED, "yellow")],
)
def test_colour_tells_how_bad_it_is(ruling, colour):
    """What fails a test is red, what was not judged yellow."""
    tests = (TestResult("t", "failed", 1, (_verdict(ruling, reason="because"),)),)

    *_, (_, seen) = summarise(RunResult(tests=tests))

    assert colour == seen


def test_test_without_budgets_is_not_listed(make_sample):
    """A test that only made calls has no line of its own."""
    result = RunResult((make_sample(),), (TestResult("t.py::test_a", "passed", 1),))

    assert not any("test_a" in line for line in _lines(result))


def test_partly_known_cost_is_a_lower_bound(make_sample):
    """A sum that leaves calls out says so."""
    lines = _lines(RunResult((make_sample(), make_sample(usd=None))))

    assert ">$0.001" == lines[1].split()[-1]


def test_open_budgets_are_listed_in_yellow():
    """They failed nothing; unless a test was asked to fail for them."""
    open_ = _verdict(
        Ruling.NOT_SETTLED,
        confidence=0.95,
        planned=20,
        n=20,
        k=1,
        fails_at=4,
        pass_runs=59,
        pass_runs_next=99,
    )
    result = RunResult(tests=(TestResult("t", "passed", 20, (open_,)),))
    failed = replace(result.tests[0], verdicts=(replace(open_, fails_unsettled=True),))

    assert (
        "    p95 latency not settled at 95 %: 1 of 20 calls over 1 s, 4 would fail; a",
        "yellow",
    ) in (list(summarise(result)))
    assert "red" in [colour for _, colour in summarise(replace(result, tests=(failed,)))]


def test_interval_stands_below_its_verdict():
    """What the calls tell of all calls to come."""
    verdict = _verdict(
        Ruling.BROKEN,
        n=20,
        k=2,
        allowed=1,
        observed=1200.0,
        percentile_low=900.0,
        calls_to_bound=72,
    )
    lines = _lines(RunResult(tests=(TestResult("t", "failed", 20, (verdict,)),)))

    assert [
        "      p95 latency of all calls to come: 900 ms or more (95 %); an upper end",
        "        takes 72 calls",
    ] == lines[-2:]


@pytest.mark.parametrize(
    ("usd", "text"), [(Decimal("0.0123"), "saved 41 runs, about $0.0123"), (None, "saved 41 runs")]
)
def test_saved_runs_are_told_with_their_money(make_sample, usd, text):
    """Where it is known."""
    test = TestResult("t", "passed", 59, saved=Saving(41, usd))
    lines = _lines(RunResult((make_sample(),), (test,)))

    assert lines[-1].endswith(f"| {text}")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2, "2 of them with a confidence: risk that any is wrong at most 10 %"),
        (30, "30 of them with a confidence: risk that any is wrong not bounded"),
    ],
)
def test_risk_of_the_family_is_told(number, text):
    """One budget alone says its own: totals and counts are all."""
    sure = _verdict(Ruling.KEPT, confidence=0.95)

    def lines_of(count):
        return _lines(RunResult(tests=(TestResult("t", "passed", 1, (sure,) * count),)))

    assert (text, 2) == (lines_of(number)[-1], len(lines_of(1)))
