"""Turns: numbers in the order of their start."""

import threading

import pytest

from llm_latency_lens.profiler.turns import Turns


class _Stop:
    """Wants so many runs, and keeps what it was told."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.told = []

    def may_begin(self, number):
        return number < self.wanted

    def ended(self, number, run_ns):
        self.told.append((number, run_ns))


def _all(turns):
    return list(iter(turns.take, None))


def test_each_number_is_given_once():
    """In their order, and no more than were asked for."""
    assert [0, 1, 2] == _all(Turns(3, None))


def test_no_more_are_given_than_are_wanted():
    """Once one was refused there are none any more."""
    stop = _Stop(2)
    turns = Turns(9, stop)
    given = _all(turns)
    stop.wanted = 9

    assert ([0, 1], None) == (given, turns.take())


def test_closed_turns_give_none():
    """As after an exception."""
    turns = Turns(3, None)
    turns.take()
    turns.close()

    assert turns.take() is None


def test_times_are_in_the_order_of_starts():
    """Whichever ended first; and the one who decides hears of each."""
    stop = _Stop(9)
    turns = Turns(3, stop)
    for number in (2, 0, 1):
        turns.ended(number, 10 + number)

    assert ((10, 11, 12), [2, 0, 1]) == (turns.times_ns(), [number for number, _ in stop.told])


@pytest.mark.parametrize("threads", [8])
def test_threads_share_the_numbers(threads):
    """Nobody gets one twice and none is left out."""
    turns, taken = Turns(1000, None), []
    workers = [
        threading.Thread(target=lambda: taken.extend(iter(turns.take, None)))
        for _ in range(threads)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert list(range(1000)) == sorted(taken)
