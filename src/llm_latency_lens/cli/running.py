"""Running: a plan to its end, with its progress, Ctrl-C, output and exit code."""

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from llm_latency_lens.cli.options import Plan
from llm_latency_lens.errors import CaptureError, ConfigurationError, UsageError

if TYPE_CHECKING:
    from llm_latency_lens.budgets import Verdict
    from llm_latency_lens.profiler import CallEnded, LatencyProfiler, RequestResult
    from llm_latency_lens.results import ProfileResult
    from llm_latency_lens.samples import Sample

__all__ = ["carry_out", "telling_faults"]

_KEPT, _BROKEN, _USAGE, _UNREACHABLE, _INTERRUPTED = 0, 1, 2, 3, 130
Run = Callable[["LatencyProfiler"], Awaitable["tuple[RequestResult, ...]"]]


@contextmanager
def telling_faults() -> Iterator[None]:
    """Tell what the user has to change and exit with 2."""
    try:
        yield
    except (ConfigurationError, UsageError, CaptureError) as fault:
        click.echo(f"llm-latency-lens: {fault}", err=True)
        sys.exit(_USAGE)


def carry_out(plan: Plan, run: Run) -> int:
    """
    Carry *plan* out with *run*, print the result, and return the exit code.

    0: budgets kept. 1: one is broken. 3: the provider could not be reached. 130: interrupted.

    Raises:
        ConfigurationError: An SDK is missing or refuses its configuration.
    """
    import asyncio  # noqa: PLC0415 - the command answers --help at once

    from llm_latency_lens.budgets import Evidence, judge_all  # noqa: PLC0415 - as above
    from llm_latency_lens.cli.progress import progress_shown  # noqa: PLC0415 - as above

    samples: list[Sample] = []

    def keep(event: "CallEnded") -> None:
        samples.append(event.result)

    plan.profiler.on("result", keep)
    interrupts: list[int] = []
    is_shown = plan.progress == "always" or (plan.progress == "auto" and _is_watched())
    with progress_shown(plan.profiler, is_shown=is_shown, is_needed=plan.progress == "always"):
        requests = asyncio.run(_interruptible(plan.profiler, run, interrupts))
    result = plan.profiler.result
    assert result is not None
    verdicts = judge_all(plan.budgets, Evidence(tuple(samples), result.run_ns))
    _print(plan, result, samples, verdicts, requests)
    if interrupts:
        return _INTERRUPTED
    if result.samples and all(_is_unreached(one) for one in result.samples):
        click.echo(
            "llm-latency-lens: the provider could not be reached: no call got an answer; "
            "check base_url and the network",
            err=True,
        )
        return _UNREACHABLE
    return _BROKEN if any(verdict.failed for verdict in verdicts) else _KEPT


async def _interruptible(profiler: "LatencyProfiler", run: Run, interrupts: list[int]) -> Any:
    """Stop the run at the first Ctrl-C, and break off its calls at the second."""
    from anyio import create_task_group, open_signal_receiver  # noqa: PLC0415 - as above

    async def listen() -> None:
        with open_signal_receiver(signal.SIGINT) as signals:
            async for number in signals:
                interrupts.append(number)
                profiler.stop(now=len(interrupts) > 1)
                if len(interrupts) == 1:
                    click.echo(
                        "stopping when the calls in progress have ended; Ctrl-C breaks them off",
                        err=True,
                    )

    faults: list[Exception] = []
    requests: tuple[RequestResult, ...] = ()
    async with create_task_group() as tasks:
        tasks.start_soon(listen)
        try:
            requests = await run(profiler)
        except Exception as fault:
            # A task group would wrap it in a group.
            faults.append(fault)
        tasks.cancel_scope.cancel()
    if faults:
        raise faults[0]
    return requests


def _is_watched() -> bool:
    return sys.stderr.isatty() and not os.environ.get("CI")


def _is_unreached(sample: "Sample") -> bool:
    return sample.outcome.failed and all(one.outcome.http_status is None for one in sample.attempts)


def _print(
    plan: Plan,
    result: "ProfileResult",
    samples: "Sequence[Sample]",
    verdicts: "Sequence[Verdict]",
    requests: "tuple[RequestResult, ...]",
) -> None:
    from llm_latency_lens.reports import (  # noqa: PLC0415 - as above
        make_profile_document,
        summarise_profile,
    )

    parts = [(each.request.metadata, each.request.label, each.result) for each in requests]
    if plan.is_json:
        import json  # noqa: PLC0415 - as above

        document = make_profile_document(result, samples, verdicts, parts, keeps_raw=plan.is_raw)
        click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    for line in summarise_profile(result, samples, verdicts, parts):
        click.echo(line)
