"""What a report says of a session that did not run to its end, and when none is written."""

import jsonschema
import pytest

from llm_latency_lens.reports import read_schema

pytest.importorskip("openai")

TWO = """
def test_first(ask):
    ask()

def test_second(ask):
    ask()
"""
DIES = """
import os
import signal

def test_first(ask):
    ask()

def test_dies(ask):
    ask()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _partial(inner):
    report = inner.report()
    jsonschema.validate(report, read_schema())
    return report["partial"]["reasons"], report["total"]["calls"]


@pytest.fixture(scope="module")
def died(run_inner, tmp_path_factory):
    """A session whose worker died, and the folder that it had for temporary files."""
    pytest.importorskip("xdist")
    temporary = tmp_path_factory.mktemp("temporary")
    return run_inner(DIES, "-n1", "--lens-report", env={"TMPDIR": str(temporary)}), temporary


def test_a_dead_worker_is_named(died):
    """Its last test is in the report, failed, with the call that it had finished."""
    inner, _ = died
    tests = {one["node_id"].rpartition("::")[2]: one["outcome"] for one in inner.report()["tests"]}

    assert (["worker gw0 died; the calls that it had finished are here"], 2) == _partial(inner)
    assert {"test_first": "passed", "test_dies": "failed"} == tests
    assert any(line.startswith("partial: worker gw0 died") for line in inner.summary)


def test_recovered_calls_are_priced(died):
    """As those that a report carried."""
    inner, _ = died

    assert [0.0000042, 0.0000042] == [one["cost_usd"] for one in inner.report()["calls"]]


def test_no_folder_is_left(died):
    """What the workers wrote is removed at the end, also after a crash."""
    _, temporary = died

    assert [] == list(temporary.glob("llm-latency-lens-*"))


def test_a_failed_call_that_waits_for_its_retry_is_kept(run_inner):
    """An SDK that gives up tells nobody; the call is on disk all the same."""
    pytest.importorskip("xdist")
    suite = """
    import os
    import signal
    import openai
    import pytest

    def test_dies(simulator, ask):
        simulator.script("down", status=500)
        with pytest.raises(openai.InternalServerError):
            ask("down")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    inner = run_inner(suite, "-n1", "--lens-report")

    assert [("error", 500, "call")] == [
        (one["status"], one["http_status"], one["phase"]) for one in inner.report()["calls"]
    ]


def test_a_worker_without_the_folder_is_told(run_inner):
    """As on another machine, here by a path that does not exist: what reports carried is there."""
    pytest.importorskip("xdist")
    far = """
    import pytest

    @pytest.hookimpl(trylast=True)
    def pytest_configure_node(node):
        node.workerinput["llm_latency_lens_folder"] = "/nowhere"
    """
    inner = run_inner({"test_inner": DIES, "far": far}, "-n1", "-pfar", "--lens-report")
    (reason,), calls = _partial(inner)

    assert "could not write to the disk of this process, as on another machine" in reason
    assert 1 == calls


def test_without_a_terminal_the_report_is_written(run_inner):
    """-p no:terminal shows nothing and loses nothing."""
    pytest.importorskip("xdist")
    inner = run_inner(DIES, "-n1", "--lens-report", "-pno:terminal")

    assert (1, 2) == (inner.ret, _partial(inner)[1])


def test_an_internal_error_writes_the_report(run_inner):
    """A plugin that breaks pytest itself: status 3, and what was measured until then."""
    broken = """
    def pytest_runtest_logfinish(nodeid):
        if "test_first" in nodeid:
            raise RuntimeError("secret words")
    """
    inner = run_inner({"test_inner": TWO, "broken": broken}, "-pbroken", "--lens-report")

    assert 3 == inner.ret
    assert (
        [
            "an internal error of pytest or one of its plugins",
            "1 of 2 tests did not run to their end",
        ],
        1,
    ) == _partial(inner)


def test_an_error_in_collection_is_told(run_inner):
    """No test ran, or not all of them."""
    inner = run_inner({"test_inner": TWO, "test_broken": "import nothing_like_it"}, "--lens-report")
    on = run_inner(
        {"test_inner": TWO, "test_broken": "import nothing_like_it"},
        *("--lens-report", "--continue-on-collection-errors"),
    )

    assert (2, 1) == (inner.ret, on.ret)
    assert 0 == _partial(inner)[1]
    assert "1 errors during collection" == _partial(inner)[0][0]
    assert (["1 errors during collection"], 2) == _partial(on)


def test_pytest_exit_is_told(run_inner):
    """With its own words."""
    suite = """
    import pytest

    def test_first(ask):
        ask()
        pytest.exit("enough for today")

    def test_second(ask):
        ask()
    """
    inner = run_inner(suite, "--lens-report")

    assert (
        ["enough for today", "2 of 2 tests did not run to their end"],
        1,
    ) == _partial(inner)


@pytest.mark.parametrize("arguments", [("--collect-only",), ("nowhere.py",)])
def test_where_nothing_was_asked_to_run_no_report_is_written(run_inner, arguments):
    """One of an earlier session is worth more."""
    files = {"test_inner": TWO, "lens-report.json": "of yesterday"}
    inner = run_inner(files, "--lens-report", *arguments)

    assert "of yesterday" == (inner.folder / "lens-report.json").read_text()


def test_a_call_that_ends_after_the_last_test_is_reported(run_inner, simulator):
    """It is late and belongs to no budget, and was made all the same."""
    late = """
    threads = []

    def pytest_runtest_logfinish():
        for thread in threads:
            thread.join()
    """
    suite = """
    import os
    import threading
    import time
    import httpx2
    import late

    BODY = {"model": "slow", "messages": []}

    def test_leaves_a_thread():
        started = threading.Event()

        def ask():
            with httpx2.Client(event_hooks={"request": [lambda _: started.set()]}) as client:
                client.post(os.environ["SIM"] + "/chat/completions", json=BODY)

        late.threads.append(threading.Thread(target=ask))
        late.threads[0].start()
        started.wait()
        time.sleep(0.3)  # from there into the client of the lens
    """
    simulator.script("slow", ttft=1500)
    files = {"test_inner": suite, "late": late}
    inner = run_inner(files, "--lens-report", "-plate", env={"SIM": simulator.base_url})

    assert [True] == ["late" in one["taints"] for one in inner.report()["calls"]]


def test_groups_leave_node_ids_as_they_are(run_inner):
    """--dist loadgroup writes the group into pytest's id; reports keep the id of the test."""
    pytest.importorskip("xdist")
    suite = """
    import pytest

    @pytest.mark.xdist_group("one")
    @pytest.mark.latency(p95="20s")
    def test_grouped(ask):
        ask()
    """
    inner = run_inner(suite, "-n1", "--dist=loadgroup", "--lens-report")

    assert ["test_inner.py::test_grouped"] == [one["node_id"] for one in inner.report()["tests"]]
    assert ["test_inner.py::test_grouped"] == [one["node_id"] for one in inner.report()["calls"]]
