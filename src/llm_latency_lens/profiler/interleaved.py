"""
Interleaved runs: two callables in turns, so that whatever drifts drifts for both.

A machine that gets slower, or a provider at another hour, changes two profiles that are made one
after the other, and nothing tells that from a difference between the two.
"""

from collections.abc import Iterator

__all__ = ["take_turns"]


def take_turns(iterations: int, warmup: int = 0) -> Iterator[tuple[int, int]]:
    """
    Yield (number, side): which of two callables runs next, and for which time.

    Numbers below zero are warm-up. Who goes first changes with every pair, so a steady drift
    falls on both alike: a b, b a, a b.
    """
    for number in range(-warmup, iterations):
        first = number % 2
        yield number, first
        yield number, 1 - first
