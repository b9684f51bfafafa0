"""Numbers of the report document as a reader sees them."""

import pytest

from llm_latency_lens.budgets import Ruling, Verdict, describe
from llm_latency_lens.reports import figures, make_document
from llm_latency_lens.results import RunResult, TestResult

VERDICTS = (
    Verdict("p95", Ruling.KEPT, "2s", "ms", 2000.0, 1000.0, 20, 0, 1),
    Verdict("p95", Ruling.BROKEN, "1s", "ms", 1000.0, None, 20, 5, 1, 0.0866, 0.491, excluded=2),
    Verdict("cost", Ruling.ERROR, "$1", "usd", 1.0, None, 3, reason="no price", provider="openai"),
    Verdict("mean", Ruling.NOT_JUDGED, "1s", "ms", 1000.0, reason="no call", model="m"),
    Verdict("p50", Ruling.BROKEN, "1s", "ms", 1000.0, 1100.0, 2, 2, 1, one_call_decides=True),
)


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda one: f"{one.word} {one.ruling}")
def test_verdict_says_what_the_terminal_says(verdict):
    """Read back from the document, it makes the same sentence."""
    session = RunResult(tests=(TestResult("t", "failed", 1, (verdict,)),))
    (test,) = make_document(session)["tests"]
    read = figures.read_verdict(test["verdicts"][0])

    assert (verdict.ruling, describe(verdict)) == (read.ruling, read.sentence)
    assert (verdict.limit, verdict.observed) == (read.limit, read.observed)


def test_foreign_word_is_said_plainly():
    """A budget that a hook added has no sentence of ours."""
    verdict = {
        "budget": "queue_p95",
        "ruling": "broken",
        "unit": "ms",
        "limit": 1000.0,
        "observed": 1500.0,
    }

    assert "queue_p95 1.5 s, limit 1 s" == figures.read_verdict(verdict).sentence


@pytest.mark.parametrize("ruling", Ruling)
def test_every_ruling_has_its_place(document, ruling):
    """None is without an order, and what nobody has to look at comes last."""
    document["tests"][0]["verdicts"][0]["ruling"] = ruling.value
    tests = figures.judged_tests(document)

    assert [test.held for test in tests] == sorted(test.held for test in tests)


def test_budgets_of_the_session_are_listed(document):
    """They belong to no test."""
    document["session_verdicts"] = document["tests"][0]["verdicts"]

    assert "" in [one.node_id for one in figures.judged_tests(document)]


def test_notices_say_why_calls_are_missing():
    """A session that was cut short, and calls that the cap kept from being sent."""
    spending = {"cap_usd": 5.0, "spent_usd": 4.99, "reserved_usd": 0.0, "refused_calls": 2}
    document = {"partial": {"reasons": ["gw1 died"]}, "spending": spending}

    assert ["Partial: gw1 died", "2 calls not sent: $4.99 of the cap of $5.00 were spent"] == [
        *figures.notices(document)
    ]


@pytest.mark.parametrize("spending", [None, {"refused_calls": 0}])
def test_a_whole_session_has_no_notice(spending):
    """Nothing is said where nothing is missing."""
    assert [] == [*figures.notices({"partial": None, "spending": spending})]


def test_worst_tests_come_first(document):
    """Broken, then in error, then what held; tests without budgets are left out."""
    assert ["t.py::test_broken", "t.py::test_unpriced", "t.py::test_kept"] == [
        test.node_id for test in figures.judged_tests(document)
    ]


def test_worst_verdict_of_a_test_comes_first(document):
    """Its first verdict is the ruling on the test."""
    broken = figures.judged_tests(document)[0]

    assert Ruling.BROKEN is broken.ruling
    assert broken.ruling is broken.verdicts[0].ruling


@pytest.mark.parametrize(
    ("budgets", "words"),
    [
        ({}, ""),
        ({"kept": 0, "broken": 0, "error": 0, "not_judged": 0}, ""),
        ({"kept": 2, "broken": 1, "error": 3, "not_judged": 4, "not_settled": 5}, None),
        ({"kept": 1}, "1 kept"),
    ],
)
def test_rulings_are_counted_in_words(budgets, words):
    """Those that occur."""
    every = "2 kept, 1 broken, 5 not settled, 3 in error, 4 not judged"
    expected = every if words is None else words

    assert expected == figures.count_words(budgets)


@pytest.mark.parametrize(
    ("times", "text"),
    [(None, "-"), ({"p95": 1234.5}, "1.23 s"), ({"p95": None}, "failed")],
    ids=["nothing", "a time", "infinite"],
)
def test_time_is_said_with_its_unit(times, text):
    """What falls on a failed call is no number."""
    assert text == figures.read_time(times, "p95")


@pytest.mark.parametrize(
    ("rate", "text"), [(None, "-"), (0, "-"), (12.345, "12.3"), (1234.5, "1234")]
)
def test_rate_has_three_digits(rate, text):
    """And never an exponent."""
    assert text == figures.read_rate(rate)


@pytest.mark.parametrize(
    ("total", "unpriced", "text"),
    [(0.5, 0, "$0.5"), (0.5, 2, ">$0.5"), (0, 2, "unknown"), (0, 0, "$0")],
)
def test_sum_says_what_it_lacks(total, unpriced, text):
    """An unknown price never reads as zero."""
    assert text == figures.read_cost({"total_usd": total, "unpriced_calls": unpriced})


def test_failed_calls_are_errors_timeouts_and_cuts():
    """A cancelled call is none."""
    group = {"errors": 1, "timeouts": 2, "cut": 3, "cancelled": 4}

    assert 6 == figures.read_failed(group)


def test_moment_is_written_to_the_second():
    """In UTC, as the document has it."""
    assert "2026-09-21 14:13:20 UTC" == figures.read_moment("2026-09-21T14:13:20.123+00:00")


def test_only_single_values_are_named():
    """Lists and objects of a hook stay in the JSON report."""
    values = {"commit": "abc", "build": 7, "nested": {"a": 1}, "none": None}

    assert [("commit", "abc"), ("build", "7")] == list(figures.named_values(values))


@pytest.mark.parametrize(("count", "text"), [(0, "0 calls"), (1, "1 call"), (2000, "2,000 calls")])
def test_things_are_counted(count, text):
    """With the plural where it belongs."""
    assert text == figures.say_count(count, "call")
