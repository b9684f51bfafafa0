"""confidence=, tolerance=, on_inconclusive= on the marker: stop when settled, say what is open."""

import pytest

pytest.importorskip("openai", reason="needs the openai SDK")

SUITE = """
import pytest

@pytest.mark.latency(p95="20s", iterations=100, confidence=0.95)
def test_clean(ask):
    ask()

@pytest.mark.latency(p95="1ms", cost_per_call="$1", iterations=100, confidence=0.95)
def test_slow(ask):
    ask()

@pytest.mark.latency(p95="20s", iterations=20, confidence=0.95)
def test_short(ask):
    ask()

@pytest.mark.latency(p95="20s", iterations=20, confidence=0.95, on_inconclusive="fail")
def test_strict(ask):
    ask()

@pytest.mark.latency(p95="20s", iterations=50, confidence=0.95, tolerance=2)
def test_tolerant(ask):
    ask()

@pytest.mark.latency(p50="20s", iterations=20, warmup=2, confidence=0.95)
class TestMarked:
    @pytest.mark.latency(confidence=0.99)
    def test_closest(self, ask):
        ask()

@pytest.mark.latency(p50="20s", iterations=50, confidence=0.95)
def test_two_calls_a_run(ask):
    ask()
    ask()

@pytest.mark.latency(p95="20s", iterations=100, confidence=0.95)
def test_raises(ask, seen=[]):
    ask()
    seen.append(1)
    assert len(seen) < 3

@pytest.mark.latency(p95="20s", iterations=20)
def test_plain(ask):
    ask()
"""


@pytest.fixture(scope="module")
def inner(run_inner, distribution):
    """One run of the suite, alone and on two workers."""
    arguments = ("--lens-report", *distribution)
    return run_inner(SUITE, *arguments, warnings="default")


def _test(inner, name):
    (found,) = (one for one in inner.report()["tests"] if one["node_id"].endswith(f"::{name}"))
    return found


def _verdict(inner, name, index=0):
    return _test(inner, name)["verdicts"][index]


def test_clean_runs_stop_when_proven(inner):
    """The seventy-first of a hundred proves a p95; the others are not made."""
    found = _test(inner, "test_clean")

    assert ("kept", 71, 29) == (
        found["verdicts"][0]["ruling"],
        found["runs"],
        found["saved"]["runs"],
    )


def test_saved_runs_have_their_money(inner):
    """At the mean of those that were made: a call costs $0.0000042."""
    assert 29 * 0.0000042 == pytest.approx(_test(inner, "test_clean")["saved"]["usd"])


def test_slow_runs_stop_when_broken(inner):
    """Four slow calls break it, and the message says what was not made."""
    failure = inner.sentences("test_slow")

    assert "p95 latency: 4 of 4 calls over 1 ms, 1 in 20 allowed; settled at 95 %," in failure
    assert "96 of 100 calls not made" in failure


def test_mean_beside_it_is_judged_on_what_was_made(inner):
    """It holds up nothing."""
    assert ("kept", 4) == tuple(_verdict(inner, "test_slow", 1)[name] for name in ("ruling", "n"))


def test_open_budget_passes_with_a_warning(inner):
    """Twenty clean calls prove no p95, and the test passes all the same."""
    assert "passed" == inner.outcome("test_short")
    assert ("not settled", 4) == tuple(
        _verdict(inner, "test_short")[name] for name in ("ruling", "fails_at")
    )


def test_impossible_pass_is_told_before_the_first_call(inner):
    """With the number of runs that would do, at the place of the mark."""
    assert "LensWarning: p95 cannot be proven kept at confidence=0.95 with iterations=20" in (
        inner.text
    )
    assert "a pass takes iterations=59 with none over" in inner.text


def test_open_budget_fails_where_it_is_asked_to(inner):
    """The message says what is missing."""
    assert "failed" == inner.outcome("test_strict")
    assert (
        "p95 latency not settled at 95 %: 0 of 20 calls over 20 s, 4 would fail; "
        "a pass takes iterations=59 with none over, or 99 with one (on_inconclusive=fail)"
    ) in inner.sentences("test_strict")


def test_tolerance_proves_a_pass_sooner(inner):
    """Against twice the share that may be over 34 clean calls are enough."""
    assert ("kept", 34) == (
        _verdict(inner, "test_tolerant")["ruling"],
        _test(inner, "test_tolerant")["runs"],
    )


def test_closest_confidence_wins(inner):
    """Seven clean runs would prove a p50 at 95 %, at 99 % it takes more; warm-up is apart."""
    found = _test(inner, "test_closest")

    assert (0.99, True) == (found["verdicts"][0]["confidence"], found["runs"] > 7)


def test_run_of_several_calls_is_one(inner):
    """It counts by its worst call, and the message says runs."""
    found = _verdict(inner, "test_two_calls_a_run")

    assert ("runs", _test(inner, "test_two_calls_a_run")["runs"]) == (found["counted"], found["n"])


def test_exception_ends_it_at_once(inner):
    """As ever; nothing is judged."""
    assert ("failed", []) == (inner.outcome("test_raises"), _test(inner, "test_raises")["verdicts"])


def test_plain_makes_all_its_calls(inner):
    """Without a confidence nothing stops early, and the report says that it was plain."""
    found = _test(inner, "test_plain")

    assert (20, 0, None) == (
        found["runs"],
        found["saved"]["runs"],
        found["verdicts"][0]["confidence"],
    )


def test_summary_tells_what_was_saved_and_left_open(inner):
    """Savings with the totals, the doubt with its test, the risk of all together."""
    summary = "\n".join(inner.summary)

    assert "budgets: 6 kept, 1 broken, 2 not settled" in summary
    assert "7 of them with a confidence: risk that any is wrong at most 31 %" in summary
    assert "| saved " in " ".join(summary.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ('p95="2s", confidence=95', "for 95 % write confidence=0.95"),
        ('p95="2s", tolerance=2', "tolerance= has no meaning without confidence="),
        ('p95="2s", confidence=0.95, on_inconclusive="skip"', '"pass" or "fail" is expected'),
    ],
)
def test_mistakes_are_told_at_setup(run_inner, words, message):
    """Before a call is made, with the name of the test."""
    inner = run_inner(
        f"import pytest\n@pytest.mark.latency({words})\ndef test_it(): pass\n", bare=False
    )

    assert "error" == inner.outcome("test_it")
    assert message in inner.failure("test_it")


def test_disabled_lens_warns_of_nothing(run_inner):
    """The body runs once, and nothing is judged."""
    inner = run_inner(
        """
        import pytest

        @pytest.mark.latency(p95="2s", confidence=0.95, iterations=20)
        def test_it(): pass
        """,
        "--lens-disable",
    )

    assert "passed" == inner.outcome("test_it")


def test_warning_can_be_made_an_error(run_inner):
    """By its category, as pytest's own."""
    inner = run_inner(
        """
        import pytest

        @pytest.mark.latency(p95="2s", confidence=0.95, iterations=20)
        def test_it(): pass
        """,
        "-W",
        "error::llm_latency_lens.LensWarning",
        warnings="default",
    )

    assert "error" == inner.outcome("test_it")
