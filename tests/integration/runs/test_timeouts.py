"""Timeouts: how long a call may take, step by step."""

import pytest
import trio

from llm_latency_lens.errors import BudgetError, UsageError
from llm_latency_lens.profiler.timeouts import Countdown, Timeouts, read_timeouts

MS = 1_000_000


def test_one_time_is_the_total():
    """The others keep their defaults."""
    assert Timeouts(total_ns=30_000 * MS) == read_timeouts("30s")


def test_each_step_has_its_word():
    """None takes a limit away."""
    given = {"connect": None, "first_token": "1s", "between_tokens": "20ms", "total": "1m"}

    assert Timeouts(None, 1000 * MS, 20 * MS, 60_000 * MS) == read_timeouts(given)


def test_limits_are_described_in_seconds():
    """None is no limit."""
    expected = {"connect": 10, "first_token": None, "between_tokens": None, "total": 600}

    assert expected == read_timeouts(Timeouts()).describe()


def test_an_unknown_step_is_told():
    """With the known ones."""
    with pytest.raises(UsageError, match="'read' is unknown; known are connect, first_token"):
        read_timeouts({"read": "1s"})


def test_a_time_carries_its_unit():
    """As every time does."""
    with pytest.raises(BudgetError, match=r"timeout\.total=30 has no unit"):
        read_timeouts(30)


async def _spend(countdown, waits, *, is_streamed=True):
    """Spend an attempt with tokens after each of *waits*, in seconds."""
    with countdown.call():
        with countdown.attempt(is_streamed=is_streamed) as token:
            for wait in waits:
                try:
                    await trio.sleep(wait)
                except trio.Cancelled:
                    seen = countdown.expired()
                    assert seen
                    raise
                token()
        if countdown.attempt_is_cut:
            return countdown.expired()
    return "TotalTimeout" if countdown.call_is_cut else ""


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ([0.9, 0.1, 0.1], ""),
        ([1.1], "FirstTokenTimeout"),
        ([0.9, 0.3], "BetweenTokensTimeout"),
        ([0.9] + [0.1] * 30, "TotalTimeout"),
    ],
)
def test_each_step_has_its_own_error(in_trio, waits, expected):
    """Named by the limit that ran out."""
    timeouts = Timeouts(None, 1000 * MS, 200 * MS, 3000 * MS)

    assert expected == in_trio(_spend, Countdown(timeouts), waits)


def test_the_first_token_ends_its_own_limit(in_trio):
    """Without a limit between tokens a stream may pause."""
    countdown = Countdown(Timeouts(None, 1000 * MS, None, None))

    assert "" == in_trio(_spend, countdown, [0.5, 9, 9])
    assert countdown.has_token


def test_an_answer_in_one_piece_has_no_first_token(in_trio):
    """Only its total counts."""
    countdown = Countdown(Timeouts(None, 1000 * MS, None, None))

    async def spend():
        return await _spend(countdown, [5], is_streamed=False)

    assert "" == in_trio(spend)


def test_without_a_limit_nothing_expires():
    """Also before anything began."""
    countdown = Countdown(Timeouts())

    assert ("", False, False) == (
        countdown.expired(),
        countdown.attempt_is_cut,
        countdown.call_is_cut,
    )
