"""Running: a plan to its end, with its progress, Ctrl-C, output and exit code."""

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import click

from llm_latency_lens.cli.options import Plan

if TYPE_CHECKING:
    from llm_latency_lens.budgets import Verdict
    from llm_latency_lens.profiler import LatencyProfiler, RequestResult, Stop
    from llm_latency_lens.results import ProfileResult
    from llm_latency_lens.samples import Sample

__all__ = ["carry_out"]

_KEPT, _BROKEN, _UNREACHABLE, _NOT_SETTLED, _INTERRUPTED = 0, 1, 3, 4, 130
Run = Callable[["LatencyProfiler", "Stop"], Awaitable["tuple[RequestResult, ...]"]]


def carry_out(plan: Plan, run: Run, requests: int = 1) -> int:
    """
    Carry *plan* out with *run*, print the result, and return the exit code.

    0: budgets kept. 1: one is broken, or no call succeeded. 3: the provider could not be reached.
    4: one is not settled, where that was asked to fail. 130: interrupted.

    Raises:
        ConfigurationError: An SDK is missing or refuses its configuration.
    """
    import asyncio  # noqa: PLC0415 - the command answers --help at once

    from llm_latency_lens.budgets import (  # noqa: PLC0415 - as above
        Evidence,
        Sampling,
        judge_all,
        why_no_pass,
    )
    from llm_latency_lens.capture import Scope, in_scope  # noqa: PLC0415 - as above
    from llm_latency_lens.cli.progress import progress_shown  # noqa: PLC0415 - as above
    from llm_latency_lens.profiler import Stopping  # noqa: PLC0415 - as above

    profiler = plan.profiler
    planned = requests * len(profiler.targets) * profiler.configuration.iterations
    for budget in plan.budgets:
        if reason := why_no_pass(budget, plan.certainty, planned):
            _say(reason)
    sampling = Sampling(plan.budgets, plan.certainty, planned)
    interrupts: list[int] = []
    is_shown = plan.progress == "always" or (plan.progress == "auto" and _is_watched())
    with (
        in_scope(Scope()) as scope,
        progress_shown(profiler, is_shown=is_shown, is_needed=plan.progress == "always"),
    ):
        until = Stopping(sampling, scope, underway=profiler.underway)
        parts = asyncio.run(_interruptible(profiler, run, until, interrupts))
    result, samples = profiler.result, scope.take()
    assert result is not None
    evidence = Evidence(samples, result.run_ns, planned, sampling.is_capped)
    verdicts = judge_all(plan.budgets, evidence, plan.certainty)
    _print(plan, result, samples, verdicts, parts)
    return _INTERRUPTED if interrupts else _code_of(result, verdicts)


def _code_of(result: "ProfileResult", verdicts: "Sequence[Verdict]") -> int:
    from llm_latency_lens.budgets import Ruling  # noqa: PLC0415 - as above

    if result.samples and all(_is_unreached(one) for one in result.samples):
        _say(
            "the provider could not be reached: no call got an answer; "
            "check base_url and the network"
        )
        return _UNREACHABLE
    if result.samples and all(one.outcome.failed for one in result.samples):
        _say("no call succeeded; if the provider refused them, check the key and the model")
        return _BROKEN
    failed = {verdict.ruling for verdict in verdicts if verdict.failed}
    if failed == {Ruling.NOT_SETTLED}:
        return _NOT_SETTLED
    return _BROKEN if failed else _KEPT


async def _interruptible(
    profiler: "LatencyProfiler", run: Run, until: "Stop", interrupts: list[int]
) -> "tuple[RequestResult, ...]":
    """Stop the run at the first Ctrl-C, and break off its calls at the second."""
    from anyio import create_task_group, open_signal_receiver  # noqa: PLC0415 - as above

    async def listen() -> None:
        with open_signal_receiver(signal.SIGINT) as signals:
            async for number in signals:
                interrupts.append(number)
                profiler.stop(now=len(interrupts) > 1)
                if len(interrupts) == 1:
                    _say("stopping when the calls in progress have ended; Ctrl-C breaks them off")

    faults: list[Exception] = []
    requests: tuple[RequestResult, ...] = ()
    async with create_task_group() as tasks:
        tasks.start_soon(listen)
        try:
            requests = await run(profiler, until)
        except Exception as fault:
            # A task group would wrap it in a group.
            faults.append(fault)
        tasks.cancel_scope.cancel()
    if faults:
        raise faults[0]
    return requests


def _say(message: str) -> None:
    click.echo(f"llm-latency-lens: {message}", err=True)


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
