"""Progress: how a run goes, on a terminal."""

import math
from bisect import insort
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from llm_latency_lens.budgets import amount
from llm_latency_lens.errors import MissingExtra
from llm_latency_lens.metrics import rank
from llm_latency_lens.samples import Sample

if TYPE_CHECKING:
    from llm_latency_lens.profiler import CallEnded, LatencyProfiler, Progress, Started

__all__ = ["SoFar", "progress_shown"]

_NS_PER_MS = 1_000_000


class SoFar:
    """What a run has come to so far."""

    __slots__ = ("_failed", "_latencies_ns", "_spent_usd", "_unpriced")

    def __init__(self) -> None:
        self._latencies_ns: list[float] = []
        self._failed = 0
        self._spent_usd = Decimal(0)
        self._unpriced = 0

    def add(self, sample: Sample) -> None:
        """Take a call that counts."""
        self._failed += sample.outcome.failed
        insort(self._latencies_ns, math.inf if sample.outcome.failed else sample.latency_ns)

    def pay(self, sample: Sample) -> None:
        """Take what a call cost, warm-up or not."""
        if sample.cost is None:
            self._unpriced += 1
        else:
            self._spent_usd += sample.cost.total_usd

    def __str__(self) -> str:
        parts = []
        if self._latencies_ns:
            parts = [f"p50 {self._at('0.5')}", f"p95 {self._at('0.95')}"]
        if self._failed:
            parts.append(f"{self._failed} failed")
        more = ">" if self._unpriced and self._spent_usd else ""
        is_known = bool(self._spent_usd) or not self._unpriced
        parts.append(more + amount(float(self._spent_usd), "usd") if is_known else "cost unknown")
        return "  ".join(parts)

    def _at(self, q: str) -> str:
        value = self._latencies_ns[rank(q, len(self._latencies_ns)) - 1]
        return "failed" if value == math.inf else amount(value / _NS_PER_MS, "ms")


@contextmanager
def progress_shown(
    profiler: "LatencyProfiler", *, is_shown: bool, is_needed: bool
) -> Iterator[None]:
    """
    Show the progress of *profiler* on the terminal (standard error) within the block.

    Raises:
        MissingExtra: It *is_needed*, and rich is not installed.
    """
    if not is_shown:
        yield
        return
    try:
        from rich import progress as bars  # noqa: PLC0415 - an extra
        from rich.console import Console  # noqa: PLC0415 - as above
    except ImportError as fault:
        if is_needed:
            raise MissingExtra(
                'progress needs rich: pip install "llm-latency-lens[progress]"'
            ) from fault
        yield
        return
    so_far = SoFar()
    with bars.Progress(
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        _rate_column(),
        bars.TextColumn("{task.description}"),
        bars.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as shown:
        task = shown.add_task("", total=None)

        def begin(event: "Started") -> None:
            shown.update(task, total=event.total_iterations)

        def pay(event: "CallEnded") -> None:
            so_far.pay(event.result)

        def advance(event: "Progress") -> None:
            so_far.add(event.sample)
            shown.update(task, completed=event.completed, description=str(so_far))

        profiler.on("start", begin).on("result", pay).on("progress", advance)
        yield


def _rate_column() -> Any:
    from rich.progress import ProgressColumn, Task  # noqa: PLC0415 - an extra
    from rich.text import Text  # noqa: PLC0415 - an extra

    class Rate(ProgressColumn):
        """Calls a second, over the last of them."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.3g}/s" if task.speed else "")

    return Rate()
