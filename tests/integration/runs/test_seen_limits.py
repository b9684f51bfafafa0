"""Rate limits as they were last told, by model, and what later runs make of them."""

import pytest
import trio

from llm_latency_lens.pricing import CostInfo, PriceBook, PriceRow
from llm_latency_lens.profiler import Adaptive, LatencyProfiler, RateLimits, Target
from llm_latency_lens.samples import RateLimit

S = 1_000_000_000
# One more now, and one every second.
ONE_A_SECOND = (RateLimit("requests", 10, 1, 9 * S),)
WIDE = (RateLimit("requests", 1000, 999, S),)
EIGHT = Adaptive(8, 8, 8)


def _starts(vendor, model):
    return [at for prompt, at in vendor.asked if prompt.model == model]


def test_before_the_first_call_no_limit_is_known(profiler):
    """There is an entry for each model all the same."""
    assert (RateLimits("fake", "a"), RateLimits("fake", "b")) == (
        profiler(models=("a", "b")).get_rate_limits()
    )


def test_limits_are_those_of_the_last_answer_of_each_model(in_trio, profiler, vendor):
    """With the time at which it came; a model that tells none has none."""
    vendor.limits["a"] = WIDE
    made = profiler(models=("a", "b"), iterations=2, concurrency=1)
    in_trio(lambda: made.profile("hi"))
    a, b = made.get_rate_limits()

    assert (WIDE, ()) == (a.limits, b.limits)
    assert pytest.approx(0.24 * S, abs=1000) == a.told_ns - 1_790_000_000 * S
    assert b.told_ns is None


def test_an_answer_without_limits_leaves_what_is_known(in_trio, profiler, vendor):
    """Not every answer tells them."""
    vendor.limits["m"] = WIDE
    made = profiler(iterations=1)
    in_trio(lambda: made.profile("hi"))
    vendor.limits.clear()
    in_trio(lambda: made.profile("hi"))

    assert WIDE == made.get_rate_limits()[0].limits


def test_an_adaptive_run_heeds_what_warm_up_was_told(in_trio, profiler, vendor):
    """Its first calls are no burst."""
    vendor.limits["m"] = ONE_A_SECOND
    in_trio(lambda: profiler(iterations=3, warmup=1, schedule=EIGHT).profile("hi"))
    starts = _starts(vendor, "m")

    assert starts[3] - starts[1] > 1


def test_an_adaptive_run_heeds_what_the_last_run_was_told(in_trio, profiler, vendor):
    """And what has come back since."""
    vendor.limits["m"] = ONE_A_SECOND
    made = profiler(iterations=3, schedule=EIGHT)

    async def twice(pause_s):
        await made.profile("hi", iterations=1)
        await trio.sleep(pause_s)
        await made.profile("hi")
        starts = _starts(vendor, "m")[-3:]
        return starts[-1] - starts[0]

    assert in_trio(twice, 0) > 1
    assert 0 == in_trio(twice, 20)


def test_the_limits_of_one_model_are_not_those_of_another(in_trio, profiler, vendor):
    """Though they have one name, and the other's answer came later."""
    vendor.limits = {"a": ONE_A_SECOND, "b": WIDE}
    made = profiler(models=("a", "b"), iterations=3, warmup=1, schedule=Adaptive(16, 16, 16))
    in_trio(lambda: made.profile("hi"))
    starts = _starts(vendor, "a")[1:]

    assert starts[-1] - starts[0] > 1


def test_a_cost_is_that_of_the_price_book():
    """With its source and its day; in dollars per million tokens."""
    known, unknown = LatencyProfiler(
        targets=[Target("openai", "gpt-4o-mini"), Target("ollama", "none-such")]
    ).get_cost_info()

    assert (True, "0.15", "0.6", "0.075") == (
        known.is_known,
        str(known.input_usd_per_million),
        str(known.output_usd_per_million),
        str(known.cached_input_usd_per_million),
    )
    assert known.source.startswith("genai-prices ")
    assert CostInfo("ollama", "none-such", known.day) == unknown
    assert not unknown.is_known


def test_a_cost_is_that_of_the_price_file_first():
    """A model of one's own is free because someone said so."""
    row = PriceRow("none-such", 0, 0, "ollama", source="prices.toml")
    made = LatencyProfiler("ollama", "none-such", prices=PriceBook((row,)))
    (info,) = made.get_cost_info()

    assert (True, 0, "prices.toml") == (info.is_known, info.input_usd_per_million, info.source)


def test_a_price_that_grows_with_the_input_says_so():
    """The one of short inputs is told, and from where on it is another."""
    (info,) = LatencyProfiler("google", "gemini-2.5-pro").get_cost_info()

    assert ("1.25", 200_000) == (str(info.input_usd_per_million), info.dearer_above_input_tokens)


def test_prices_of_a_function_are_unknown_per_token():
    """It prices calls; what a token costs, it alone knows."""
    (info,) = LatencyProfiler("openai", "gpt-4o-mini", prices=lambda _: None).get_cost_info()

    assert (False, None) == (info.is_known, info.input_usd_per_million)
