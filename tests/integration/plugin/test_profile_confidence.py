"""confidence= on lens.profile and lens.aprofile: stop when settled, whatever is in flight."""

import pytest

pytest.importorskip("openai", reason="needs the openai SDK")

SUITE = """
import openai
import pytest

@pytest.fixture
def send(simulator):
    simulator.script("failing", status=500)
    simulator.script("slow", latency=200)

    async def send(model):
        async with openai.AsyncOpenAI(
            base_url=simulator.base_url, api_key="k", max_retries=0
        ) as client:
            await client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": "hi"}]
            )

    return send

def test_clean(lens, ask):
    result = lens.profile(ask, iterations=100, confidence=0.95, p95="20s")
    (verdict,) = result.verdicts
    assert ("kept", 71, 71) == (verdict.ruling, verdict.n, len(result.run_ns))
    assert 29 == result.saved.runs
    assert 0 < result.saved.usd

@pytest.mark.asyncio
async def test_in_flight(lens, send):
    result = await lens.aprofile(
        lambda: send("gpt-4o-mini"), iterations=100, concurrency=5, confidence=0.95, p95="20s"
    )
    # Those in flight when it was settled are waited for, and are not looked at; while one of the
    # first 71 takes its time, the others go on.
    assert 71 == result.verdicts[0].n <= len(result.run_ns)

def test_failing(lens, ask, send):
    lens.profile(
        lambda: ask("failing"), iterations=100, concurrency=4, confidence=0.95, error_rate="5%"
    )

@pytest.mark.asyncio
async def test_slow_in_flight(lens, send):
    # The first four are over their limit long before they end.
    await lens.aprofile(
        lambda: send("slow"), iterations=100, concurrency=20, confidence=0.95, p95="50ms"
    )

def test_short(lens, ask):
    result = lens.profile(ask, iterations=20, confidence=0.95, p95="20s")
    assert "not settled" == result.verdicts[0].ruling

def test_strict(lens, ask):
    lens.profile(ask, iterations=20, confidence=0.95, p95="20s", on_inconclusive="fail")

def test_refused(lens, ask):
    lens.profile(ask, tolerance=2, p95="20s")

def test_capped(lens, ask):
    # A call costs $0.0000042.
    lens.profile(ask, iterations=50, warmup=1, cost="$0.00002")
"""


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite."""
    return run_inner(SUITE, "--lens-report", plugins=("asyncio",), warnings="default")


def _runs(inner, name):
    return len({one["run"] for one in inner.report()["calls"] if name in one["node_id"]})


@pytest.mark.parametrize("name", ["test_clean", "test_in_flight", "test_short"])
def test_profiles_that_hold(inner, name):
    """Their own asserts hold."""
    assert "passed" == inner.outcome(name)


def test_failed_calls_are_counted_as_they_end(inner):
    """Four errors break a rate of 5 %, and few of a hundred are made."""
    failure = inner.sentences("test_failing")

    assert "error rate: 4 of 4 calls failed, 1 in 20 allowed; settled at 95 %" in failure
    assert len([one for one in inner.report()["calls"] if "test_failing" in one["node_id"]]) < 20


def test_slow_calls_are_counted_in_the_order_of_their_start(inner):
    """The first ones decide."""
    assert "4 of 4 calls over 50 ms" in inner.sentences("test_slow_in_flight")


def test_warning_names_the_line_of_the_test(inner):
    """A pass that is impossible is told where it was asked for."""
    assert "result = lens.profile(ask, iterations=20, confidence=0.95" in inner.text


def test_doubt_fails_where_it_is_asked_to(inner):
    """As a failed assertion."""
    assert "(on_inconclusive=fail)" in inner.failure("test_strict")


def test_idle_option_is_refused(inner):
    """As on the marker."""
    assert "tolerance= has no meaning without confidence=" in inner.sentences("test_refused")


def test_cap_stops_a_profile(inner):
    """One call of warm-up and three that count are below the cap; a fifth would cross it."""
    assert "3 of 50 runs were made" in inner.sentences("test_capped")


def test_savings_of_profiles_are_in_the_report(inner):
    """With those of their test."""
    saved = {one["node_id"].rpartition("::")[2]: one["saved"] for one in inner.report()["tests"]}

    assert (29, True) == (saved["test_clean"]["runs"], saved["test_clean"]["usd"] > 0)
