"""The same suite on no worker and on four: the same calls, tokens and money in one report."""

import pytest

pytest.importorskip("openai")
pytest.importorskip("xdist")

SUITE = """
import pytest

@pytest.mark.latency(p95="20s", iterations=3, warmup=1)
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4o-mini"])
@pytest.mark.parametrize("number", range(3))
def test_streamed(stream, model, number):
    stream(model)

@pytest.mark.latency(p95="1ms")
@pytest.mark.parametrize("number", range(3))
def test_broken(ask, number):
    ask()

@pytest.mark.parametrize("number", range(3))
def test_profile(lens, ask, number):
    lens.profile(ask, iterations=4, concurrency=2)

@pytest.mark.parametrize("number", range(3))
def test_unmarked(ask, number):
    ask()
"""


@pytest.fixture(scope="module")
def alone(run_inner):
    """The run without workers."""
    return run_inner(SUITE, "-n", "0", "--lens-report")


@pytest.fixture(scope="module")
def merged(run_inner):
    """The run on four workers."""
    return run_inner(SUITE, "-n", "4", "--lens-report")


@pytest.mark.parametrize("key", ["calls", "ok", "errors", "streamed", "retries", "tokens", "cost"])
def test_totals_are_the_same(alone, merged, key):
    """Calls, tokens and money do not depend on the number of workers."""
    assert alone.report()["total"][key] == merged.report()["total"][key]


def test_models_are_the_same(alone, merged):
    """So it is for each model."""

    def facts(inner):
        return [
            (one["provider"], one["model"], one["calls"], one["tokens"], one["cost"])
            for one in inner.report()["models"]
        ]

    assert facts(alone) == facts(merged)


def test_tests_and_rulings_are_the_same(alone, merged):
    """Every test is in the report once, with the same rulings."""

    def facts(inner):
        return [
            (one["node_id"], one["outcome"], one["runs"], [v["ruling"] for v in one["verdicts"]])
            for one in inner.report()["tests"]
        ]

    assert facts(alone) == facts(merged)
    assert alone.report()["budgets"] == merged.report()["budgets"]


def test_calls_belong_to_the_same_tests(alone, merged):
    """Every call carries its test, run and phase, whichever worker made it."""

    def facts(inner):
        return sorted(
            (one["node_id"], one["run"], one["phase"], one["input_tokens"], one["cost_usd"])
            for one in inner.report()["calls"]
        )

    assert facts(alone) == facts(merged)


def test_no_call_is_counted_twice(merged):
    """Ids are unique over all workers."""
    ids = [one["id"] for one in merged.report()["calls"]]

    assert 42 == len(ids) == len(set(ids))


def test_the_number_of_workers_is_told(alone, merged):
    """The report says how many processes ran tests."""
    assert (1, 4) == (alone.report()["workers"], merged.report()["workers"])


def test_there_is_one_summary(merged):
    """Only the controller summarises."""
    assert 1 == merged.text.count("LLM latency lens =")
    assert any(line.startswith("42 calls (6 in warm-up and fixtures)") for line in merged.summary)
