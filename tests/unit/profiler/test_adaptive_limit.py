"""The adaptive limit: where it settles, what moves it and what does not."""

import heapq
from random import Random

import pytest

from llm_latency_lens.profiler.adaptive_limit import AdaptiveLimit

MS = 1_000_000


class Server:
    """
    A provider on paper: a call takes 100 ms, give or take 5 %.

    It refuses calls above ``cap`` in progress, and above ``knee`` each takes as much longer.
    """

    def __init__(self, *, cap=None, knee=None, speed=1.0):
        self.cap = cap
        self.knee = knee
        self.speed = speed
        self.random = Random(7)
        self.now = 0.0
        self.ends = []
        self.accepted = 0
        self.refused = 0
        self.answered = 0

    def serve(self, limit, calls, demand=10_000):
        """Make *calls* calls, as many at once as *limit* and *demand* allow."""
        for _ in range(calls):
            while len(self.ends) < min(limit.limit, demand):
                number = limit.begin(len(self.ends) + 1)
                refused = self.cap is not None and self.accepted >= self.cap
                self.accepted += not refused
                took = 2 * MS if refused else self._time(self.accepted)
                heapq.heappush(self.ends, (self.now + took, number, refused, took))
            self.now, number, refused, took = heapq.heappop(self.ends)
            if refused:
                self.refused += 1
                limit.dropped(number, len(self.ends) + 1)
            else:
                self.accepted -= 1
                self.answered += 1
                limit.succeeded(number, round(took))
        return limit.limit

    def _time(self, in_progress):
        stretch = max(1.0, in_progress / self.knee) if self.knee else 1.0
        return 100 * MS * self.speed * stretch * self.random.uniform(0.95, 1.05)


@pytest.mark.parametrize("cap", [8, 20, 60, 150])
def test_it_settles_below_the_number_that_is_refused(cap):
    """Within 20 % of it, and then hardly ever refused."""
    server, limit = Server(cap=cap), AdaptiveLimit(4, 1, 500)
    server.serve(limit, 60 * cap)
    server.refused = server.answered = 0
    seen = [server.serve(limit, cap) for _ in range(60)]

    assert 0.8 * cap <= min(seen)
    assert max(seen) <= 1.2 * cap
    assert server.refused < 0.02 * server.answered


@pytest.mark.parametrize("knee", [10, 30, 100])
def test_it_settles_at_the_knee(knee):
    """Within 25 % of the number from which on calls only wait longer."""
    server, limit = Server(knee=knee), AdaptiveLimit(4, 1, 500)
    server.serve(limit, 60 * knee)
    seen = [server.serve(limit, knee) for _ in range(40)]

    assert 0.75 * knee <= min(seen)
    assert max(seen) <= 1.25 * knee


@pytest.mark.parametrize("caps", [(40, 15), (15, 40)])
def test_it_follows_a_cap_that_moves(caps):
    """Down at once, up when it has been quiet for a while."""
    server, limit = Server(), AdaptiveLimit(4, 1, 500)
    for cap in caps:
        server.cap = cap
        server.serve(limit, 60 * max(caps))

        assert 0.8 * cap <= limit.limit <= 1.2 * cap


def test_it_does_not_grow_unused():
    """Where fewer calls are wanted than it allows, nothing says that more would do."""
    server, limit = Server(), AdaptiveLimit(10, 1, 500)

    assert 10 == server.serve(limit, 500, demand=5)


def test_it_does_not_shrink_when_the_provider_gets_slower():
    """Fewer calls would not make it faster."""
    server, limit = Server(), AdaptiveLimit(4, 1, 64)
    server.serve(limit, 2000)
    server.speed = 2.0
    server.serve(limit, 2000)

    assert 64 == limit.limit


def test_one_burst_of_refusals_counts_once():
    """Refusals of calls from before the limit fell say nothing new."""
    limit = AdaptiveLimit(20, 1, 100)
    numbers = [limit.begin(count + 1) for count in range(20)]
    for number in numbers:
        limit.dropped(number, 20)

    assert 17 == limit.limit


def test_it_keeps_its_bounds():
    """Whatever is refused or answered."""
    limit = AdaptiveLimit(2, 2, 3)
    for _ in range(10):
        limit.dropped(limit.begin(2), 2)

    assert 2 == limit.limit
    assert 3 == Server().serve(AdaptiveLimit(2, 2, 3), 200)
