"""An error of the lens ends at the line of the test that met it."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

def test_budget(lens, ask):
    lens.profile(ask, iterations=2, p95="1ms")

def test_reading(lens, ask):
    result = lens.profile(ask, iterations=2)
    assert result.ttft.p95 < 1

def test_configuration(lens, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    lens.profile(provider="openai", model="m", prompt="p")

@pytest.mark.asyncio
async def test_async(lens, ask):
    await lens.aprofile(ask, iterations=2, p95="1ms")

def below():
    raise ZeroDivisionError("of the suite")

def test_own_fault(lens):
    lens.profile(below)

@pytest.mark.latency(p95="1ms")
def test_mark(ask):
    ask()
"""
LAST_LINES = {
    "test_budget": "test_inner.py:5: BudgetBroken",
    "test_reading": "test_inner.py:9: EmptyAggregate",
    "test_configuration": "test_inner.py:13: ConfigurationError",
    "test_async": "test_inner.py:17: BudgetBroken",
}


@pytest.fixture(scope="module")
def inner(run_inner, distribution):
    """One run of the suite."""
    return run_inner(SUITE, *distribution, plugins=("asyncio",))


@pytest.mark.parametrize("name", LAST_LINES)
def test_an_error_of_the_lens_ends_at_the_test(inner, name):
    """The last place that is shown is the line of the test."""
    places = [line for line in inner.failure(name).splitlines() if line.startswith("test_inner.py")]

    assert [LAST_LINES[name]] == places


@pytest.mark.parametrize("name", LAST_LINES)
def test_no_line_of_ours_is_shown(inner, name):
    """Neither our own files nor those that called us stand in the message."""
    assert "llm_latency_lens/" not in inner.failure(name)


def test_the_exception_that_an_error_was_made_from_is_left_out(inner):
    """The message of an SDK is told once, without the inside of the SDK."""
    assert "direct cause" not in inner.sentences("test_configuration")


def test_a_fault_of_the_suite_is_shown_whole(inner):
    """What the callable raised is shown down to where it was raised."""
    assert "test_inner.py:20: ZeroDivisionError" in inner.failure("test_own_fault")


def test_a_broken_mark_has_no_traceback(inner):
    """A verdict on a mark is no exception of any line."""
    assert "test_inner.py:" not in inner.failure("test_mark")
