"""``lens.bind(client)``: whose call it is where tests run in parallel in one process."""

import pytest

pytest.importorskip("openai")

SUITE = """
import threading
import openai
import pytest

HELLO = [{"role": "user", "content": "hi"}]

def aside(client, times):
    # In a thread of its own, which knows no block.
    def work():
        for _ in range(times):
            client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

def test_blocks(lens, simulator):
    both = threading.Barrier(2)
    seen = {}

    def block(times):
        with openai.OpenAI(base_url=simulator.base_url, api_key="k") as client:
            with lens.observe(str(times)) as calls:
                assert client is lens.bind(client)
                both.wait()
                aside(client, times)
                both.wait()
            seen[times] = calls.calls

    threads = [threading.Thread(target=block, args=(times,)) for times in (1, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {1: 1, 3: 3} == seen

def test_http_client(lens, client):
    with lens.observe() as seen:
        lens.bind(client._client)
        client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)
    assert 1 == seen.calls

def test_no_client(lens):
    with pytest.raises(Exception, match="str is no client of httpx or httpx2"):
        lens.bind("client")
"""
PARALLEL = """
import pytest

@pytest.mark.latency(p95="20s", calls=3)
def test_threads(ask):
    ask()
"""


@pytest.fixture(scope="module")
def inner(run_inner):
    """One run of the suite."""
    return run_inner(SUITE)


@pytest.mark.parametrize("name", ["test_blocks", "test_http_client", "test_no_client"])
def test_a_bound_client_is_charged_to_its_block(inner, name):
    """Also from threads that know nothing of it."""
    assert ("passed", "") == (inner.outcome(name), inner.failure(name))


def test_parallel_threads_are_told(run_inner):
    """Under pytest-run-parallel the calls of all threads are one run, and the summary says so."""
    pytest.importorskip("pytest_run_parallel")
    inner = run_inner(PARALLEL, "--parallel-threads=3", "--lens-report", plugins=("run-parallel",))

    assert ("passed", 3) == (inner.outcome("test_threads"), inner.report()["total"]["calls"])
    assert "3 threads of a test count as one run" in inner.text
