"""Sentences: a verdict as one line, word for word."""

from dataclasses import replace

import pytest

from llm_latency_lens.budgets import Ruling, Verdict, amount, describe, describe_interval, is_burst

_P95 = Verdict(
    "p95", Ruling.BROKEN, "2s", "ms", 2000, 3410, 20, 3, 1, share_low=0.032, share_high=0.379
)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0123, "ms", "12 us"),
        (12.345, "ms", "12.3 ms"),
        (3410, "ms", "3.41 s"),
        (61_000, "ms", "61 s"),
        (None, "ms", "no end"),
        (None, "usd", "unknown"),
        (0.00001234, "usd", "$0.0000123"),
        (0.0021, "usd", "$0.0021"),
        (12.5, "usd", "$12.50"),
        (0.01, "share", "1 %"),
        (3, "calls", "3"),
        (84.25, "tokens/s", "84.2 tokens/s"),
        (1234.5, "tokens/s", "1234 tokens/s"),
        (999.6, "ms", "1000 ms"),
        (999.6, "tokens/s", "1000 tokens/s"),
        (0.00002, "tokens/s", "0.00002 tokens/s"),
        (1e-7, "share", "0.00001 %"),
        (3_600_000, "ms", "3600 s"),
        (0, "ms", "0 us"),
        (0, "usd", "$0"),
        (1_234_567.891, "usd", "$1234567.89"),
    ],
)
def test_amounts_have_three_digits(value, unit, text):
    """Three significant digits and never an exponent."""
    assert text == amount(value, unit)


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (
            _P95,
            (
                "p95 latency 3.41 s > 2 s (+70 %): 3 of 20 calls over, 1 allowed; "
                "true share 3.2-37.9 % (95 %)"
            ),
        ),
        (
            replace(_P95, one_call_decides=True, excluded=2),
            (
                "p95 latency 3.41 s > 2 s (+70 %): 3 of 20 calls over, 1 allowed; "
                "true share 3.2-37.9 % (95 %); one call decides; 2 excluded"
            ),
        ),
        (
            replace(_P95, observed=None),
            "p95 latency no end > 2 s: 3 of 20 calls over, 1 allowed; true share 3.2-37.9 % (95 %)",
        ),
        (
            replace(_P95, ruling=Ruling.KEPT, observed=900, k=0, one_call_decides=True),
            "p95 latency 900 ms <= 2 s: 0 of 20 calls over, 1 allowed",
        ),
        (
            replace(_P95, word="ttft_p95", provider="openai", model="gpt-4o", k=20, allowed=1),
            (
                "p95 TTFT of openai gpt-4o 3.41 s > 2 s (+70 %): 20 of 20 calls over, 1 allowed; "
                "true share 3.2-37.9 % (95 %)"
            ),
        ),
        (
            Verdict("ttft_p95", Ruling.BROKEN, "1s", "ms", 1000, reason="not streamed"),
            "p95 TTFT <= 1 s: not streamed",
        ),
        (
            Verdict("cost", Ruling.ERROR, "$1", "usd", 1, 0.5, 2, reason="unknown price"),
            "cost <= $1.00: unknown price",
        ),
        (
            Verdict("cost_per_call", Ruling.BROKEN, "$0.001", "usd", 0.001, 0.002, 3),
            "cost per call $0.002 > $0.001 (+100 %): n=3 calls",
        ),
        (
            Verdict("calls", Ruling.BROKEN, "1", "calls", 1, 2, 1),
            "calls 2 > 1 (+100 %): n=1 run",
        ),
        (
            Verdict("error_rate", Ruling.KEPT, "0%", "share", 0, 0, 5, 0, 0, 0.0, 0.5),
            "error rate 0 % <= 0 %: 0 of 5 calls failed, 0 allowed",
        ),
        (
            Verdict("min_tokens_per_second", Ruling.BROKEN, "30", "tokens/s", 30, 15, 2, 2, 0),
            (
                "min tokens per second 15 tokens/s < 30 tokens/s (-50 %): 2 of 2 calls slower, "
                "0 allowed"
            ),
        ),
        (
            Verdict("min_tokens_per_second", Ruling.KEPT, "30", "tokens/s", 30, 45, 2, 0, 0),
            "min tokens per second 45 tokens/s >= 30 tokens/s: 0 of 2 calls slower, 0 allowed",
        ),
        (
            replace(_P95, observed=2001),
            (
                "p95 latency 2.001 s > 2 s (+0 %): 3 of 20 calls over, 1 allowed; "
                "true share 3.2-37.9 % (95 %)"
            ),
        ),
        (
            Verdict("mean", Ruling.KEPT, "2s", "ms", 2000, 2000, 3),
            "mean latency 2 s <= 2 s: n=3 calls",
        ),
        (
            Verdict("cost", Ruling.BROKEN, "$1", "usd", 1, 1.001, 3),
            "cost $1.001 > $1 (+0 %): n=3 calls",
        ),
        (
            Verdict("mean", Ruling.BROKEN, "1s", "ms", 1000, 1000.0000000001, 3),
            "mean latency 1 s > 1 s (+0 %): n=3 calls",
        ),
        (
            Verdict("timeout_rate", Ruling.BROKEN, "0%", "share", 0, 0.5, 2, 1, 0),
            "timeout rate 50 % > 0 %: 1 of 2 calls timed out, 0 allowed",
        ),
        (
            Verdict("p95", Ruling.NOT_JUDGED, "2s", "ms", 2000, reason="no call was seen"),
            "p95 latency <= 2 s: no call was seen",
        ),
        (
            Verdict("run_max", Ruling.KEPT, "1s", "ms", 1000, 10, 2, 0, 0),
            "max run time 10 ms <= 1 s: 0 of 2 runs over, 0 allowed",
        ),
    ],
)
def test_verdict_is_one_line(verdict, text):
    """What was seen, what is allowed, the margin, n and k."""
    assert text == describe(verdict)


