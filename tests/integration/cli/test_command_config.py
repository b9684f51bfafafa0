"""The configuration of the command, and ``llm-latency-lens config check``."""

import json

import pytest

FILE = """
prompt = "Hello"
iterations = 3
rate = 50

[[targets]]
provider = "openai"
model = "one"
base_url = "{base_url}"

[[targets]]
provider = "openai"
model = "two"
base_url = "{base_url}"
api_key_env = "OPENAI_API_KEY"

[retry]
attempts = 5

[budgets]
p95 = "30s"
"""


@pytest.fixture
def folder(tmp_path, simulator):
    """A folder with a configuration for two models of the simulator."""
    simulator.script("one", ttft=5)
    simulator.script("two", ttft=5)
    text = FILE.format(base_url=simulator.base_url)
    (tmp_path / "llm-latency-lens.toml").write_text(text)
    return tmp_path


def test_a_run_follows_the_file(lens, folder):
    """Prompt, models, schedule, retries and budgets."""
    done = lens("profile", "--json")
    told = json.loads(done.out)

    assert 0 == done.code
    assert {"one": 3, "two": 3} == {
        one["model"]: one["metrics"]["latency_ms"]["n"] for one in told["models"]
    }
    assert ("open loop, 50/s", 5) == (
        told["config"]["schedule"],
        told["config"]["retry"]["attempts"],
    )
    assert ["kept"] == [one["ruling"] for one in told["verdicts"]]


def test_options_come_first(lens, folder):
    """A concurrency replaces the rate, a number of retries that of attempts."""
    done = lens("profile", "--json", "--concurrency", 2, "--iterations", 1, "--retries", 1)
    config = json.loads(done.out)["config"]

    assert ("closed loop, concurrency 2", 1, 2) == (
        config["schedule"],
        config["iterations"],
        config["retry"]["attempts"],
    )


def test_another_model_can_be_asked(lens, folder, asking):
    """In place of those of the file."""
    done = lens("profile", "--json", *asking("three", ttft=5))

    assert ["three"] == [one["model"] for one in json.loads(done.out)["models"]]


def test_an_address_alone_is_for_every_model(lens, folder):
    """Of the file."""
    done = lens("profile", "--base-url", "http://127.0.0.1:9/v1", "--retries", 0)

    assert 3 == done.code


def test_check_says_what_the_file_means(lens, folder):
    """Without sending anything."""
    done = lens("config", "check")

    assert (0, "") == (done.code, done.err)
    assert "llm-latency-lens.toml: can be used" in done.out
    assert "openai/two" in done.out
    assert "key from OPENAI_API_KEY (set)" in done.out
    assert "open loop, 50/s, iterations 3, warmup 0" in done.out
    assert "budget p95 30s" in done.out


def test_check_names_file_line_and_fix(lens, folder):
    """As every command does."""
    (folder / "other.toml").write_text("# mine\niteration = 3\n")
    done = lens("config", "check", "other.toml")

    assert (2, "") == (done.code, done.out)
    assert "other.toml:2: unknown key 'iteration', did you mean 'iterations'?" in done.err


def test_check_reads_the_price_file(lens, folder):
    """A missing one is told now, not after the calls."""
    (folder / "other.toml").write_text('prices = "none.toml"\n')
    done = lens("config", "check", "other.toml")

    assert 2 == done.code
    assert "none.toml cannot be read" in done.err


def test_check_without_a_file(lens):
    """Says where one is looked for."""
    done = lens("config", "check")

    assert 2 == done.code
    assert "there is no llm-latency-lens.toml here or above" in done.err
