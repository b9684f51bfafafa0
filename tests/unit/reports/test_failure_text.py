"""The message of a broken budget."""

import re
from dataclasses import replace

import pytest

from llm_latency_lens.budgets import Evidence, Ruling, Verdict, judge_all, read_plan
from llm_latency_lens.reports import explain_failure
from llm_latency_lens.samples import Attempt, Outcome, Phase, Status

MS = 1_000_000


@pytest.fixture
def explain():
    """Return what judges the words of a mark and explains the outcome."""

    def explain(samples, **words):
        plan = read_plan(words)
        runs = (MS,) * len({one.run for one in samples})
        evidence = Evidence(tuple(samples), runs)
        return explain_failure(judge_all(plan.budgets, evidence, plan.certainty), samples)

    return explain


def _marks(lines):
    return [found[1] for line in lines if (found := re.match("  (BROKEN|OPEN|kept) ", line))]


def test_message_of_one_budget(explain, make_sample):
    """Seen, allowed, margin, n and k; where the time went; what it tells; the way out."""
    cold = make_sample(1000, 200)
    line = replace(cold.timeline, connect_started_ns=0, connected_ns=MS // 2)

    assert [
        "p95 latency 1 s > 500 ms (+100 %): 1 of 1 call over, 0 allowed;",
        "  true share 2.5-100.0 % (95 %); one call decides",
        "",
        "Where the time of the call went:",
        "  model                   run  total  connect  first token  streaming  ended",
        "  gpt-4o-mini-2024-07-18    0    1 s   500 us       199 ms     800 ms  ok",
        "",
        "p95 latency of all calls to come: not known; an upper end takes 72 calls",
        "",
        'To allow what was seen: latency(p95="1000ms")',
        "One call more or less turns this: be sure with latency(confidence=0.95),",
        "  or take more with latency(iterations=...)",
    ] == explain([replace(cold, timeline=line)], p95="500ms").splitlines()


def test_all_budgets_are_in_one_message(explain, make_sample):
    """The first line stands for the worst, the list has each, kept ones too."""
    lines = explain([make_sample(1000, 200)], p95="500ms", ttft="100ms", cost="$1").splitlines()

    assert lines[0].startswith("2 of 3 budgets broken; first: p95 latency 1 s > 500 ms")
    assert ["BROKEN", "BROKEN", "kept"] == _marks(lines)
    assert 'To allow what was seen: latency(p95="1000ms", ttft_p95="200ms")' in lines


@pytest.mark.parametrize(
    ("words", "way_out"),
    [
        ({"cost": "$0.0001"}, 'latency(cost="$0.002")'),
        ({"min_tokens_per_second": 99}, "latency(min_tokens_per_second=12)"),
        ({"calls": 1}, "latency(calls=2)"),
    ],
)
def test_way_out_is_what_would_have_held(explain, make_sample, words, way_out):
    """The last line is a mark that what was seen would keep."""
    text = explain([make_sample(), make_sample()], **words)

    assert way_out in text


def test_way_out_of_a_long_time_can_be_read(explain, make_sample):
    """A limit above a thousand seconds has no exponent, which no mark understands."""
    text = explain([make_sample(1_234_567)], p95="500ms")

    assert 'latency(p95="1300000ms")' in text


@pytest.mark.parametrize("milliseconds", [1, 17, 999, 1001, 59_999, 1_234_567])
def test_way_out_holds(explain, make_sample, milliseconds):
    """The suggested mark can be read and keeps what was seen."""
    samples = [make_sample(milliseconds, 0)]
    text = explain(samples, p95="1us")
    limit = text.partition('latency(p95="')[2].partition('"')[0]

    (verdict,) = judge_all(read_plan({"p95": limit}).budgets, Evidence(tuple(samples), (MS,)))

    assert Ruling.KEPT == verdict.ruling


def test_unknown_price_has_no_limit_to_raise(explain, make_sample):
    """An error is not mended by a higher limit."""
    assert "To allow" not in explain([make_sample(usd=None)], cost="$1")


def test_way_out_of_an_error_rate(explain, make_sample):
    """Shares are suggested as percentages."""
    text = explain([make_sample(), make_sample(status=Status.ERROR)], error_rate=0)

    assert 'latency(error_rate="50%")' in text


def test_failed_call_tells_how_it_ended(explain, make_sample):
    """A failed call is slowest of all, with its status, its error and its attempts."""
    outcome = Outcome(Status.ERROR, "overloaded_error", http_status=529)
    failed = make_sample(
        10,
        None,
        outcome=outcome,
        attempts=(Attempt(0, 1, outcome), Attempt(2, 3, outcome)),
    )

    lines = explain([make_sample(), failed], p95="2s").splitlines()

    assert lines[5].endswith(
        "reused            -          -  error 529 overloaded_error after 2 attempts"
    )


def test_whole_answer_waits_to_its_end(explain, make_sample):
    """An answer that was not streamed has waited for all of it."""
    lines = explain([make_sample(streamed=False)], p95="500ms").splitlines()

    assert "999 ms          -  ok" in lines[5]


def test_calls_of_fixtures_are_not_listed(explain, make_sample):
    """Only calls of the body are among the slowest."""
    text = explain([make_sample(phase=Phase.SETUP)], p95="2s")

    assert "Slowest" not in text
    assert "no provider call was seen" in text


def test_a_budget_that_was_not_judged_is_listed():
    """Beside a broken budget the ones that were not judged are named."""
    broken = Verdict("p95", Ruling.BROKEN, "1s", "ms", 1000, reason="no call")
    text = explain_failure([broken, replace(broken, ruling=Ruling.NOT_JUDGED)], [])

    assert "  unknown p95 latency" in text


def test_doubt_that_fails_is_told_apart(explain, make_sample):
    """An open budget is no broken one, and raising its limit is no way out."""
    samples = [make_sample(9000 if run == 3 else 100, run=run) for run in range(20)]
    words = {"p95": "2s", "max": "3s", "confidence": 0.95, "on_inconclusive": "fail"}
    lines = explain(samples, **words).splitlines()

    assert lines[0].startswith("2 of 2 budgets broken or not settled; first: p95 latency not")
    assert ["OPEN", "BROKEN"] == _marks(lines)
    assert 'To allow what was seen: latency(max="9000ms")' in lines


def test_burst_is_told_with_its_way_out(explain, make_sample):
    """Slow calls in a row may have one cause."""
    samples = [
        replace(one, timeline=replace(one.timeline, started_ns=n, ended_ns=n + one.latency_ns))
        for n, one in enumerate(make_sample(3000 if n < 4 else 100) for n in range(20))
    ]

    assert "spread the runs over more time" in explain(samples, p95="2s")
