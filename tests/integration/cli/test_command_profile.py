"""``llm-latency-lens profile``: output, exit codes, progress and Ctrl-C."""

import json
import os
import pty
import signal

import jsonschema
import pytest

from llm_latency_lens.reports import read_profile_schema

MODEL = ("--provider", "openai", "--model", "m")


def test_a_summary_is_printed(lens, asking):
    """What was measured, how calls were started, and nothing of progress."""
    done = lens(
        "profile",
        "Hello",
        *asking("gpt-4o-mini", ttft=10),
        "--iterations",
        6,
        "--concurrency",
        2,
        "--warmup",
        1,
        "--monthly-requests",
        1000,
        "--budget",
        "p95 < 30s",
    )

    assert (0, "") == (done.code, done.err)
    assert "7 calls (1 in warm-up and fixtures)" in done.out
    assert "budgets: 1 kept" in done.out
    assert "closed loop, concurrency 2" in done.out
    assert "a month at 1000 requests" in done.out


def test_json_is_for_machines(lens, asking):
    """Metadata, configuration, the five groups, and every call on request."""
    done = lens(
        "profile",
        "Hello",
        *asking("gpt-4o-mini", ttft=10, output_tokens=3),
        "--iterations",
        4,
        "--rate",
        20,
        "--arrivals",
        "poisson",
        "--json",
        "--raw",
    )
    told = json.loads(done.out)
    metrics = told["metrics"]
    faults = jsonschema.Draft202012Validator(read_profile_schema()).iter_errors(told)

    assert [] == [fault.message for fault in faults]
    assert ("open loop, Poisson 20/s", "complete", 4) == (
        told["metadata"]["loop"],
        told["metadata"]["ending"],
        told["metadata"]["calls"],
    )
    assert (4, 4, True) == (
        metrics["latency_ms"]["n"],
        metrics["ttft_ms"]["n"],
        metrics["send_delay_ms"]["max"] >= 0,
    )
    assert (1, 0, {}) == (
        metrics["reliability"]["success_rate"],
        metrics["reliability"]["retries"],
        metrics["reliability"]["errors_by_type"],
    )
    assert metrics["throughput"]["output_tokens_per_second"] > 0
    assert metrics["cost_usd"]["per_token"] > 0
    assert metrics["cost_usd"]["projected_monthly"] is None
    assert 4 == len(told["raw"]["calls"]) == len(told["raw"]["responses"])
    assert {3} == {one["tokens"] for one in told["raw"]["responses"]}


def test_json_without_raw_holds_no_answer(lens, asking):
    """Nor any call."""
    done = lens("profile", "Hello", *asking("m", ttft=5), "--iterations", 1, "--json")

    assert json.loads(done.out)["raw"] is None


def test_a_broken_budget_exits_with_1(lens, asking):
    """And says by how much."""
    done = lens(
        "profile", "Hello", *asking("m", ttft=30), "--iterations", 2, "--budget", "p95 < 1ms"
    )

    assert 1 == done.code
    assert "2 of 2 calls over" in done.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no model to ask: give --provider and --model"),
        (("--provider", "openai"), "--provider needs --model as well"),
        (("--model", "m"), "--model needs --provider as well"),
        (MODEL, "no prompt: give one"),
        (("x", "--provider", "x", "--model", "m"), "'x' is unknown; known are openai"),
        (("x", "--provider", "openai", "--model", "m", "--budget", "p95 < 2"), "has no unit"),
        (
            ("x", "--provider", "openai", "--model", "m", "--rate", "1", "--concurrency", "2"),
            "give",
        ),
        (("x", "--provider", "openai", "--model", "m", "--api-key-env", "NONE_SUCH"), "NONE_SUCH"),
        (("x", "--config", "none.toml"), "none.toml: cannot be read: No such file"),
        (("x", *MODEL, "--raw"), "--raw adds to what --json prints: give --json as well"),
        (("x", *MODEL, "--retries", "-1"), "Invalid value for '--retries'"),
        (("x", *MODEL, "--base-url", "localhost"), "base_url='localhost': an address is expected"),
        (("x", *MODEL, "--on-inconclusive", "fail"), "has no meaning without confidence="),
    ],
)
def test_what_cannot_be_done_exits_with_2(lens, words, message):
    """Before anything is sent; the message names the way out."""
    done = lens("profile", *words)

    assert (2, "") == (done.code, done.out)
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_provider_out_of_reach_exits_with_3(lens):
    """After the calls have failed."""
    done = lens(
        "profile",
        "x",
        "--provider",
        "openai",
        "--model",
        "m",
        "--base-url",
        "http://127.0.0.1:9/v1",
        "--iterations",
        2,
        "--retries",
        0,
    )

    assert 3 == done.code
    assert "could not be reached" in done.err
    assert "2 x ConnectError" in done.out


