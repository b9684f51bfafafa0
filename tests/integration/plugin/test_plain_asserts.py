"""Plain asserts on results: they explain themselves when they fail."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

@pytest.fixture
def result(lens, stream):
    return lens.profile(stream, iterations=3)

def test_holds(result):
    assert result.latency.p95 < 20_000
    assert 0 < result.ttft.p50 <= result.latency.max
    assert result.reliability.success_rate == 1

def test_latency(result):
    assert result.latency.p95 < 1

def test_reversed(result):
    assert 1 > result.ttft.median

def test_rate(result):
    assert result.throughput.tokens_per_second > 10_000_000

def test_cost(result):
    assert result.cost.total == 0

def test_success(result):
    assert result.reliability.success_rate < 1

def test_empty(lens):
    assert lens.profile(lambda: None).latency.p95 < 20_000

def test_unpriced(lens, ask):
    assert lens.profile(lambda: ask("nobody-sells-this")).cost.total < 1

def test_others():
    assert 1 == 2
"""


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite."""
    return run_inner(SUITE)


@pytest.mark.parametrize(
    ("name", "evidence"),
    [
        ("test_latency", r"latency\.p95 = [\d.]+ ms \(n=3\)"),
        ("test_reversed", r"ttft\.median = [\d.]+ ms \(n=3\)"),
        ("test_rate", r"throughput\.tokens_per_second = [\d.]+ tokens/s \(n=3\)"),
        ("test_cost", r"cost\.total = [\d.e-]+ USD \(n=3\)"),
        ("test_success", r"reliability\.success_rate = 1 \(n=3\)"),
    ],
)
def test_a_failed_assert_names_the_number(inner, name, evidence):
    """The failure shows the name of the number, its unit, and how many values are behind it."""
    lines = pytest.LineMatcher(inner.failure(name).splitlines())

    lines.re_match_lines([rf"E +{evidence}$"])


def test_asserts_that_hold_pass(inner):
    """Results compare as plain numbers."""
    assert "passed" == inner.outcome("test_holds")


def test_an_empty_result_passes_no_assert(inner):
    """A number of nothing raises and says why there is none."""
    text = inner.failure("test_empty")

    assert "latency.p95 has no value: no provider call was seen" in text


def test_an_unknown_price_passes_no_assert(inner):
    """A sum over a call without a price raises and says how to give one."""
    assert "the cost of 10 of 10 calls is unknown" in inner.sentences("test_unpriced")
    assert "--lens-prices" in inner.failure("test_unpriced")


def test_other_asserts_are_left_alone(inner):
    """An assert on other values reads as pytest writes it."""
    assert inner.failure("test_others").count("assert 1 == 2") == 2
