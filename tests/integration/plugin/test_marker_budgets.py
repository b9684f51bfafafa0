"""The marker on tests that ask a provider: what holds, what breaks, and how that reads."""

import re

import pytest

pytest.importorskip("openai")

SUITE = """
import openai
import pytest

@pytest.mark.latency(p95="20s", ttft="20s", tpot_mean="10s", cost_per_call="$1", calls=1)
def test_kept(stream):
    stream()

@pytest.mark.latency(p95="1ms", ttft="1ms", max="20s", cost_per_call="$0.0000001", iterations=3)
def test_broken(stream):
    stream()

@pytest.mark.latency(ttft="20s")
def test_not_streamed(ask):
    ask()

@pytest.mark.latency(p95="20s")
def test_no_call():
    pass

@pytest.mark.latency(cost_per_call="$1")
def test_no_price(ask):
    ask("nobody-sells-this")

@pytest.mark.latency(error_rate="0%", p95="20s")
def test_failed_call(simulator, ask):
    simulator.script("down", status=503)
    with pytest.raises(openai.InternalServerError):
        ask("down")

@pytest.mark.latency(calls=1)
def test_too_many_calls(ask):
    ask()
    ask()

@pytest.mark.latency(p95="20s", model="gpt-4o")
def test_other_model(ask):
    ask("gpt-4o-mini")

@pytest.mark.latency(p95="1ms")
def test_body_fails(ask):
    ask()
    assert 1 == 2

@pytest.mark.latency(min_tokens_per_second=1_000_000)
def test_slow_stream(stream):
    stream()

@pytest.mark.latency(run_max="1ms", p95="20s")
def test_slow_run(ask):
    ask()
"""


@pytest.fixture(scope="module")
def inner(run_inner, distribution):
    """One run of the suite, alone and with two workers."""
    return run_inner(SUITE, *distribution)


def test_budgets_that_hold_pass(inner):
    """A test whose budgets hold passes."""
    assert "passed" == inner.outcome("test_kept")


def test_broken_budgets_fail_the_call_phase(inner):
    """A broken budget fails the test itself; exit code 1."""
    assert ("failed", 1) == (inner.outcome("test_broken"), inner.ret)


def test_one_message_names_all_broken_budgets(inner):
    """All broken budgets of a test stand in one message, with the ones that held."""
    text = inner.failure("test_broken")

    assert text.startswith("3 of 4 budgets broken; first: p95 latency ")
    assert (3, 1) == (text.count("  BROKEN  "), text.count("  kept    "))


def test_message_gives_seen_allowed_margin_n_and_k(inner):
    """A line holds what was seen, what is allowed, the margin, k of n, and how many may be over."""
    assert re.search(
        r" BROKEN p95 latency [\d.]+ \w+ > 1 ms \(\+\d+ %\): 3 of 3 calls over, 0 allowed; ",
        inner.sentences("test_broken"),
    )


def test_message_lists_the_slowest_calls(inner):
    """The slowest calls are listed with where their time went."""
    text = inner.failure("test_broken")

    assert "Slowest of 3 calls and where their time went:" in text
    for heading in ("connect", "first token", "streaming"):
        assert heading in text


def test_message_ends_with_the_way_out(inner):
    """The last line is a mark that would have held."""
    last = inner.sentences("test_broken").rpartition("To allow what was seen: ")[2]

    assert last.startswith('latency(p95="')
    assert 'ttft_p95="' in last
    assert 'cost_per_call="$0.' in last


def test_message_has_no_traceback_of_ours(inner):
    """A broken budget shows no line of the plugin's code."""
    assert "llm_latency_lens" not in inner.failure("test_broken")


def test_ttft_of_an_answer_in_one_piece_breaks(inner):
    """A ttft budget breaks when nothing was streamed."""
    assert "not streamed" in inner.sentences("test_not_streamed")


def test_no_call_breaks(inner):
    """A mark on a test without any call breaks, and names lens_hosts as a cause."""
    assert "no provider call was seen" in inner.sentences("test_no_call")
    assert "lens_hosts" in inner.failure("test_no_call")


def test_unknown_price_breaks(inner):
    """A cost budget over a call without a price fails, and says how to give one."""
    assert "no price is known for model 'nobody-sells-this'" in inner.sentences("test_no_price")
    assert "--lens-prices" in inner.failure("test_no_price")


def test_failed_call_breaks_its_error_rate_and_latency(inner):
    """A failed call that the body handled still counts as an error and as infinitely slow."""
    text = inner.sentences("test_failed_call")

    assert "2 of 2 budgets broken" in text
    assert "error rate 100 % > 0 %" in text


def test_too_many_calls_break(inner):
    """More calls in one run than allowed break calls=."""
    assert "calls 2 > 1" in inner.sentences("test_too_many_calls")


def test_other_model_is_not_judged_for_it(inner):
    """A budget on another model than the one that was asked says which was seen."""
    text = inner.sentences("test_other_model")

    assert "no call to gpt-4o was seen; seen were openai gpt-4o-mini" in text


def test_failing_body_keeps_its_own_message(inner):
    """A body that fails by itself is reported as such; no budget is judged on it."""
    text = inner.failure("test_body_fails")

    assert "assert 1 == 2" in text
    assert "latency" not in text.replace("pytest.mark.latency", "")


def test_slow_stream_breaks_its_rate(inner):
    """A stream slower than its rate breaks, and is compared as a floor."""
    assert "min tokens per second" in inner.sentences("test_slow_stream")
    assert "< 1000000 tokens/s" in inner.sentences("test_slow_stream")


def test_slow_run_breaks(inner):
    """A budget on runs judges the wall time of the body."""
    assert "max run time" in inner.sentences("test_slow_run")


def test_summary_counts_the_budgets(inner):
    """The summary at the end counts kept and broken budgets and those in error."""
    assert ["budgets: 7 kept, 11 broken, 1 in error"] == [
        line for line in inner.summary if line.startswith("budgets:")
    ]
