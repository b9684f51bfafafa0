"""
How often budgets pass and fail that should or should not, on real calls, against the exact rates.

A simulated provider answers at once or, with a scripted probability, late; the budget on p95 lies
between. Each line is one set of tests, each a profile with its own calls over a real socket. How
to read it: ``exact`` is the share of tests that the rule breaks or keeps if calls are late by the
script alone, and ``range`` the counts that lie within 99.9 % of that; a count outside is marked
with ``!``. ``late`` is the share of calls that were seen above the limit: more than scripted means
that this machine was late itself, and then the counts mean nothing. ``calls`` were made, ``saved``
were not needed. The last line has ten calls in flight, whose late ones are the last to end.

The default leaves room for a machine that others use; one at rest does with
``--tasks 8 --limit-ms 100 --late-ms 160``.

    python benchmarks/flakiness.py [--tests 300] [--tasks 20] [--limit-ms 800] [--late-ms 900]
                                   [--cases 1 2 ...]
"""

import argparse
import asyncio
import itertools
import math
import time
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from llm_latency_lens.baselines import Folder
from llm_latency_lens.budgets import Ruling, Verdict
from llm_latency_lens.capture import Scope, open_scope
from llm_latency_lens.errors import BudgetBroken, LensWarning
from llm_latency_lens.pytest_plugin.baselines import BaselineBudgets
from llm_latency_lens.pytest_plugin.lens import Lens
from llm_latency_lens.pytest_plugin.listeners import Listeners
from llm_latency_lens.pytest_plugin.recorder import Recorder
from llm_latency_lens.results import Saving
from llm_latency_lens.samples import Sample
from llm_latency_lens.simulator import Simulator, start_simulator
from llm_latency_lens.verdicts import Rates, curtailed, sequential
from llm_latency_lens.wiring import make_observer, make_price_book

AT_ONCE_MS = 1
ALLOWED = 0.05
CONFIDENCE = 0.95
_NO_BASELINES = BaselineBudgets(Folder(Path(".lens")), skips_missing=True)
OUTSIDE = 0.001


@dataclass(frozen=True)
class Case:
    """One set of tests."""

    multiple: float
    n_max: int
    is_sure: bool
    in_flight: int = 1

    @property
    def share(self) -> float:
        """The scripted share of late calls."""
        return self.multiple * ALLOWED

    def exact(self) -> Rates:
        """Return what the rule does in the long run."""
        if self.is_sure:
            return sequential("0.95", CONFIDENCE, self.n_max).rates(self.share)
        rates = curtailed("0.95", self.n_max).rates(self.share)
        # Plain verdicts make all their calls.
        return Rates(rates.fails, rates.passes, self.n_max)


CASES = [
    *(
        Case(multiple, n_max, is_sure)
        for n_max, multiple, is_sure in itertools.product((20, 100), (0.2, 5), (False, True))
    ),
    Case(2, 100, is_sure=True, in_flight=10),
]


class Nobody(Listeners):
    """No hooks of others: there is no pytest around the tests of a benchmark."""

    def __init__(self) -> None:
        pass

    def price(self, sample: Sample) -> None:
        """Know no price."""

    def hear_samples(self, samples: Iterable[Sample]) -> None:
        """Hear nothing."""

    def hear_verdicts(self, node_id: str, verdicts: Iterable[Verdict]) -> None:
        """Hear nothing."""


class Tests:
    """The tests of one case, and what became of them."""

    def __init__(
        self, case: Case, limit_ms: int, recorder: Recorder, client: httpx.AsyncClient
    ) -> None:
        self.case = case
        self._limit_ms = limit_ms
        self.rulings: Counter[Ruling] = Counter()
        self.calls = self.late = self.saved = 0
        self._recorder = recorder
        self._client = client

    async def one(self) -> None:
        """Make one test: a profile of its own."""
        case = self.case
        scope = Scope("flakiness")
        words: dict[str, Any] = {"p95": f"{self._limit_ms}ms"}
        if case.is_sure:
            words["confidence"] = CONFIDENCE
        with open_scope(scope, in_task=True):
            lens = Lens(self._recorder, scope, self._note, _NO_BASELINES)
            try:
                result = await lens.aprofile(
                    self.ask, iterations=case.n_max, concurrency=case.in_flight, **words
                )
                self.rulings[result.verdicts[0].ruling] += 1
            except BudgetBroken:
                self.rulings[Ruling.BROKEN] += 1
        calls = scope.take()
        self.calls += len(calls)
        self.late += sum(one.latency_ns > self._limit_ms * 1_000_000 for one in calls)

    def _note(self, saving: Saving) -> None:
        self.saved += saving.runs

    async def ask(self) -> None:
        """Make one call."""
        answer = await self._client.post(
            "chat/completions",
            json={"model": "late", "messages": [{"role": "user", "content": "hi"}]},
        )
        answer.raise_for_status()


