"""Evidence: the calls and runs of one test, sorted by what each kind of budget may look at."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from llm_latency_lens.samples import Phase, Sample

__all__ = ["Evidence"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    What one test did.

    Attributes:
        samples: Every call of the test: fixtures, warm-up and body.
        run_ns: Wall time of each run that counts, warm-up left out, in the order of their start.
        planned: Runs that were asked for; at least those that were made.
        is_capped: Whether runs were left out because they would have cost too much.
    """

    samples: tuple[Sample, ...] = ()
    run_ns: tuple[int, ...] = ()
    planned: int = 0
    is_capped: bool = False

    @property
    def body(self) -> tuple[Sample, ...]:
        """The calls that latency, rates and counts are judged on: no fixture, no warm-up."""
        return tuple(sample for sample in self.samples if sample.phase is Phase.CALL)

    def only(self, covers: Callable[[Sample], bool]) -> "Evidence":
        """Return the evidence of the calls that *covers* accepts; the runs stay."""
        return replace(self, samples=tuple(filter(covers, self.samples)))

    @property
    def n_max(self) -> int:
        """The most runs that could have been counted, at least one."""
        return max(self.planned, len(self.run_ns), 1)

    @property
    def saved_runs(self) -> int:
        """Runs that were asked for and not made."""
        return max(self.planned - len(self.run_ns), 0)

    @property
    def saved_usd(self) -> Decimal | None:
        """What they would have cost at the mean of those made; None where that is unknown."""
        body = self.body
        if not self.saved_runs or not self.run_ns or any(one.cost is None for one in body):
            return None
        spent = replace(self, samples=body).spent_usd
        return spent / len(self.run_ns) * self.saved_runs

    @property
    def runs_without_call(self) -> int:
        """
        How many runs made no call at all, as a cached answer does.

        Zero where a call cannot be told to belong to one of several runs in progress.
        """
        runs = {sample.run for sample in self.body}
        return 0 if min(runs, default=0) < 0 else max(len(self.run_ns) - len(runs), 0)

    @property
    def most_calls_in_a_run(self) -> int:
        """The largest number of calls that one run made."""
        return max(Counter(sample.run for sample in self.body).values(), default=0)

    @property
    def spent_usd(self) -> Decimal:
        """Cost of every call with a known price, fixtures and warm-up included."""
        return sum(
            (sample.cost.total_usd for sample in self.samples if sample.cost), start=Decimal(0)
        )
