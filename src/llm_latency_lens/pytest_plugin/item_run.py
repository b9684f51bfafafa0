"""ItemRun: one test under observation, from its setup to its report."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from decimal import Decimal

import pytest

from llm_latency_lens.budgets import Evidence, Plan, Verdict, judge_all
from llm_latency_lens.capture import open_scope
from llm_latency_lens.clock import SystemClock
from llm_latency_lens.codec import encode_samples
from llm_latency_lens.pytest_plugin.recorder import Recorder
from llm_latency_lens.pytest_plugin.reporting import REPORT_ATTRIBUTE
from llm_latency_lens.reports import explain_failure
from llm_latency_lens.samples import Phase, Sample

__all__ = ["ItemRun"]

_now_ns = SystemClock.now_ns


class ItemRun:
    """
    One execution of a test: its scope, its plan, what it did.

    A rerun of the test makes a new one.
    """

    def __init__(self, item: pytest.Item, node_id: str, plan: Plan, recorder: Recorder) -> None:
        self.item = item
        self.node_id = node_id
        self.plan = plan
        self.recorder = recorder
        self.scope = recorder.new_scope(node_id, Phase.SETUP)
        self.samples: list[Sample] = []
        self.run_ns: list[int] = []
        self.verdicts: tuple[Verdict, ...] = ()
        self._unsent: list[Sample] = []
        self._watching = ExitStack()

    def start(self) -> None:
        """Watch from here on: fixtures, body and fixtures again, until the teardown is over."""
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
        if self.recorder.is_disabled or _has_failed(self.item):
            return
        evidence = Evidence(tuple(self.samples), tuple(self.run_ns))
        self.verdicts = judge_all(self.plan.budgets, evidence)
        self.recorder.listeners.hear_verdicts(self.node_id, self.verdicts)
        if any(verdict.failed for verdict in self.verdicts):
            pytest.fail(explain_failure(self.verdicts, self.samples), pytrace=False)

    def put_on(self, report: pytest.TestReport) -> None:
        """Hang on the report what was measured since the last one, as one JSON string."""
        self._collect()
        unsent = [*self._unsent, *self.recorder.take_late()]
        self._unsent = []
        content: dict[str, object] = {
            "node_id": self.node_id,
            "samples": encode_samples(unsent),
            "run_ns": self.run_ns if report.when == "call" else (),
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
        }
        if unsent or report.when == "call":
            setattr(report, REPORT_ATTRIBUTE, json.dumps(content))

    def _repeated(self, once: Callable[[], object]) -> Callable[[], None]:
        plan = self.plan
        warmup, iterations = plan.warmup or 0, plan.iterations or 1
        if self.recorder.is_disabled:
            warmup, iterations = 0, 1

        def runtest() -> None:
            for number in range(-warmup, iterations):
                self.scope.phase = Phase.CALL if number >= 0 else Phase.WARMUP
                self.scope.run = max(number, 0)
                started = _now_ns()
                once()
                ended = _now_ns()
                _ready_again(self.item)
                # A unittest case keeps its exception to itself.
                if _has_failed(self.item):
                    return
                if number >= 0:
                    self.run_ns.append(ended - started)
                self._collect()
                if self._is_above_cap():
                    return

        return runtest

    def _is_above_cap(self) -> bool:
        caps = [one.limit for one in self.plan.budgets if one.word.name == "cost"]
        if not caps or self.recorder.is_disabled:
            return False
        spent = Evidence(tuple(self.samples)).spent_usd
        return any(spent > Decimal(str(cap)) for cap in caps)

    def _collect(self) -> None:
        self.recorder.settle(self.scope)
        fresh = self.recorder.priced(self.scope.take())
        self.recorder.hear(fresh)
        self.samples += fresh
        self._unsent += fresh


def _ready_again(item: pytest.Item) -> None:
    # An IsolatedAsyncioTestCase closes the loop of its run and refuses to make another.
    case = getattr(item, "instance", None)
    if getattr(case, "_asyncioRunner", None) is not None:
        case._asyncioRunner = None  # type: ignore[union-attr]  # noqa: SLF001 - unittest offers no other way


def _has_failed(item: pytest.Item) -> bool:
    return bool(getattr(item, "_excinfo", None))
