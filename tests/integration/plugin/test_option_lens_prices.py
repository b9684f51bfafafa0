"""``--lens-prices FILE`` and ``lens_prices``: prices of one's own."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

@pytest.mark.latency(cost="$5")
def test_priced(ask):
    ask("my-model")
"""
PRICES = """
[[price]]
model = "my-model"
input_usd_per_million = 1_000_000
output_usd_per_million = 2_000_000
"""
IDLE = "def test_idle(): open('ran', 'w').close()"


@pytest.fixture(scope="module")
def inner(run_inner):
    """A model that no book knows, priced by a file: $1 a token in, $2 a token out."""
    return run_inner(
        {"test_inner": SUITE, "prices.toml": PRICES}, "--lens-prices=prices.toml", "--lens-report"
    )


def test_the_own_price_is_used(inner):
    """Twelve tokens in and four out cost $20, by the file."""
    (call,) = inner.report()["calls"]

    assert (20.0, "prices.toml") == (call["cost_usd"], call["price_source"])


def test_a_budget_is_judged_on_it(inner):
    """The cost budget breaks on the price of the file."""
    assert "cost $20.00 > $5.00 (+300 %)" in inner.sentences("test_priced")


def test_the_ini_file_can_name_it(run_inner):
    """lens_prices is relative to the ini file, wherever pytest was started."""
    inner = run_inner({"test_inner": SUITE, "prices.toml": PRICES}, ini="lens_prices = prices.toml")

    assert "cost $20.00 > $5.00" in inner.sentences("test_priced")


def test_the_own_price_wins_over_the_book(run_inner):
    """A model that the book knows is priced by the file where it is named there."""
    prices = PRICES.replace("my-model", "*")
    suite = SUITE.replace("my-model", "gpt-4o-mini")
    inner = run_inner({"test_inner": suite, "prices.toml": prices}, "--lens-prices=prices.toml")

    assert "cost $20.00 > $5.00" in inner.sentences("test_priced")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("[[price]", "is not TOML"),
        ("[[price]]\nmodel = 'm'\n", "input_usd_per_million: Field required"),
        (PRICES.replace("1_000_000", "-1"), "greater than or equal to 0"),
    ],
    ids=["missing", "no-toml", "incomplete", "negative"],
)
def test_a_bad_file_ends_the_session_at_once(run_inner, text, message):
    """Exit code 4 and one line that names the file, before any test has run."""
    files = {"test_inner": IDLE} | ({} if text is None else {"prices.toml": text})
    inner = run_inner(files, "--lens-prices=prices.toml")
    (line,) = (line for line in inner.result.errlines if line)

    assert 4 == inner.ret
    assert line.startswith("ERROR: price file ")
    assert message in line
    assert not (inner.folder / "ran").exists()


def test_a_bad_file_ends_an_xdist_session_the_same_way(run_inner):
    """With workers the controller says it, once, with exit code 4."""
    pytest.importorskip("xdist")
    inner = run_inner(IDLE, "--lens-prices=prices.toml", "-n", "2")

    assert 4 == inner.ret
    assert ["ERROR: price file "] == [line[:18] for line in inner.result.errlines if line]