async def in_tasks(work: Callable[[], Awaitable[None]], times: int, tasks: int) -> None:
    """Do the same thing so many times, so many at once."""
    left = iter(range(times))

    async def worker() -> None:
        for _ in left:
            await work()

    await asyncio.gather(*(worker() for _ in range(tasks)))


def likely_counts(chance: float, tests: int) -> tuple[int, int]:
    """Return the least and greatest count that are not in the outer 0.1 %."""
    row = [math.comb(tests, k) * chance**k * (1 - chance) ** (tests - k) for k in range(tests + 1)]
    below = list(itertools.accumulate(row))
    least = next(k for k, upto in enumerate(below) if upto > OUTSIDE / 2)
    most = next(k for k, upto in enumerate(below) if upto >= 1 - OUTSIDE / 2)
    return least, most


async def measure(
    simulator: Simulator, case: Case, arguments: argparse.Namespace, seed: int
) -> Tests:
    """Return one case, measured."""
    simulator.script("late", latency=AT_ONCE_MS, output_tokens=1)
    delay = {"fast": AT_ONCE_MS, "slow": arguments.late_ms, "slow_share": case.share}
    recorder = Recorder(make_observer(()), make_price_book(None), Nobody(), is_disabled=False)
    recorder.name_host(simulator.host, ("openai",))
    at_once = max(arguments.tasks // case.in_flight, 1)
    async with AsyncExitStack() as stack:
        stack.enter_context(recorder.watching())
        client = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=simulator.base_url,
                timeout=30,
                # A connection that is opened anew may wait a second for its handshake.
                limits=httpx.Limits(max_keepalive_connections=None),
            )
        )
        found = Tests(case, arguments.limit_ms, recorder, client)
        # Connections and the rule are there before the first test.
        await asyncio.gather(*(found.ask() for _ in range(at_once * case.in_flight)))
        case.exact()
        simulator.script("late", latency={"bimodal": delay}, output_tokens=1, seed=seed)
        await in_tasks(found.one, arguments.tests, at_once)
    return found


def lines(found: Tests, tests: int, seconds: float) -> Iterator[str]:
    """Yield the line of one case for each side."""
    case, exact = found.case, found.case.exact()
    rule = "sequential" if case.is_sure else "plain"
    where = f"{case.in_flight} in flight" if case.in_flight > 1 else ""
    for ruling, chance in ((Ruling.BROKEN, exact.fails), (Ruling.KEPT, exact.passes)):
        count = found.rulings[ruling]
        least, most = likely_counts(chance, tests)
        mark = " " if least <= count <= most else "!"
        yield (
            f"{case.multiple:>4}x {case.n_max:>5}  {rule:<10} {ruling.value:<6} "
            f"{count:>5}{mark} {chance * 100:>8.3f} % {f'{least}-{most}':>9} {where}"
        )
    late = found.late / found.calls
    yield (
        f"        late {late * 100:.2f} % (scripted {case.share * 100:.2f} %), "
        f"calls {found.calls} (exact {exact.mean_n * tests:.0f}), saved {found.saved} "
        f"({found.saved / case.n_max / tests:.0%}), {seconds:.0f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--tests", type=int, default=300)
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--limit-ms", type=int, default=800)
    parser.add_argument("--late-ms", type=int, default=900)
    numbers = range(1, len(CASES) + 1)
    parser.add_argument("--cases", type=int, nargs="*", default=list(numbers), choices=numbers)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    # That a pass is impossible with 20 calls is part of what is measured.
    warnings.simplefilter("ignore", LensWarning)
    print(
        f"p95 <= {arguments.limit_ms} ms, {arguments.tests} tests a case; "
        f"late calls take {arguments.late_ms} ms"
    )
    print("share n_max  rule       ruling  seen        exact     range")
    with start_simulator() as simulator:
        for number in arguments.cases:
            case = CASES[number - 1]
            started = time.perf_counter()
            found = asyncio.run(measure(simulator, case, arguments, arguments.seed + number))
            for line in lines(found, arguments.tests, time.perf_counter() - started):
                print(line, flush=True)


if __name__ == "__main__":
    main()
