"""RunResult: everything that one session measured, as reports receive it."""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from llm_latency_lens.baselines import Comparison
from llm_latency_lens.budgets import Ruling, Verdict
from llm_latency_lens.metrics import Aggregate
from llm_latency_lens.results.saving import NOTHING_SAVED, Saving
from llm_latency_lens.samples import Phase, Sample

__all__ = ["Group", "RunResult", "Spending", "TestResult"]


@dataclass(frozen=True, slots=True)
class Spending:
    """
    A cost cap and what the session did under it.

    Attributes:
        cap_usd: What it could spend.
        spent_usd: Cost of the calls that ended.
        reserved_usd: Worst case of those that did not, as when their process died.
        refused_calls: Calls that were not sent.
    """

    cap_usd: Decimal
    spent_usd: Decimal
    reserved_usd: Decimal
    refused_calls: int


@dataclass(frozen=True, slots=True)
class TestResult:
    """
    One test, as far as the lens saw it.

    Attributes:
        node_id: pytest's name of the test.
        outcome: ``passed``, ``failed`` or ``skipped``, as pytest reports it.
        runs: How often its body was run, warm-up left out.
        verdicts: What became of its budgets.
        saved: Runs that it did not need.
        run_ns: Wall time of each of its runs.
    """

    __test__ = False  # a value, whatever pytest thinks of its name

    node_id: str
    outcome: str
    runs: int
    verdicts: tuple[Verdict, ...] = ()
    saved: Saving = NOTHING_SAVED
    run_ns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The calls to one model of one provider."""

    provider: str
    model: str
    aggregate: Aggregate

    def holds(self, sample: Sample) -> bool:
        """Whether the call is one of them."""
        names = (sample.provider, sample.requested_model)
        return sample.phase is Phase.CALL and names == (self.provider, self.model)


@dataclass(frozen=True, slots=True)
class RunResult:
    """
    One session: all workers together.

    Attributes:
        samples: Every call: fixtures, warm-up and test bodies.
        tests: The tests that made calls or carried budgets.
        environment: Where it ran: versions and platform.
        wall_ns: Start of the session in nanoseconds since the Unix epoch.
        workers: Number of processes that ran tests.
        comparison: The session held against an earlier one; None where that was not asked for.
        partial: Why calls or tests are missing, in sentences; empty when none are.
        verdicts: What became of the budgets of the session as a whole.
        spending: The cost cap and what was spent under it; None without a cap.
    """

    samples: tuple[Sample, ...] = ()
    tests: tuple[TestResult, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    wall_ns: int = 0
    workers: int = 1
    comparison: Comparison | None = None
    partial: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    spending: Spending | None = None

    @property
    def judged(self) -> tuple[Sample, ...]:
        """The calls of test bodies, on which latency and rates are shown."""
        return tuple(one for one in self.samples if one.phase is Phase.CALL)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Calls of test bodies by provider and requested model, in that order."""
        members: dict[tuple[str, str], list[Sample]] = {}
        for one in self.judged:
            members.setdefault((one.provider, one.requested_model), []).append(one)
        return tuple(
            Group(provider, model, Aggregate.of(calls))
            for (provider, model), calls in sorted(members.items())
        )

    @property
    def total(self) -> Aggregate:
        """The aggregate of every call, fixtures and warm-up included."""
        return Aggregate.of(self.samples)

    def count(self, ruling: Ruling) -> int:
        """Return the number of budgets, of tests and of the session, that were ruled so."""
        verdicts = (*self.verdicts, *(one for test in self.tests for one in test.verdicts))
        return sum(one.ruling is ruling for one in verdicts)

    @property
    def saved(self) -> Saving:
        """Runs that no test needed."""
        return functools.reduce(Saving.merge, (test.saved for test in self.tests), NOTHING_SAVED)

    @property
    def family_risk(self) -> tuple[int, float]:
        """
        Number of verdicts with a confidence, and the most likely that one of them is wrong.

        That chance is at most the sum of theirs (Boole), whatever they have in common.
        """
        sure = [
            one.confidence
            for test in self.tests
            for one in test.verdicts
            if one.confidence is not None
        ]
        return len(sure), min(math.fsum(1 - one for one in sure), 1.0)
