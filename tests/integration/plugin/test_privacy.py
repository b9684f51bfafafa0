"""No prompt, answer or key in anything that the plugin writes, says or logs."""

import pytest

pytest.importorskip("openai")

PROMPT = "zebrafinchprompt"
ANSWER = "quokkaanswer"
KEY = "sk-narwhalkey"
MARKERS = (PROMPT, ANSWER, KEY)
FILES = (
    *("lens-report.json", "lens.ndjson", "lens.md", "lens.html"),
    *("lens.test-bench.json", "lens.test-bench-run.json"),
)
# In the inner suite the markers are put together while it runs: what pytest quotes of a test's
# source then holds none.
SUITE = """
import logging
import openai
import pytest

PROMPT, ANSWER, KEY = ("zebrafinch" + "prompt", "quokka" + "answer", "sk-narwhal" + "key")
LONG = "tell me about the " + PROMPT + " in a few words, please, and mind the spelling of it"

@pytest.fixture(scope="session")
def chat(lens_simulator):
    for model, fields in {
        "good": {}, "plain": {}, "rude": {"status": 400}, "down": {"status": 503}
    }.items():
        lens_simulator.script(model, ttft=5, itl=1, text=f"{ANSWER} {ANSWER}", **fields)
    with openai.OpenAI(base_url=lens_simulator.base_url, api_key=KEY, max_retries=1) as client:
        yield client.chat.completions

def ask(chat, model, prompt=None):
    answer = chat.create(
        model=model, messages=[{"role": "user", "content": prompt or PROMPT}], stream=True
    )
    assert ANSWER in "".join(one.choices[0].delta.content or "" for one in answer)

@pytest.mark.latency(p95="1ms", ttft="1ms", cost="$1")
def test_broken(chat):
    ask(chat, "good")

@pytest.mark.latency(error_rate="0%")
@pytest.mark.parametrize("model", ["rude", "down"])
def test_failed(chat, model):
    with pytest.raises(openai.APIStatusError):
        ask(chat, model)

@pytest.mark.latency(p95="1ms")
@pytest.mark.parametrize("prompt", [LONG])
def test_long_id(chat, prompt):
    ask(chat, "plain", prompt)

@pytest.mark.latency(p95="1ms")
@pytest.mark.parametrize("prompt", [PROMPT + "\\n" + PROMPT])
def test_unprintable_id(chat, prompt):
    ask(chat, "plain", prompt)

def test_profile(lens, lens_simulator, chat):
    result = lens.profile(
        provider="openai", model="good", prompt=PROMPT, api_key=KEY,
        base_url=lens_simulator.base_url, iterations=2,
    )
    assert result.latency.p95 < 1, repr(result) + repr(lens) + repr(result.samples)

@pytest.fixture(autouse=True)
def own_log(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    records = [
        one for when in ("setup", "call") for one in caplog.get_records(when)
        if one.name.startswith("llm_latency_lens")
    ]
    with open("lens.log", "a") as file:
        file.writelines(f"{one.getMessage()}\\n" for one in records)
"""


@pytest.fixture(scope="module")
def inner(run_inner, distribution):
    """One run of the suite; ids of tests are pytest's own to print."""
    return run_inner(
        {"conftest": "", "test_inner": SUITE},
        *distribution,
        *(f"--lens-report-file={name}" for name in FILES),
        "--lens-summary=wide",
        "--show-capture=no",
        "-q",
    )


def _found_in(text):
    return [marker for marker in MARKERS if marker in text]


def test_the_suite_did_ask(inner):
    """The markers went out and came back: seven calls, with no test in error."""
    assert 7 == inner.report()["total"]["calls"]
    assert "error" not in {one["outcome"] for one in inner.tests.values()}


@pytest.mark.parametrize("name", FILES)
def test_no_report_holds_a_marker(inner, name):
    """Neither a prompt, an answer nor a key is in a report, whatever its format."""
    text = (inner.folder / name).read_text(encoding="utf-8")

    assert "good" in text  # a model of the suite: the file does tell of it
    assert [] == _found_in(text)


def test_the_summary_holds_no_marker(inner):
    """Nor in the summary, at its widest."""
    assert [] == _found_in("\n".join(inner.summary))


@pytest.mark.parametrize(
    "name", ["test_broken", "test_failed[rude]", "test_failed[down]", "test_profile"]
)
def test_no_failure_message_holds_a_marker(inner, name):
    """Nor in what a broken budget or a failed assert on a result says."""
    assert "failed" == inner.outcome(name)
    assert [] == _found_in(inner.failure(name))


def test_no_message_of_a_test_with_a_prompt_in_its_id_holds_it(inner):
    """The message of a budget names no id."""
    (name,) = (name for name in inner.tests if name.startswith("test_long_id"))

    assert [] == _found_in(inner.failure(name))


def test_ids_that_can_hold_prompts_are_hashed(inner):
    """Long and unprintable parameters are a hash in the report."""
    hashed = [one["node_id"] for one in inner.report()["tests"] if "[sha256:" in one["node_id"]]

    assert ["test_inner.py::test_long_id", "test_inner.py::test_unprintable_id"] == [
        one.partition("[")[0] for one in hashed
    ]


def test_our_log_holds_no_marker(inner):
    """At debug level our own loggers quote nothing."""
    assert [] == _found_in((inner.folder / "lens.log").read_text())