def test_a_settled_budget_ends_the_run(lens, asking):
    """No more calls are made than the answer takes."""
    words = ("--iterations", 100, "--concurrency", 4, "--confidence", 0.95, "--json")
    done = lens("profile", "x", *asking("m", ttft=1, itl=0), *words, "--budget", "p95 < 30s")
    told = json.loads(done.out)

    assert (0, "") == (done.code, done.err)
    assert ("enough", False, 100) == (
        told["metadata"]["ending"],
        told["metadata"]["is_partial"],
        told["metadata"]["planned_calls"],
    )
    assert 71 == told["verdicts"][0]["n"] <= told["metadata"]["calls"] < 100


@pytest.mark.parametrize(("choice", "code"), [("pass", 0), ("fail", 4)])
def test_a_budget_that_is_not_settled_exits_with_4_if_asked_to(lens, asking, choice, code):
    """That so few calls prove nothing is told before the first of them."""
    words = ("--iterations", 3, "--confidence", 0.95, "--on-inconclusive", choice)
    done = lens("profile", "x", *asking("m", ttft=1), *words, "--budget", "p95 < 30s")

    assert code == done.code
    assert "p95 cannot be proven kept at confidence=0.95 with iterations=3" in done.err


def test_a_cap_on_the_cost_ends_the_run(lens, asking):
    """Before the call that could cross it; the budget is broken then, as calls are missing."""
    words = ("--iterations", 50, "--budget", "cost <= $0.00002")
    script = {"ttft": 1, "itl": 0, "input_tokens": 20, "output_tokens": 5}
    done = lens("profile", "x", *asking("gpt-4o-mini", **script), *words)

    assert 1 == done.code
    assert "of 50 runs were made" in done.out


def test_calls_that_were_all_refused_are_told(lens, asking):
    """With what to look at; a job that measured nothing is not green, budgets or none."""
    done = lens("profile", "x", *asking("m", status=401), "--iterations", 2)

    assert 1 == done.code
    assert (
        "no call succeeded; if the provider refused them, check the key and the model" in done.err
    )


def test_ctrl_c_prints_what_was_measured(start, asking):
    """And exits with 130."""
    words = asking("slow", ttft=40, output_tokens=2)
    process = start("profile", "x", *words, "--iterations", 5000, "--concurrency", 2)
    _wait_for_calls(words, 6)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert 130 == process.returncode
    assert "PARTIAL: stopped after" in out
    assert "Ctrl-C breaks them off" in err


def test_a_second_ctrl_c_does_not_wait(start, asking):
    """Calls in progress are broken off."""
    words = asking("hanging", ttft="100s")
    process = start("profile", "x", *words, "--iterations", 5)
    _wait_for_calls(words, 1)
    process.send_signal(signal.SIGINT)
    line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)

    assert 130 == process.returncode
    assert "stopping" in line
    assert "PARTIAL: stopped after 1 of 5 calls" in out


def _wait_for_calls(words, count):
    from time import sleep  # noqa: PLC0415 - beside its use

    from llm_latency_lens.simulator import Simulator  # noqa: PLC0415 - beside its use

    simulator = Simulator(words[-1].removeprefix("http://").removesuffix("/v1"))
    while len(simulator.records(words[3])) < count:
        sleep(0.05)


def _on_a_terminal(start, *words):
    """Return what the command writes to a terminal of its own."""
    pytest.importorskip("rich", reason="needs rich")
    main, terminal = pty.openpty()
    process = start(*words, stderr=terminal)
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(main, 65536):
            shown += piece
    except OSError:
        pass  # how Linux says that the other end is closed
    process.communicate(timeout=60)
    os.close(main)
    return shown.decode()


def test_progress_is_shown_on_a_terminal(start, asking):
    """How many calls, how fast, what they cost so far."""
    words = asking("gpt-4o-mini", ttft=30)
    shown = _on_a_terminal(start, "profile", "x", *words, "--iterations", 30)

    assert "30/30" in shown
    assert "p95" in shown
    assert "$" in shown


def test_progress_can_be_turned_off(start, asking):
    """Nothing is written."""
    words = asking("m", ttft=10)

    assert "" == _on_a_terminal(start, "profile", "x", *words, "--progress", "never")
