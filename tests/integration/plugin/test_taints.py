"""What is odd about a call, from the wire to the report: each taint, made to happen for real."""

import pytest

pytest.importorskip("openai", reason="needs the openai SDK")

SUITE = """
    import threading
    import time

    import openai
    import pytest

    started = []

    @pytest.fixture(scope="module", autouse=True)
    def warm(client, simulator):
        # So that no test but the one about it opens a connection.
        client.chat.completions.create(model="warm", messages=[])

    def test_nothing(ask):
        ask()

    def test_late(simulator, ask):
        simulator.script("late", latency="1s")
        started.append(threading.Thread(target=ask, args=("late",)))
        started[0].start()
        while not simulator.records("late"):
            time.sleep(0.01)

    @pytest.mark.latency(calls=1, max="800ms")
    def test_beside_a_late_one(ask):
        ask()
        started[0].join()

    def test_cold(simulator):
        with openai.OpenAI(base_url=simulator.base_url, api_key="k") as client:
            client.chat.completions.create(model="m", messages=[])

    def test_cached(simulator, ask):
        simulator.script("cached", ttft=1, itl=1, input_tokens=9, cached_input_tokens=8)
        ask("cached")

    def test_retried(simulator, client):
        simulator.script("retried", ttft=1, itl=1, status=[503, 200], retry_after="1ms")
        client.with_options(max_retries=1).chat.completions.create(model="retried", messages=[])

    def test_slow_consumer(simulator, ask):
        simulator.script("slow", ttft=1, itl=60, output_tokens=8)
        for _ in ask("slow", stream=True):
            time.sleep(0.2)

    def test_cut_short(simulator, ask):
        simulator.script("cut", ttft=1, itl=50, output_tokens=50)
        with ask("cut", stream=True) as events:
            next(iter(events))

    @pytest.mark.latency(max="500ms", exclude=("retried",), iterations=2)
    def test_excluded(simulator, client):
        simulator.script("now-and-then", latency="1ms", status=[503, 200, 200], retry_after="600ms")
        again = client.with_options(max_retries=1).chat.completions
        again.create(model="now-and-then", messages=[])
        again.create(model="now-and-then", messages=[])
"""
TAINTS = {
    "test_nothing": [],
    "test_cold": ["cold"],
    "test_cached": ["cached"],
    "test_retried": ["retried"],
    "test_slow_consumer": ["slow-consumer"],
    "test_late": ["late"],
    # The connection that stood is the late one's.
    "test_beside_a_late_one": ["cold"],
    "test_cut_short": ["cut-short"],
}


@pytest.fixture(scope="module")
def inner(run_inner):
    """One session in which each taint happens."""
    return run_inner(SUITE, "--lens-report", "-p", "no:xdist")


def _calls(inner, name):
    calls = inner.report()["calls"]
    return [one for one in calls if one["node_id"].endswith(f"::{name}") and one["phase"] == "call"]


@pytest.mark.parametrize("name", TAINTS)
def test_a_taint_is_in_the_report(inner, name):
    """Each call carries the taint that was made to happen, and no other."""
    assert [TAINTS[name]] == [one["taints"] for one in _calls(inner, name)]


def test_a_late_call_is_charged_to_nobody(inner):
    """It ended in the next test, whose budgets see their own call alone."""
    assert ("passed", "passed") == (
        inner.outcome("test_late"),
        inner.outcome("test_beside_a_late_one"),
    )


def test_what_is_excluded_is_counted(inner):
    """The slow calls that were retried are left out by name, and the verdict says how many."""
    (test,) = [one for one in inner.report()["tests"] if one["node_id"].endswith("::test_excluded")]
    (verdict,) = test["verdicts"]

    assert ("passed", "kept", 2, 2) == (
        inner.outcome("test_excluded"),
        verdict["ruling"],
        verdict["n"],
        verdict["excluded"],
    )