def test_margin_needs_two_numbers():
    """Without a finite value or with a limit of zero there is no margin."""
    no_value, no_limit = replace(_P95, observed=None), replace(_P95, limit=0)

    assert (None, None) == (no_value.margin, no_limit.margin)


_SETTLED = replace(
    _P95, n=12, allowed=None, confidence=0.95, planned=20, unmade=8, fails_at=4, burst_chance=0.5
)
_OPEN = replace(
    _SETTLED,
    ruling=Ruling.NOT_SETTLED,
    n=20,
    k=1,
    unmade=0,
    pass_over=0,
    pass_runs=59,
    pass_runs_next=99,
)


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (
            _SETTLED,
            (
                "p95 latency: 3 of 12 calls over 2 s, 1 in 20 allowed; settled at 95 %, "
                "8 of 20 calls not made; p95 = 3.41 s (nearest rank, n=12)"
            ),
        ),
        (
            replace(_SETTLED, ruling=Ruling.KEPT, k=0, unmade=0, tolerance=2.0, observed=1000),
            (
                "p95 latency: 0 of 12 calls over 2 s, 1 in 20 allowed; settled at 95 % against 2 "
                "times that; p95 = 1 s (nearest rank, n=12)"
            ),
        ),
        (
            replace(_SETTLED, burst_chance=0.0035, is_per_run=True, observed=None, excluded=1),
            (
                "p95 latency: 3 of 12 runs over 2 s, 1 in 20 allowed; settled at 95 %, "
                "8 of 20 runs not made; p95 = no end (nearest rank, n=12); "
                "in bursts (by chance: 0.35 %); 1 excluded"
            ),
        ),
        (
            _OPEN,
            (
                "p95 latency not settled at 95 %: 1 of 20 calls over 2 s, 4 would fail; "
                "a pass takes iterations=59 with none over, or 99 with one (on_inconclusive=pass)"
            ),
        ),
        (
            replace(_OPEN, pass_over=4, pass_runs=198, fails_unsettled=True, confidence=0.999),
            (
                "p95 latency not settled at 99.9 %: 1 of 20 calls over 2 s, 4 would fail; "
                "a pass takes iterations=198 with 4 over, or 99 with 5 (on_inconclusive=fail)"
            ),
        ),
        (
            replace(_OPEN, pass_runs=None, unmade=8),
            (
                "p95 latency not settled at 95 %: 1 of 20 calls over 2 s, 4 would fail; "
                "8 of 20 calls not made"
            ),
        ),
        (
            replace(_SETTLED, word="error_rate", unit="share", limit=0.01, observed=0.25),
            (
                "error rate: 3 of 12 calls failed, 1 in 100 allowed; settled at 95 %, "
                "8 of 20 calls not made; seen 25 %"
            ),
        ),
        (
            replace(_SETTLED, word="timeout_rate", unit="share", limit=0.025, observed=0.25),
            (
                "timeout rate: 3 of 12 calls timed out, 1 in 40 allowed; settled at 95 %, "
                "8 of 20 calls not made; seen 25 %"
            ),
        ),
        (
            replace(_SETTLED, word="error_rate", unit="share", limit=0.03, observed=0.25),
            (
                "error rate: 3 of 12 calls failed, 3 % allowed; settled at 95 %, "
                "8 of 20 calls not made; seen 25 %"
            ),
        ),
        (
            replace(
                _SETTLED, word="min_tokens_per_second", unit="tokens/s", limit=30, observed=12.0
            ),
            (
                "min tokens per second: 3 of 12 calls below 30 tokens/s, 1 in 10 allowed; "
                "settled at 95 %, 8 of 20 calls not made; p10 = 12 tokens/s (nearest rank, n=12)"
            ),
        ),
        (
            replace(_SETTLED, word="ttft_p95"),
            (
                "p95 TTFT: 3 of 12 calls over 2 s, 1 in 20 allowed; settled at 95 %, "
                "8 of 20 calls not made; p95 = 3.41 s (nearest rank, n=12)"
            ),
        ),
        (
            replace(_SETTLED, ruling=Ruling.ERROR, reason="a double answered"),
            "p95 latency <= 2 s: a double answered",
        ),
        (
            Verdict("mean", Ruling.NOT_SETTLED, "2s", "ms", 2000, 2100, 20, confidence=0.95),
            (
                "mean latency 2.1 s > 2 s: n=20 calls; above by chance? not settled at 95 % "
                "(on_inconclusive=pass)"
            ),
        ),
        (
            Verdict("cost", Ruling.BROKEN, "$1", "usd", 1, 0.9, 3, reason="3 of 50 runs were made"),
            "cost <= $1.00: 3 of 50 runs were made",
        ),
        (
            replace(_P95, burst_chance=0.0035),
            (
                "p95 latency 3.41 s > 2 s (+70 %): 3 of 20 calls over, 1 allowed; "
                "true share 3.2-37.9 % (95 %); in bursts (by chance: 0.35 %)"
            ),
        ),
    ],
)
def test_verdict_with_a_confidence_is_one_line(verdict, text):
    """What was counted, what it settles or leaves open, and what it would take."""
    assert text == describe(verdict)


