"""Clocks."""

from datetime import UTC, datetime

from llm_latency_lens.clock import ManualClock, SystemClock


def test_system_clock_never_goes_back():
    """A later reading of the monotonic clock is not smaller."""
    clock = SystemClock()
    readings = [clock.now_ns() for _ in range(1000)]

    assert sorted(readings) == readings


def test_system_clock_reads_whole_nanoseconds():
    """The monotonic clock is integer."""
    assert type(SystemClock().now_ns()) is int


def test_system_wall_clock_counts_from_the_unix_epoch():
    """The wall clock lies between two readings of the calendar."""
    before = datetime.now(UTC).timestamp()
    seconds = SystemClock().wall_ns() / 1e9
    after = datetime.now(UTC).timestamp()

    # Both are rounded, to a microsecond and to a float.
    assert before - 1e-3 <= seconds <= after + 1e-3


def test_manual_clock_starts_where_told():
    """Both times start at the given values."""
    clock = ManualClock(now_ns=5, wall_ns=7)

    assert (5, 7) == (clock.now_ns(), clock.wall_ns())


def test_manual_clock_stands_still():
    """Reading a manual clock does not move it."""
    clock = ManualClock(now_ns=5)
    clock.now_ns()

    assert 5 == clock.now_ns()


def test_manual_clock_moves_both_times():
    """Monotonic and wall time advance together."""
    clock = ManualClock(now_ns=5, wall_ns=7)
    clock.advance_ms(1.5)

    assert (1_500_005, 1_500_007) == (clock.now_ns(), clock.wall_ns())


def test_manual_clock_stays_integer():
    """A step is rounded to whole nanoseconds."""
    clock = ManualClock()
    clock.advance_ms(0.1 + 0.2)

    assert 300_000 == clock.now_ns()
