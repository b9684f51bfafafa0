"""The configuration file: what it says, and where it is wrong."""

from pathlib import Path

import pytest

from llm_latency_lens.cli.config_file import (
    ConfigFile,
    TargetEntry,
    find_config_file,
    read_config_file,
)
from llm_latency_lens.errors import ConfigurationError, UsageError

GOOD = """
prompt = "Hello"
iterations = 8
concurrency = "adaptive"
prices = "prices.toml"

[[targets]]
provider = "openai"
model = "gpt-4o-mini"
base_url = "http://localhost:8000/v1"

[[targets]]
provider = "anthropic"
model = "claude"
api_key_env = "LENS_TEST_KEY"

[timeout]
total = "30s"

[retry]
attempts = 2

[budgets]
p95 = "2s"
cost_per_call = "$0.002"
"""


def _write(folder, text, name="llm-latency-lens.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read(tmp_path):
    """Every part of it; a price file stands beside it."""
    path = _write(tmp_path, GOOD)

    assert ConfigFile(
        path=path,
        targets=(
            TargetEntry("openai", "gpt-4o-mini", "http://localhost:8000/v1"),
            TargetEntry("anthropic", "claude", None, "LENS_TEST_KEY"),
        ),
        prompt="Hello",
        words={
            "iterations": 8,
            "concurrency": "adaptive",
            "timeout": {"total": "30s"},
            "retry": {"attempts": 2},
        },
        budgets={"p95": "2s", "cost_per_call": "$0.002"},
        prices=tmp_path / "prices.toml",
    ) == read_config_file(path)


def test_one_model_can_stand_at_the_top(tmp_path):
    """Without a table of its own."""
    told = read_config_file(_write(tmp_path, 'provider = "openai"\nmodel = "m"\nrate = 5\n'))

    assert ((TargetEntry("openai", "m"),), {"rate": 5.0}) == (told.targets, told.words)


def test_pyproject_has_a_table_for_it(tmp_path):
    """Among those of others."""
    text = '[project]\nname = "x"\n\n[tool.llm-latency-lens]\niterations = 3\n'
    path = _write(tmp_path, text, "pyproject.toml")

    assert {"iterations": 3} == read_config_file(path).words


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("iteration = 5", 1, "unknown key 'iteration', did you mean 'iterations'?"),
        ("zebra = 5", 1, "unknown key 'zebra'; known are provider, model"),
        ("iterations = 0", 1, "iterations=0: a whole number, 1 or more, is expected"),
        ('iterations = "x"', 1, "iterations: input should be a valid integer"),
        ("timeout = 5", 1, "timeout: input should be a valid string"),
        ("rate = 5\nconcurrency = 2", 2, "concurrency= and rate=: give one of"),
        ('api_key = "sk"', 1, 'name that with api_key_env = "NAME"'),
        ('provider = "openai"', 1, "model is missing beside provider"),
        ('provider = "openia"\nmodel = "m"', 1, "provider='openia' is unknown; known are openai"),
        ("[[targets]]\nprovider = 'openai'\nmodl = 'm'", 3, "'modl', did you mean 'model'?"),
        ("[[targets]]\nprovider = 'openai'\n", 1, "model is missing"),
        (
            "[[targets]]\nprovider = 'openai'\nmodel = 'm'\nbase_url = 'localhost:80'",
            4,
            "base_url='localhost:80': an address is expected",
        ),
        (
            "[[targets]]\nprovider='openai'\nmodel='m'\n[[targets]]\nprovider='openia'\nmodel='m'",
            5,
            "provider='openia' is unknown",
        ),
        (
            "provider = 'openai'\nmodel = 'm'\n[[targets]]\nprovider = 'openai'\nmodel = 'n'",
            1,
            "provider at the top goes with no [[targets]]",
        ),
        ("[retry]\nattempt = 2", 2, "'attempt' is unknown; known are attempts"),
        ("[retry]\n# none\nattempts = 0", 3, "retry.attempts=0"),
        ("[timeout]\ntotal = '1s'\ntotl = '1s'", 3, "'totl' is unknown; known are connect"),
        ("[budgets]\np95 = '1s'\niterations = 9", 3, "iterations stands at the top of the file"),
        ("[budgets]\nbaseline = 'main'", 2, "baseline is for tests"),
        ("[budgets]\np95 = '1s'\ntolerance = 2", 3, "tolerance= has no meaning without confidence"),
        ("\n[budgets]\np95 = 2", 3, 'p95=2 has no unit: write p95="2ms" or p95="2s"'),
        ('[budgets]\np50 = "2s"\np95 = "1s"', 2, "p50"),
        ("iterations = ", 1, "not TOML: Invalid value"),
        ("iterations = 1\niterations = 2", 2, "not TOML: Cannot overwrite a value"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path, line, place, message):
    """And with the way out."""
    path = _write(tmp_path, line + "\n")
    with pytest.raises(ConfigurationError) as refused:
        read_config_file(path)

    assert str(refused.value).startswith(f"{path}:{place}: ")
    assert message in str(refused.value)


def test_lines_of_pyproject_count_from_its_top(tmp_path):
    """The table of ours is somewhere within."""
    text = '[project]\niterations = "x"\n\n[tool.llm-latency-lens]\nwarmup = 1\niterations = 0\n'
    path = _write(tmp_path, text, "pyproject.toml")

    with pytest.raises(ConfigurationError, match=r"pyproject\.toml:6: iterations=0"):
        read_config_file(path)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    """So is a pyproject without our table."""
    with pytest.raises(ConfigurationError, match=r"none\.toml: cannot be read"):
        read_config_file(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match=r"has no table \[tool\.llm-latency-lens\]"):
        read_config_file(_write(tmp_path, "[tool.other]\n", "pyproject.toml"))


def test_a_file_is_found_above(tmp_path):
    """Its own file first, then a pyproject that speaks of us; one that does not is passed by."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    shared = _write(tmp_path, "[tool.llm-latency-lens]\n", "pyproject.toml")
    _write(inner, "[tool.other]\n", "pyproject.toml")
    _write(tmp_path / "a", "= broken", "pyproject.toml")
    found = [find_config_file(inner)]
    own = _write(tmp_path, "")
    found.append(find_config_file(inner))

    assert [shared, own] == found
    assert find_config_file(Path("/proc")) is None


def test_a_key_comes_from_the_environment(monkeypatch):
    """Which must be set."""
    entry = TargetEntry("openai", "m", api_key_env="LENS_TEST_KEY")
    with pytest.raises(ConfigurationError, match=r"LENS_TEST_KEY .* is not set"):
        entry.target()
    monkeypatch.setenv("LENS_TEST_KEY", "k")

    assert ("k", None) == (entry.target().api_key, TargetEntry("openai", "m").target().api_key)


def test_an_unknown_vendor_is_told():
    """Also where it comes from the command line."""
    with pytest.raises(UsageError, match="known are openai"):
        TargetEntry("x", "m").target()


def test_budgets_may_carry_a_confidence(tmp_path):
    """And what goes with it."""
    text = "[budgets]\np95 = '2s'\nconfidence = 0.95\ntolerance = 2\non_inconclusive = 'fail'\n"

    assert 0.95 == read_config_file(_write(tmp_path, text)).budgets["confidence"]