@pytest.mark.parametrize(
    ("chance", "expected"), [(None, False), (0.5, False), (0.01, False), (0.0099, True)]
)
def test_burst_is_rarer_than_one_in_a_hundred(chance, expected):
    """Unless nobody looked."""
    assert expected == is_burst(replace(_P95, burst_chance=chance))


_BOUNDED = replace(_P95, calls_to_bound=72, n=100, percentile_low=252.0, percentile_high=3410.0)


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (_P95, ""),
        (_BOUNDED, "p95 latency of all calls to come: 252 ms to 3.41 s (95 %)"),
        (
            replace(_BOUNDED, percentile_high=None, n=20),
            "p95 latency of all calls to come: 252 ms or more (95 %); an upper end takes 72 calls",
        ),
        (
            replace(_BOUNDED, percentile_low=None, percentile_high=None, n=1),
            "p95 latency of all calls to come: not known; an upper end takes 72 calls",
        ),
        (
            replace(_BOUNDED, percentile_high=None),
            (
                "p95 latency of all calls to come: 252 ms or more (95 %); "
                "no upper end, as calls failed"
            ),
        ),
        (
            replace(
                _BOUNDED,
                word="min_tokens_per_second",
                unit="tokens/s",
                percentile_low=None,
                percentile_high=40,
                calls_to_bound=36,
                n=20,
            ),
            (
                "min tokens per second of all calls to come: 40 tokens/s or less (95 %); "
                "a lower end takes 36 calls"
            ),
        ),
        (
            replace(_BOUNDED, word="run_p95"),
            "p95 run time of all runs to come: 252 ms to 3.41 s (95 %)",
        ),
    ],
)
def test_interval_is_one_line(verdict, text):
    """Where the true percentile lies, and what an end takes that is missing."""
    assert text == describe_interval(verdict)
