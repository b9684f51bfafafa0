"""Sentences: a verdict as one line, word for word."""

from dataclasses import replace

import pytest

from llm_latency_lens.budgets import Ruling, Verdict, amount, describe

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
