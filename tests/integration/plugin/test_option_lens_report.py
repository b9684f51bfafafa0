"""``--lens-report``: every test observed, a summary, and lens-report.json."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

@pytest.fixture
def warm(ask):
    ask("gpt-4o")
    yield
    ask("gpt-4o")

def test_unmarked(stream):
    stream()

@pytest.mark.latency(p95="20s", cost_per_call="$1")
def test_marked(warm, ask):
    ask()

def test_fails(ask):
    ask()
    assert False

def test_asks_nobody():
    pass
"""


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite; the option is a plain flag before a path."""
    return run_inner(SUITE, "--lens-report", "test_inner.py")


def test_the_report_is_written_where_pytest_was_started(inner):
    """lens-report.json lies in the working directory, and the summary names it."""
    assert (inner.folder / "lens-report.json").is_file()
    assert "report: lens-report.json" in inner.summary


def test_every_test_is_observed(inner):
    """Calls of unmarked, marked and failed tests are in it, with those of fixtures."""
    total = inner.report()["total"]

    assert (5, 5, 0) == (total["calls"], total["ok"], total["errors"])


def test_calls_of_fixtures_are_told_apart(inner):
    """A call carries the phase of its test in which it was made."""
    phases = [
        one["phase"] for one in inner.report()["calls"] if one["node_id"].endswith("test_marked")
    ]

    assert ["setup", "call", "teardown"] == phases


def test_models_count_the_bodies_alone(inner):
    """Calls of fixtures are in the total, not in the numbers of a model."""
    (model,) = inner.report()["models"]

    assert ("openai", "gpt-4o-mini", 3) == (model["provider"], model["model"], model["calls"])


def test_tests_that_asked_nobody_are_left_out(inner):
    """Only tests that made calls or carry budgets are listed, with their outcome."""
    outcomes = {
        one["node_id"].partition("::")[2]: one["outcome"] for one in inner.report()["tests"]
    }

    assert {"test_unmarked": "passed", "test_marked": "passed", "test_fails": "failed"} == outcomes


def test_usage_and_cost_are_those_of_the_script(inner):
    """Tokens come from the provider's usage; gpt-4o-mini has a known price."""
    (call,) = (one for one in inner.report()["calls"] if one["node_id"].endswith("test_unmarked"))

    assert (12, 4, True) == (call["input_tokens"], call["output_tokens"], call["streamed"])
    assert call["cost_usd"] > 0
    assert call["price_source"].startswith("genai-prices ")


def test_a_call_has_its_times(inner):
    """Latency, time to first token and their parts are in milliseconds, in order."""
    (call,) = (one for one in inner.report()["calls"] if one["node_id"].endswith("test_unmarked"))

    # Scripted are 5 ms; the body's last byte is stamped after the server may have it.
    assert 4 <= call["wire_ttft_ms"] <= call["ttft_ms"] <= call["latency_ms"]
    assert 0 < call["sent_ms"] <= call["headers_ms"] <= call["ttft_ms"]


def test_the_environment_is_told(inner):
    """The report names the versions it was measured with."""
    assert {"python", "platform", "llm-latency-lens", "pytest", "openai"} <= inner.report()[
        "environment"
    ].keys()


def test_the_report_follows_its_schema(inner):
    """The report is valid against the schema that is shipped."""
    jsonschema = pytest.importorskip("jsonschema")
    reports = pytest.importorskip("llm_latency_lens.reports")
    if not hasattr(reports, "read_schema"):
        pytest.skip("no schema is shipped yet")

    jsonschema.validate(inner.report(), reports.read_schema())


def test_a_suite_without_calls_has_a_report(run_inner):
    """A report that was asked for is written, however empty; nothing is summarised."""
    inner = run_inner("def test_nothing(): pass", "--lens-report")

    assert (0, 0) == (inner.ret, inner.report()["total"]["calls"])
    assert ["report: lens-report.json"] == inner.summary


def test_the_report_is_written_when_the_first_failure_ends_the_session(run_inner):
    """With -x the report holds what was measured until then."""
    inner = run_inner(SUITE, "--lens-report", "-x", "-k", "fails or unmarked")

    assert (1, 2) == (inner.ret, inner.report()["total"]["calls"])
