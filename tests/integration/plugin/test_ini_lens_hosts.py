"""``lens_hosts``: servers of one's own, by name."""

import pytest

pytest.importorskip("openai")

# A simulator of its own, which the plugin's fixture does not name.
SUITE = """
import openai
import pytest
from llm_latency_lens.simulator import start_simulator

@pytest.fixture(scope="module")
def server():
    with start_simulator({"*": {"ttft": 5, "itl": 1, "output_tokens": 2}}) as server:
        yield server

def ask(base_url):
    with openai.OpenAI(base_url=base_url, api_key="k", max_retries=0) as client:
        client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}]
        )

@pytest.mark.latency(p95="20s", cost_per_call="$1", provider="openai")
def test_named(server):
    ask(server.base_url)

@pytest.mark.latency(p95="20s")
def test_any(server):
    ask(server.base_url)
"""


@pytest.fixture(scope="module")
def named(run_inner):
    """A run with a setting that names the host, whatever its port."""
    return run_inner(
        {"conftest": "", "test_inner": SUITE},
        "--lens-report",
        ini="lens_hosts =\n    example.com = anthropic\n    127.0.0.1 = openai\n",
    )


@pytest.fixture(scope="module")
def unnamed(run_inner):
    """A run without it."""
    return run_inner({"conftest": "", "test_inner": SUITE}, "--lens-report")


def test_a_named_host_is_its_vendor(named):
    """Calls to it carry the vendor's name and prices."""
    assert "passed" == named.outcome("test_named")
    assert {"openai"} == {one["provider"] for one in named.report()["calls"]}


def test_an_unnamed_local_server_is_recognised(unnamed):
    """By path and body alone a call is seen; its provider is the server's address."""
    (first, _) = unnamed.report()["calls"]

    assert "passed" == unnamed.outcome("test_any")
    assert first["provider"].startswith("127.0.0.1:")


def test_an_unnamed_local_server_is_no_vendor(unnamed):
    """A budget on the vendor sees no call of its own, and says which were seen."""
    assert "no call to openai was seen; seen were 127.0.0.1:" in unnamed.sentences("test_named")


@pytest.mark.parametrize("line", ["localhost", "localhost = nobody", "= openai"])
def test_a_bad_line_ends_the_session_at_once(run_inner, line):
    """Exit code 4 and one line that quotes it."""
    inner = run_inner("def test_idle(): open('ran', 'w').close()", ini=f"lens_hosts = {line}\n")
    (told,) = (one for one in inner.result.errlines if one)

    assert (4, False) == (inner.ret, (inner.folder / "ran").exists())
    assert told.startswith(f"ERROR: lens_hosts: {line!r}: expected a line such as")
