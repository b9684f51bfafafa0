"""ItemRun: one test under observation, from its setup to its report."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict

import pytest

from llm_latency_lens.budgets import Evidence, Plan, Sampling, Verdict, judge_all
from llm_latency_lens.capture import open_scope
from llm_latency_lens.clock import SystemClock
from llm_latency_lens.codec import to_rows
from llm_latency_lens.pytest_plugin.doubts import impossible_passes, open_budgets
from llm_latency_lens.pytest_plugin.recorder import Recorder
from llm_latency_lens.pytest_plugin.reporting import REPORT_ATTRIBUTE
from llm_latency_lens.reports import explain_failure
from llm_latency_lens.results import NOTHING_SAVED, Saving
from llm_latency_lens.samples import Phase, Sample

__all__ = ["ItemRun"]

_now_ns = SystemClock.now_ns


class ItemRun:
    """
    One execution of a test: its scope, its plan, what it did.

    A rerun of the test makes a new one.
    """

    def __init__(self, item: pytest.Item, node_id: str, plan: Plan, recorder: Recorder) -> None:
        plan = Plan() if recorder.is_disabled else plan
        self.item = item
        self.node_id = node_id
        self.plan = plan
        self.recorder = recorder
        self.scope = recorder.new_scope(node_id, Phase.SETUP)
        self.samples: list[Sample] = []
        self.run_ns: list[int] = []
        self.verdicts: tuple[Verdict, ...] = ()
        self.saved = NOTHING_SAVED
        self._iterations = plan.iterations or 1
        self._sampling = Sampling(plan.budgets, plan.certainty, self._iterations)
        self._unsent: list[Sample] = []
        self._watching = ExitStack()

    def start(self) -> None:
        """Watch from here on: fixtures, body and fixtures again, until the teardown is over."""
        for warning in impossible_passes(self.plan, self._iterations):
            self.item.warn(warning)
        self._watching.enter_context(self.recorder.watching())
        self._watching.enter_context(open_scope(self.scope))

    def stop(self) -> None:
        """Stop watching; a second time it does nothing."""
        self._watching.close()

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Watch the body, run as often as the plan says."""
        self._collect()
        self.scope.phase = Phase.CALL
        once = self.item.runtest
        self.item.runtest = self._repeated(once)  # type: ignore[method-assign]
        try:
            yield
        finally:
            del self.item.runtest
            self._collect()

    @contextmanager
    def tearing_down(self) -> Iterator[None]:
        """Watch the fixtures on their way out, then close the scope."""
        self._collect()
        self.scope.phase = Phase.TEARDOWN
        try:
            yield
        finally:
            self._collect()
            self.stop()

    def judge(self) -> None:
        """
        Judge the budgets of a body that passed.

        Raises:
            pytest.fail.Exception: A budget does not hold.
        """
        if _has_failed(self.item):
            return
        evidence = Evidence(
            tuple(self.samples), tuple(self.run_ns), self._iterations, self._sampling.is_capped
        )
        self.verdicts = judge_all(self.plan.budgets, evidence, self.plan.certainty)
        self.saved = self.saved.merge(Saving.of(evidence))
        self.recorder.listeners.hear_verdicts(self.node_id, self.verdicts)
        if any(verdict.failed for verdict in self.verdicts):
            pytest.fail(explain_failure(self.verdicts, self.samples), pytrace=False)
        for warning in open_budgets(self.verdicts):
            self.item.warn(warning)

    def save(self, saving: Saving) -> None:
        """Add what a profile inside the test did not have to do."""
        self.saved = self.saved.merge(saving)

    def put_on(self, report: pytest.TestReport) -> None:
        """Hang on the report what was measured since the last one, as one JSON string."""
        self._collect()
        unsent = [*self._unsent, *self.recorder.take_late()]
        self._unsent = []
        content: dict[str, object] = {
            "node_id": self.node_id,
            "samples": to_rows(unsent),
            "run_ns": self.run_ns if report.when == "call" else (),
            "saved_runs": self.saved.runs,
            "saved_usd": None if self.saved.usd is None else str(self.saved.usd),
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
        }
        if unsent or report.when == "call":
            setattr(report, REPORT_ATTRIBUTE, json.dumps(content))

    def _repeated(self, once: Callable[[], object]) -> Callable[[], None]:
        warmup = self.plan.warmup or 0

        def runtest() -> None:
            # Fixtures cost money too.
            self._sampling.spent(self.samples, is_run=False)
            for number in range(-warmup, self._iterations):
                if not self._wants(number):
                    continue
                self.scope.phase = Phase.CALL if number >= 0 else Phase.WARMUP
                self.scope.run = max(number, 0)
                started = _now_ns()
                once()
                ended = _now_ns()
                _ready_again(self.item)
                # A unittest case keeps its exception to itself.
                if _has_failed(self.item):
                    return
                fresh = self._collect()
                self._sampling.spent(fresh, is_run=True)
                if number >= 0:
                    self.run_ns.append(ended - started)
                    self._sampling.ended(number, ended - started, fresh)

        return runtest

    def _wants(self, number: int) -> bool:
        """Whether another run is wanted; the first that counts always is."""
        if number == 0:
            return True
        return self._sampling.may_cost() and not self._sampling.is_settled()

    def _collect(self) -> list[Sample]:
        self.recorder.settle(self.scope)
        fresh = self.recorder.priced(self.scope.take())
        self.recorder.hear(fresh)
        self.samples += fresh
        self._unsent += fresh
        return fresh


def _ready_again(item: pytest.Item) -> None:
    # An IsolatedAsyncioTestCase closes the loop of its run and refuses to make another.
    case = getattr(item, "instance", None)
    if getattr(case, "_asyncioRunner", None) is not None:
        case._asyncioRunner = None  # type: ignore[union-attr]  # noqa: SLF001 - unittest offers no other way


def _has_failed(item: pytest.Item) -> bool:
    return bool(getattr(item, "_excinfo", None))
