"""Stopping: ends a loop when its budgets are settled or its money is spent."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from llm_latency_lens.budgets import Sampling
from llm_latency_lens.capture import Scope
from llm_latency_lens.clock import SystemClock
from llm_latency_lens.samples import Phase, Sample

__all__ = ["Stopping"]

_now_ns = SystemClock.now_ns


class Stopping:
    """
    Tells a loop, run by run, whether another is wanted; a :class:`Stop`.

    Args:
        sampling: The budgets, which know what is still open.
        scope: Where the calls of the runs are collected.
        settle: Gives the scope the failed calls, of one run or of all, that were held for a
            retry; without it the scope has them all.
        priced: Returns samples with their cost; without it they have one.
        underway: Returns run and start of the calls that go on; without it the scope knows.
    """

    def __init__(
        self,
        sampling: Sampling,
        scope: Scope,
        settle: Callable[[Scope, int | None], None] = lambda scope, run: None,  # noqa: ARG005 - nothing is held
        priced: Callable[[Sequence[Sample]], Sequence[Sample]] = lambda samples: samples,
        underway: Callable[[], Iterable[tuple[int, int]]] | None = None,
    ) -> None:
        self._sampling = sampling
        self._scope = scope
        self._settle = settle
        self._priced = priced
        # A copy, as other threads begin and end calls meanwhile.
        self._calls_underway = underway or (lambda: list(scope.underway.values()))
        self._running: dict[int, int] = {}
        self._calls: defaultdict[int, list[Sample]] = defaultdict(list)
        self._taken = 0

    def warmed_up(self) -> None:
        """Count what the warm-up cost."""
        if self._sampling.has_caps:
            self._settle(self._scope, None)
            self._sampling.spent(self._priced(self._scope.samples), is_run=False)
        self._taken = len(self._scope.samples)

    def may_begin(self, number: int) -> bool:
        """Return whether another run is wanted; the first always is."""
        if number and not self._sampling.may_cost(len(self._running)):
            return False
        if self._sampling.is_settled(_now_ns(), self._running, self._underway()):
            return False
        self._running[number] = _now_ns()
        return True

    def ended(self, number: int, run_ns: int) -> None:
        """Count a run and its calls."""
        self._settle(self._scope, number)
        for sample in self._scope.samples[self._taken :]:
            self._taken += 1
            if sample.phase is Phase.CALL:
                self._calls[sample.run].append(sample)
        calls = self._calls.pop(number, [])
        self._sampling.ended(number, run_ns, calls)
        if self._sampling.has_caps:
            self._sampling.spent(self._priced(calls), is_run=True)
        del self._running[number]

    def _underway(self) -> dict[int, list[int]]:
        begun: defaultdict[int, list[int]] = defaultdict(list)
        for run, started_ns in self._calls_underway():
            if run in self._running:
                begun[run].append(started_ns)
        return begun
