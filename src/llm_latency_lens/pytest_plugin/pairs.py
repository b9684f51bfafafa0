"""Pairs: two targets of ``lens.compare``, run in turns and collected apart."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    nullcontext,
)
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.baselines import Gate, read_gates
from llm_latency_lens.capture import Scope
from llm_latency_lens.errors import BudgetBroken
from llm_latency_lens.profiler import (
    ClosedLoop,
    Configuration,
    Job,
    SendCall,
    atimed,
    is_async,
    take_turns,
    timed,
)
from llm_latency_lens.pytest_plugin.targets import Target, check_targets, job_of
from llm_latency_lens.reports import explain_pair
from llm_latency_lens.results import PairResult, ProfileResult
from llm_latency_lens.samples import Phase, Sample

__all__ = ["Pair", "read_pair"]

_Child = Callable[[Phase, str], AbstractContextManager[Scope]]
_Settled = Callable[[Scope], tuple[Sample, ...]]
_OpenCalls = Callable[[Job, Configuration], AbstractAsyncContextManager[SendCall]]


@dataclass(frozen=True, slots=True)
class Pair:
    """
    Two targets and how often they are run.

    Attributes:
        targets: Callables, or the words of a call that the lens makes: provider, model, prompt.
        names: How the two are called in messages.
        loop: How often each is run.
        gates: How much slower the second may be; without any, as slow as it likes.
    """

    targets: tuple[Target, Target]
    names: tuple[str, str]
    loop: ClosedLoop
    gates: tuple[Gate, ...] = ()

    def once(self) -> "Pair":
        """Return the same targets, each to be run once and not judged."""
        return Pair(self.targets, self.names, ClosedLoop(1, 0))

    @property
    def needs_loop(self) -> bool:
        """Whether one of the targets runs in an event loop."""
        return any(isinstance(one, Mapping) or is_async(one) for one in self.targets)

    def run(self, child: _Child, settled: _Settled) -> PairResult:
        """
        Run both in turns in the calling thread.

        Raises:
            BudgetBroken: The second is slower than the gates allow, beyond chance.
        """
        seen = _Seen()
        bodies = [one for one in self.targets if callable(one)]
        for number, side in self._turns():
            with child(_phase(number), self.names[side]) as scope:
                run_ns = timed(bodies[side], scope, number)
                seen.add(side, number, settled(scope), run_ns)
        return _compared(seen.result(self.names, self.gates))

    async def arun(self, child: _Child, settled: _Settled, open_calls: _OpenCalls) -> PairResult:
        """
        Run both in turns in the running loop; *open_calls* opens what the lens asks itself.

        Raises:
            BudgetBroken: As :meth:`run`.
        """
        seen = _Seen()
        async with AsyncExitStack() as opened:
            bodies = [
                await opened.enter_async_context(_body(one, open_calls)) for one in self.targets
            ]
            for number, side in self._turns():
                with child(_phase(number), self.names[side]) as scope:
                    run_ns = await atimed(bodies[side], scope, number)
                    seen.add(side, number, settled(scope), run_ns)
        return _compared(seen.result(self.names, self.gates))

    def _turns(self) -> Iterator[tuple[int, int]]:
        return take_turns(self.loop.iterations, self.loop.warmup)


def read_pair(
    targets: tuple[Target, Target], names: tuple[str, str], loop: ClosedLoop, fail: str
) -> Pair:
    """
    Return the pair of what ``lens.compare`` was given; *fail* as there.

    Raises:
        BudgetError: *fail* cannot be read.
        UsageError: A target cannot be run.
    """
    check_targets(*targets)
    return Pair(targets, names, loop, read_gates([fail]) if fail else ())


class _Seen:
    """Calls and runs of each side, warm-up left out."""

    def __init__(self) -> None:
        self._samples: tuple[list[Sample], list[Sample]] = ([], [])
        self._run_ns: tuple[list[int], list[int]] = ([], [])

    def add(self, side: int, number: int, samples: tuple[Sample, ...], run_ns: int) -> None:
        if number >= 0:
            self._samples[side].extend(samples)
            self._run_ns[side].append(run_ns)

    def result(self, names: tuple[str, str], gates: tuple[Gate, ...]) -> PairResult:
        a, b = (
            ProfileResult(samples, run_ns)
            for samples, run_ns in zip(self._samples, self._run_ns, strict=True)
        )
        return PairResult(a, b, names, gates)


def _phase(number: int) -> Phase:
    return Phase.CALL if number >= 0 else Phase.WARMUP


def _body(target: Target, open_calls: _OpenCalls) -> AbstractAsyncContextManager[Callable[[], Any]]:
    return open_calls(*job_of(target)) if isinstance(target, Mapping) else nullcontext(target)


def _compared(result: PairResult) -> PairResult:
    if result.comparison.failed:
        raise BudgetBroken(explain_pair(result))
    return result
