"""A vendor without a network, in trio's own time: what the tests of the profiler play with."""

from contextlib import asynccontextmanager
from decimal import Decimal

import trio

from llm_latency_lens.capture.scope import current_scope
from llm_latency_lens.samples import Attempt, Cost, Outcome, Sample, Status, Timeline, Usage

S = 1_000_000_000


class TrioClock:
    """Trio's time as a clock of the lens."""

    @staticmethod
    def now_ns():
        """Monotonic."""
        return round(trio.current_time() * S)

    @staticmethod
    def wall_ns():
        """Half a century and a bit."""
        return 1_790_000_000 * S + round(trio.current_time() * S)


class Fault(Exception):  # noqa: N818 - any exception of an SDK's package will do
    """An SDK's exception."""

    __module__ = "openai"

    def __init__(self, status_code=None, headers=None, body=None):
        super().__init__(f"status {status_code}")
        self.status_code = status_code
        self.body = body
        if status_code is not None:
            self.response = type("Response", (), {"headers": headers or {}})()


class FakeVendor:
    """
    A vendor that takes its time and makes the samples itself.

    ``play`` is an async callable that is told the number of the request and of the attempt; what
    it raises is the attempt's fault. ``limits`` is what the answers of each model tell.
    """

    name = "fake"
    hosts = ()
    protocols = ("openai_chat",)

    def __init__(self):
        self.asked = []
        self.opened = []
        self.in_progress = 0
        self.most = 0
        self.limits = {}

    async def play(self, number, attempt, on_token):
        """Answer after 80 ms."""
        await trio.sleep(0.08)
        on_token("a")

    @asynccontextmanager
    async def open(self, **words):
        """Yield what asks."""
        self.opened.append(words)
        yield self.ask
        self.opened.append("closed")

    async def ask(self, prompt, *, attempt=0, on_token=None):
        """Play one attempt and leave its sample in the scope, as capture would."""
        number = len(self.asked)
        self.asked.append((prompt, trio.current_time()))
        scope = current_scope()
        scope.begun.add(scope.run)
        begun = TrioClock.now_ns()
        self.in_progress += 1
        self.most = max(self.most, self.in_progress)
        outcome = Outcome(Status.OK, http_status=200)
        try:
            await self.play(number, attempt, on_token)
        except Fault as fault:
            outcome = Outcome(Status.ERROR, "fault", http_status=fault.status_code)
            raise
        except trio.Cancelled:
            outcome = Outcome(Status.CANCELLED)
            raise
        finally:
            self.in_progress -= 1
            self._leave_sample(scope, number, prompt, begun, outcome)

    def _leave_sample(self, scope, number, prompt, begun, outcome):
        ended = TrioClock.now_ns()
        sample = Sample(
            id=f"fake-{number}",
            provider="fake",
            protocol="openai_chat",
            requested_model=prompt.model,
            model=prompt.model,
            streamed=prompt.stream,
            outcome=outcome,
            timeline=Timeline(begun, ended),
            wall_ns=TrioClock.wall_ns(),
            usage=Usage(10, 5),
            rate_limits=self.limits.get(prompt.model, ()),
            attempts=(Attempt(begun, ended, outcome),),
        )
        scope.add(sample, run=scope.run, phase=scope.phase)


class NoPrices:
    """Everything costs a cent."""

    @staticmethod
    def load():
        """There is nothing to load."""

    @staticmethod
    def price(sample):
        """Return the cost of a sample."""
        return Cost(Decimal(0), Decimal("0.01"), Decimal("0.01"), "test")
