"""``--lens-summary``: a table at the end that fits the terminal, or more, or nothing."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

LONG = "a-model-with-a-name-that-goes-on-and-on-for-longer-than-a-terminal-has-columns-to-show"

@pytest.mark.latency(p95="1ms", ttft_p95="1ms", cost_per_call="$0.00000001", error_rate="0%")
def test_with_a_name_that_is_as_long_as_the_names_of_tests_in_real_suites_have_a_way_to_be(stream):
    stream()

@pytest.mark.latency(p95="20s")
def test_long_model(ask):
    ask(LONG)

@pytest.mark.latency(p95="20s")
def test_kept(ask):
    ask()
"""


@pytest.fixture(scope="module")
def auto(run_inner):
    """A run without the option."""
    return run_inner(SUITE)


@pytest.fixture(scope="module")
def wide(run_inner):
    """A run with --lens-summary=wide."""
    return run_inner(SUITE, "--lens-summary=wide")


def test_no_line_is_longer_than_a_terminal(auto):
    """Every line of the summary has at most 80 columns."""
    assert [] == [line for line in auto.summary if len(line) > 80]


def test_the_table_has_a_line_a_model(auto):
    """Models are named, with their calls, latency, time to first token, rate and cost."""
    words = ["model", "calls", "failed", "p50", "p95", "TTFT", "p95", "tok/s", "cost"]

    assert words == auto.summary[0].split()
    assert {"gpt-4o-mini", "a-model-with-a-n~"} == {line.split()[0] for line in auto.summary[1:3]}


def test_totals_are_one_line(auto):
    """Calls, tokens and known cost of the session stand on one line."""
    (line,) = (line for line in auto.summary if line.startswith("3 calls"))

    assert "tokens 36 in, 12 out" in line
    assert "| >$0." in line


def test_only_broken_budgets_are_listed(auto):
    """Budgets that held are counted, those that broke are spelled out."""
    text = "\n".join(auto.summary)

    assert "budgets: 3 kept, 3 broken" in text
    assert 3 == text.count("    broken: ")
    assert "test_kept" not in text


def test_wide_shows_more_columns(wide):
    """Wide adds quantiles, tokens and retries, and cuts no name."""
    for heading in ("p99", "max", "TPOT p50", "tokens in", "tokens out", "retries"):
        assert heading in wide.summary[0]
    assert any(line.startswith("openai a-model-with-a-name-that-goes-on") for line in wide.summary)


def test_never_is_silent(run_inner):
    """Never shows nothing, and still judges."""
    inner = run_inner(SUITE, "--lens-summary=never", "-k", "real_suites")

    assert ([], 1) == (inner.summary, inner.ret)


def test_nothing_recorded_shows_nothing(run_inner):
    """Where no call was seen and no budget was judged, there is no summary."""
    inner = run_inner("def test_nothing(lens): pass")

    assert (0, []) == (inner.ret, inner.summary)
    assert "lens" not in inner.text.partition("collected")[2]


def test_an_unknown_word_is_a_usage_error(run_inner):
    """Another word than the three is refused."""
    inner = run_inner("def test_nothing(): pass", "--lens-summary=loud")

    assert 4 == inner.ret
